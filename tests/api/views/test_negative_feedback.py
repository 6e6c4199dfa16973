"""What one does not want to be shown, and one more story beside the slate."""

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from challenges.models import Challenge, ReadingMoment
from practice.models import HiddenTeller, LessLike
from stories.models import Story
from tests.people import NamedPeople
from tests.recommendations.report_factories import publish_research_stories, take_reading

PATH = "/api/v1/challenges/the-conversation/another"


@pytest.fixture
def stories(people: NamedPeople, the_conversation: Challenge) -> list[Story]:
    return publish_research_stories(the_conversation, 8, by=people.mo)


@pytest.mark.parametrize(
    ("address", "field", "kept"),
    [("unwanted", "less_like_this", LessLike), ("teller-hidden", "hidden", HiddenTeller)],
)
def test_a_wish_is_kept_once_and_taken_back(
    as_ana: APIClient,
    stories: list[Story],
    address: str,
    field: str,
    kept: type[LessLike] | type[HiddenTeller],
) -> None:
    path = f"/api/v1/stories/{stories[0].pk}/{address}"
    for _ in range(2):
        assert as_ana.put(path, {field: True}, format="json").json() == {field: True}
    assert kept.objects.count() == 1
    assert as_ana.put(path, {field: False}, format="json").json() == {field: False}
    assert not kept.objects.exists()


def test_ones_own_story_cannot_be_wished_away(
    as_bo: APIClient, people: NamedPeople, stories: list[Story]
) -> None:
    Story.objects.filter(pk=stories[0].pk).update(teller=people.bo)
    for address, field in (("unwanted", "less_like_this"), ("teller-hidden", "hidden")):
        answer = as_bo.put(f"/api/v1/stories/{stories[0].pk}/{address}", {field: True}, format="json")
        assert (answer.status_code, answer.json()["code"]) == (409, "own_story")


@pytest.mark.parametrize("how", ["by-chance", "unlike-you"])
def test_one_more_story_comes_with_words(
    as_ana: APIClient, people: NamedPeople, stories: list[Story], the_conversation: Challenge, how: str
) -> None:
    assert as_ana.get(PATH, {"mode": how}).json()["code"] == "rate_first"
    take_reading(people.ana, the_conversation, 30, moment=ReadingMoment.BEFORE, at=timezone.now())
    told_more = as_ana.get(PATH, {"mode": how}).json()
    assert told_more["story"]["id"] in {str(story.pk) for story in stories}
    assert told_more["similarities"] == ["Started where you are now."]


def test_when_none_is_left_the_answer_says_so(
    as_ana: APIClient, people: NamedPeople, the_conversation: Challenge
) -> None:
    take_reading(people.ana, the_conversation, 30, moment=ReadingMoment.BEFORE, at=timezone.now())
    assert as_ana.get(PATH, {"mode": "by-chance"}).json() == {
        "story": None,
        "similarities": [],
        "differences": [],
    }


def test_another_way_to_pick_is_refused_by_name(as_ana: APIClient, the_conversation: Challenge) -> None:
    answer = as_ana.get(PATH, {"mode": "most-watched"})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "mode"
