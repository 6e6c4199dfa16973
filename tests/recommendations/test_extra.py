import pytest

from accounts import profiles
from accounts.models import User
from accounts.profiles import ProfileChange
from challenges.models import Challenge, Reading, ReadingMoment
from recommendations import extra, inputs, slates
from recommendations.extra import ExtraStoryMode
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


@pytest.mark.parametrize("how", ExtraStoryMode)
def test_one_more_story_is_a_coping_one_that_the_slate_does_not_have(
    reading: Reading, how: ExtraStoryMode
) -> None:
    on_slate = set(slates.get_or_create_slate(reading, now=NOW).items.values_list("story_id", flat=True))
    for _ in range(12):
        picked = extra.pick_extra_story(reading, how, now=NOW)
        assert picked is not None
        assert picked.story.pk not in on_slate
        assert picked.story.model_kind == "coping"


def test_by_chance_any_that_is_left_may_come(reading: Reading, stories: list[Story]) -> None:
    on_slate = set(slates.get_or_create_slate(reading, now=NOW).items.values_list("story_id", flat=True))
    left = {story.pk for story in stories if story.model_kind == "coping"} - on_slate
    seen = {
        picked.story.pk
        for _ in range(120)
        if (picked := extra.pick_extra_story(reading, ExtraStoryMode.RANDOM, now=NOW))
    }
    assert seen == left


def test_somebody_unlike_is_among_the_three_least_alike(reading: Reading, stories: list[Story]) -> None:
    on_slate = set(slates.get_or_create_slate(reading, now=NOW).items.values_list("story_id", flat=True))
    left = {story.pk for story in stories if story.model_kind == "coping"} - on_slate
    likeness = inputs.candidate_set_for(inputs.slate_inputs(reading, now=NOW)).likeness
    alike = dict(zip(likeness.stories.keys, likeness.scores.tolist(), strict=True))
    seen = {
        picked.story.pk
        for _ in range(60)
        if (picked := extra.pick_extra_story(reading, ExtraStoryMode.DISSIMILAR, now=NOW))
    }
    assert len(seen) == 3
    assert max(alike[key] for key in seen) <= min(alike[key] for key in left - seen)


def test_the_gates_hold_for_one_more_story_too(reading: Reading, stories: list[Story]) -> None:
    Story.objects.filter(pk__in=[story.pk for story in stories]).update(hidden=True)
    assert extra.pick_extra_story(reading, ExtraStoryMode.RANDOM, now=NOW) is None


def test_there_may_be_none_left(ana: User, mo: User, the_conversation: Challenge) -> None:
    publish_research_stories(the_conversation, 3, by=mo)
    take_reading(ana, the_conversation, 30, moment=ReadingMoment.BEFORE, at=NOW)
    assert (
        extra.pick_extra_story(
            slates.reading_for_slate(ana, the_conversation.slug), ExtraStoryMode.DISSIMILAR, now=NOW
        )
        is None
    )
