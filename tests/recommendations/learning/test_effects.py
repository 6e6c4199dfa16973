from datetime import timedelta

import pytest

from accounts.models import ConsentGrant, ConsentUse, User
from challenges.models import Challenge, ReadingMoment
from matching.records import StoryEffectEvidence
from recommendations import slates
from recommendations.inputs import build_candidate_set, collect_slate_inputs, load_candidates
from recommendations.learning import effects
from recommendations.models import StoryEffect
from recommendations.ranking_features import load_story_features
from stories.models import Story
from tests.recommendations.report_factories import (
    NOW,
    create_rated_viewing,
    create_viewer,
    publish_research_stories,
    take_reading,
)

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def stories(mo: User, the_conversation: Challenge) -> list[Story]:
    return publish_research_stories(the_conversation, 3, by=mo)


def record_viewing_between_readings(person: User, story: Story, *, before: int, after: int) -> None:
    take_reading(person, story.challenge, before, moment=ReadingMoment.BEFORE, at=NOW)
    create_rated_viewing(person, story, 5, at=NOW + MINUTE)
    take_reading(person, story.challenge, after, moment=ReadingMoment.AFTER, at=NOW + 2 * MINUTE)


def test_the_gain_is_relative_to_the_mean_of_the_challenge(stories: list[Story]) -> None:
    for number in range(2):
        record_viewing_between_readings(create_viewer(number), stories[0], before=30, after=50)
        record_viewing_between_readings(create_viewer(2 + number), stories[1], before=30, after=40)

    assert effects.recompute_story_effects() == 2

    gains = dict(StoryEffect.objects.values_list("story", "gain"))
    assert gains == {stories[0].pk: 5.0, stories[1].pk: -5.0}


def test_a_viewer_counts_once_per_story_and_rung(stories: list[Story]) -> None:
    person = create_viewer(0)
    record_viewing_between_readings(person, stories[0], before=30, after=90)
    create_rated_viewing(person, stories[0], 5, at=NOW + 3 * MINUTE)
    take_reading(person, stories[0].challenge, 40, moment=ReadingMoment.AFTER, at=NOW + 4 * MINUTE)

    effects.recompute_story_effects()

    assert sorted(StoryEffect.objects.values_list("present_rung", "viewers")) == [(0, 1), (7, 1)]


def test_evidence_comes_from_viewers_on_neighbouring_rungs(stories: list[Story]) -> None:
    effects_by_rung = [(0, 2.0, 3), (1, 6.0, 1), (3, 9.0, 5)]
    for rung, gain, viewers in effects_by_rung:
        StoryEffect.objects.create(story=stories[0], present_rung=rung, gain=gain, viewers=viewers)

    def evidence(present_rung: int) -> StoryEffectEvidence:
        details = load_story_features([story.pk for story in stories], present_rung=present_rung)
        return details[stories[0].pk].effect

    assert evidence(0) == StoryEffectEvidence(gain=3.0, viewer_count=4)
    assert evidence(2).viewer_count == 6
    assert evidence(6) == StoryEffectEvidence(gain=0.0, viewer_count=0)


def test_recomputing_removes_stories_without_research_consent(stories: list[Story]) -> None:
    record_viewing_between_readings(create_viewer(0), stories[0], before=30, after=50)
    assert effects.recompute_story_effects() == 1
    ConsentGrant.objects.update(uses=[ConsentUse.MEMBERS])
    assert effects.recompute_story_effects() == 0
    assert not StoryEffect.objects.exists()


def test_candidates_have_the_evidence_of_their_stories(ana: User, stories: list[Story]) -> None:
    StoryEffect.objects.create(story=stories[1], present_rung=0, gain=7.0, viewers=9)
    take_reading(ana, stories[0].challenge, 30, moment=ReadingMoment.BEFORE, at=NOW)

    inputs = collect_slate_inputs(slates.reading_for_slate(ana, stories[0].challenge.slug), now=NOW)
    candidates, _ = load_candidates(build_candidate_set(inputs), range(3))

    viewers = {candidate.story.key: candidate.evidence.viewer_count for candidate in candidates}
    assert viewers == {stories[0].pk: 0, stories[1].pk: 9, stories[2].pk: 0}
