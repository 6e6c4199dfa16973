import pytest

from accounts import profiles
from accounts.models import User
from accounts.profiles import ProfileChange
from challenges.models import Challenge, Reading, ReadingMoment
from recommendations import additional_recommendation, inputs, slates
from recommendations.additional_recommendation import AdditionalRecommendationMode
from stories.models import Story
from tests.recommendations.report_factories import NOW, publish_research_stories, take_reading

pytestmark = pytest.mark.django_db


@pytest.fixture
def stories(mo: User, the_conversation: Challenge) -> list[Story]:
    return publish_research_stories(the_conversation, 12, by=mo)


@pytest.fixture
def reading(ana: User, stories: list[Story], the_conversation: Challenge) -> Reading:
    profiles.update_profile(
        ana, ProfileChange(traits={"age": 20, "work_pattern": "days"}, matters={"age": 4})
    )
    take_reading(ana, the_conversation, 30, moment=ReadingMoment.BEFORE, at=NOW)
    return slates.reading_for_slate(ana, the_conversation.slug)


@pytest.mark.parametrize("mode", AdditionalRecommendationMode)
def test_an_extra_story_is_a_coping_story_that_is_not_on_the_slate(
    reading: Reading, mode: AdditionalRecommendationMode
) -> None:
    on_slate = set(slates.get_or_create_slate(reading, now=NOW).items.values_list("story_id", flat=True))
    for _ in range(12):
        picked = additional_recommendation.pick_additional_recommendation(reading, mode, now=NOW)
        assert picked is not None
        assert picked.story.pk not in on_slate
        assert picked.story.model_kind == "coping"


def test_a_random_extra_story_can_be_any_remaining_one(reading: Reading, stories: list[Story]) -> None:
    on_slate = set(slates.get_or_create_slate(reading, now=NOW).items.values_list("story_id", flat=True))
    not_on_slate = {story.pk for story in stories if story.model_kind == "coping"} - on_slate
    picked_keys = {
        picked.story.pk
        for _ in range(120)
        if (
            picked := additional_recommendation.pick_additional_recommendation(
                reading, AdditionalRecommendationMode.RANDOM, now=NOW
            )
        )
    }
    assert picked_keys == not_on_slate


def test_a_dissimilar_extra_story_is_one_of_the_three_least_similar(
    reading: Reading, stories: list[Story]
) -> None:
    on_slate = set(slates.get_or_create_slate(reading, now=NOW).items.values_list("story_id", flat=True))
    not_on_slate = {story.pk for story in stories if story.model_kind == "coping"} - on_slate
    story_scores = inputs.build_candidate_set(inputs.collect_slate_inputs(reading, now=NOW)).story_scores
    scores = dict(zip(story_scores.stories.keys, story_scores.scores.tolist(), strict=True))
    picked_keys = {
        picked.story.pk
        for _ in range(60)
        if (
            picked := additional_recommendation.pick_additional_recommendation(
                reading, AdditionalRecommendationMode.DISSIMILAR, now=NOW
            )
        )
    }
    assert len(picked_keys) == 3
    assert max(scores[key] for key in picked_keys) <= min(scores[key] for key in not_on_slate - picked_keys)


def test_an_extra_story_passes_the_gates(reading: Reading, stories: list[Story]) -> None:
    Story.objects.filter(pk__in=[story.pk for story in stories]).update(hidden=True)
    assert (
        additional_recommendation.pick_additional_recommendation(
            reading, AdditionalRecommendationMode.RANDOM, now=NOW
        )
        is None
    )


def test_there_is_no_extra_story_if_the_slate_has_all(
    ana: User, mo: User, the_conversation: Challenge
) -> None:
    publish_research_stories(the_conversation, 3, by=mo)
    take_reading(ana, the_conversation, 30, moment=ReadingMoment.BEFORE, at=NOW)
    assert (
        additional_recommendation.pick_additional_recommendation(
            slates.reading_for_slate(ana, the_conversation.slug),
            AdditionalRecommendationMode.DISSIMILAR,
            now=NOW,
        )
        is None
    )
