"""Watching leaves a viewing, and only its viewer says how it was."""

import uuid

import pytest
from rest_framework.test import APIClient

from challenges.models import Challenge
from practice.models import Viewing
from stories.models import Story
from tests.people import NamedPeople
from tests.story_factories import create_complete_draft, create_published_story


@pytest.fixture
def told(people: NamedPeople, the_conversation: Challenge) -> Story:
    return create_published_story(people.bo, the_conversation, by=people.mo)


@pytest.fixture
def viewing(as_ana: APIClient, told: Story) -> str:
    answer = as_ana.post("/api/v1/viewings", {"story": str(told.pk)}, format="json")
    assert answer.status_code == 201
    where: str = answer["Location"]
    return where


def test_how_far_and_how_alike(as_ana: APIClient, viewing: str) -> None:
    as_ana.patch(viewing, {"furthest_ms": 9000}, format="json")
    told = as_ana.patch(viewing, {"like_me": 8}, format="json").json()
    assert (told["furthest_ms"], told["like_me"]) == (9000, 8)


@pytest.mark.parametrize("change", [{"like_me": 11}, {"like_me": -1}, {"like_me": "8"}, {"furthest_ms": -1}])
def test_an_answer_off_the_scale_is_refused(
    as_ana: APIClient, viewing: str, change: dict[str, object]
) -> None:
    assert as_ana.patch(viewing, change, format="json").status_code == 400
    assert Viewing.objects.get().like_me is None


def test_a_strangers_viewing_is_not_there(as_sam: APIClient, viewing: str) -> None:
    assert as_sam.patch(viewing, {"like_me": 1}, format="json").status_code == 404


def test_a_story_that_one_may_not_see_cannot_be_watched(
    as_ana: APIClient, people: NamedPeople, the_conversation: Challenge
) -> None:
    draft = create_complete_draft(people.bo, the_conversation)
    answers = [
        as_ana.post("/api/v1/viewings", {"story": str(story)}, format="json")
        for story in (draft.pk, uuid.uuid4())
    ]
    assert {answer.status_code for answer in answers} == {400}
    assert answers[0].content == answers[1].content


def test_a_slate_of_somebody_else_is_refused(as_ana: APIClient, told: Story) -> None:
    body = {"story": str(told.pk), "slate": str(uuid.uuid4())}
    answer = as_ana.post("/api/v1/viewings", body, format="json")
    assert answer.json()["errors"][0]["field"] == "slate"
