from datetime import timedelta

import pytest

from accounts.models import User
from challenges.models import Challenge, ReadingMoment
from practice import browsing, negative_feedback
from practice.models import HiddenTeller, LessLike, Slate
from practice.negative_feedback import FeedbackOnOwnStory
from recommendations import slates
from recommendations.inputs import build_candidate_set, collect_slate_inputs
from stories import publishing
from stories.models import Story
from tests.recommendations.report_factories import NOW, publish_research_stories, take_reading

pytestmark = pytest.mark.django_db


@pytest.fixture
def stories(mo: User, the_conversation: Challenge) -> list[Story]:
    return publish_research_stories(the_conversation, 6, by=mo)


def current_slate(ana: User, challenge: Challenge) -> Slate:
    return slates.get_or_create_slate(slates.reading_for_slate(ana, challenge.slug), now=NOW)


def test_a_hidden_teller_is_excluded_until_unhidden(
    ana: User, stories: list[Story], the_conversation: Challenge
) -> None:
    take_reading(ana, the_conversation, 30, moment=ReadingMoment.BEFORE, at=NOW)
    first = current_slate(ana, the_conversation)
    teller = first.items.select_related("story__teller")[0].story.teller

    for _ in range(2):
        negative_feedback.hide_teller(teller, by=ana, now=NOW)
    second = current_slate(ana, the_conversation)
    assert second != first
    assert second.refused == {"hidden_teller": 1}
    assert not browsing.browsable_stories(ana).by_teller(teller).exists()

    negative_feedback.unhide_teller(teller, by=ana)
    assert current_slate(ana, the_conversation).refused == {}
    assert not HiddenTeller.objects.exists()


def test_a_less_like_story_is_excluded_and_penalises_similar_ones(
    ana: User, stories: list[Story], the_conversation: Challenge
) -> None:
    take_reading(ana, the_conversation, 30, moment=ReadingMoment.BEFORE, at=NOW)
    current_slate(ana, the_conversation)

    for _ in range(2):
        negative_feedback.add_less_like(stories[0], by=ana, now=NOW)

    assert current_slate(ana, the_conversation).refused == {"not_wanted": 1}
    inputs = collect_slate_inputs(slates.reading_for_slate(ana, the_conversation.slug), now=NOW)
    less_like = build_candidate_set(inputs).less_like
    assert [candidate.story.key for candidate in less_like] == [stories[0].pk]

    negative_feedback.remove_less_like(stories[0], by=ana)
    assert current_slate(ana, the_conversation).refused == {}


def test_a_withdrawn_less_like_story_is_ignored(
    ana: User, stories: list[Story], the_conversation: Challenge
) -> None:
    take_reading(ana, the_conversation, 30, moment=ReadingMoment.BEFORE, at=NOW)
    negative_feedback.add_less_like(stories[0], by=ana, now=NOW)
    publishing.withdraw_story(stories[0], by=stories[0].teller)

    reading = slates.reading_for_slate(ana, the_conversation.slug)
    inputs = collect_slate_inputs(reading, now=NOW + timedelta(days=1))
    assert build_candidate_set(inputs).less_like == []


def test_feedback_on_ones_own_story_is_refused(stories: list[Story]) -> None:
    teller = stories[0].teller
    with pytest.raises(FeedbackOnOwnStory):
        negative_feedback.hide_teller(teller, by=teller, now=NOW)
    with pytest.raises(FeedbackOnOwnStory):
        negative_feedback.add_less_like(stories[0], by=teller, now=NOW)
    assert not LessLike.objects.exists()
