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
    ("path_suffix", "field", "model"),
    [("unwanted", "less_like_this", LessLike), ("teller-hidden", "hidden", HiddenTeller)],
)
def test_feedback_is_stored_once_and_can_be_undone(
    as_ana: APIClient,
    stories: list[Story],
    path_suffix: str,
    field: str,
    model: type[LessLike] | type[HiddenTeller],
) -> None:
    path = f"/api/v1/stories/{stories[0].pk}/{path_suffix}"
    for _ in range(2):
        assert as_ana.put(path, {field: True}, format="json").json() == {field: True}
    assert model.objects.count() == 1
    assert as_ana.put(path, {field: False}, format="json").json() == {field: False}
    assert not model.objects.exists()


def test_feedback_on_the_users_own_story_is_a_conflict(
    as_bo: APIClient, people: NamedPeople, stories: list[Story]
) -> None:
    Story.objects.filter(pk=stories[0].pk).update(teller=people.bo)
    for path_suffix, field in (("unwanted", "less_like_this"), ("teller-hidden", "hidden")):
        response = as_bo.put(f"/api/v1/stories/{stories[0].pk}/{path_suffix}", {field: True}, format="json")
        assert (response.status_code, response.json()["code"]) == (409, "own_story")


@pytest.mark.parametrize("mode", ["by-chance", "unlike-you"])
def test_an_extra_story_has_an_explanation(
    as_ana: APIClient, people: NamedPeople, stories: list[Story], the_conversation: Challenge, mode: str
) -> None:
    assert as_ana.get(PATH, {"mode": mode}).json()["code"] == "rate_first"
    take_reading(people.ana, the_conversation, 30, moment=ReadingMoment.BEFORE, at=timezone.now())
    data = as_ana.get(PATH, {"mode": mode}).json()
    assert data["story"]["id"] in {str(story.pk) for story in stories}
    assert data["similarities"] == ["Started where you are now."]


def test_the_extra_story_is_null_if_none_is_left(
    as_ana: APIClient, people: NamedPeople, the_conversation: Challenge
) -> None:
    take_reading(people.ana, the_conversation, 30, moment=ReadingMoment.BEFORE, at=timezone.now())
    assert as_ana.get(PATH, {"mode": "by-chance"}).json() == {
        "story": None,
        "similarities": [],
        "differences": [],
    }


def test_an_unknown_mode_is_rejected(as_ana: APIClient, the_conversation: Challenge) -> None:
    response = as_ana.get(PATH, {"mode": "most-watched"})
    assert response.status_code == 400
    assert response.json()["errors"][0]["field"] == "mode"
