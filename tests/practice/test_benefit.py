from datetime import timedelta

import pytest

from accounts.models import ConsentGrant, ConsentUse, User
from challenges.models import Challenge, Moment
from practice import benefit, candidates, slates
from practice.models import Benefit
from stories.models import Story
from tests.practice.reported import NOW, answer, rate, told, viewer

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def stories(mo: User, the_conversation: Challenge) -> list[Story]:
    return told(the_conversation, 3, by=mo)


def watched(person: User, story: Story, *, before: int, after: int) -> None:
    rate(person, story.challenge, before, moment=Moment.BEFORE, at=NOW)
    answer(person, story, 5, at=NOW + MINUTE)
    rate(person, story.challenge, after, moment=Moment.AFTER, at=NOW + 2 * MINUTE)


def test_a_gain_is_what_a_story_does_beyond_the_others(stories: list[Story]) -> None:
    for number in range(2):
        watched(viewer(number), stories[0], before=30, after=50)
        watched(viewer(2 + number), stories[1], before=30, after=40)

    assert benefit.reckon() == 2

    gains = dict(Benefit.objects.values_list("story", "gain"))
    assert gains == {stories[0].pk: 5.0, stories[1].pk: -5.0}


def test_a_viewer_counts_once_for_a_story(stories: list[Story]) -> None:
    person = viewer(0)
    watched(person, stories[0], before=30, after=90)
    answer(person, stories[0], 5, at=NOW + 3 * MINUTE)
    rate(person, stories[0].challenge, 40, moment=Moment.AFTER, at=NOW + 4 * MINUTE)

    benefit.reckon()

    assert sorted(Benefit.objects.values_list("present_rung", "viewers")) == [(0, 1), (7, 1)]


def test_evidence_is_of_viewers_who_stood_about_there(stories: list[Story]) -> None:
    rows = [(0, 2.0, 3), (1, 6.0, 1), (3, 9.0, 5)]
    for rung, gain, viewers in rows:
        Benefit.objects.create(story=stories[0], present_rung=rung, gain=gain, viewers=viewers)

    low = benefit.evidence_on([story.pk for story in stories], present_rung=0)[stories[0].pk]
    assert (low.gain, low.viewers) == (3.0, 4)
    assert benefit.evidence_on([story.pk for story in stories], present_rung=2)[stories[0].pk].viewers == 6
    assert benefit.evidence_on([story.pk for story in stories], present_rung=6) == {}


def test_reckoning_anew_forgets_what_may_no_longer_be_counted(stories: list[Story]) -> None:
    watched(viewer(0), stories[0], before=30, after=50)
    assert benefit.reckon() == 1
    ConsentGrant.objects.update(uses=[ConsentUse.MEMBERS])
    assert benefit.reckon() == 0
    assert not Benefit.objects.exists()


def test_what_a_story_did_for_others_reaches_the_choice(ana: User, stories: list[Story]) -> None:
    Benefit.objects.create(story=stories[1], present_rung=0, gain=7.0, viewers=9)
    rate(ana, stories[0].challenge, 30, moment=Moment.BEFORE, at=NOW)

    basis = candidates.basis_of(slates.standing(ana, stories[0].challenge.slug), now=NOW)
    field = candidates.field_for(basis)

    known = {one.story.key: one.evidence.viewers for one in field.candidates.look(range(3))}
    assert known == {stories[0].pk: 0, stories[1].pk: 9, stories[2].pk: 0}
