import uuid

import pytest
from rest_framework.test import APIClient

from challenges.models import Challenge
from practice.models import Viewing
from stories.models import Story
from tests.people import NamedPeople
from tests.story_factories import create_complete_draft, create_published_story


@pytest.fixture
def published_story(people: NamedPeople, the_conversation: Challenge) -> Story:
    return create_published_story(people.bo, the_conversation, by=people.mo)


@pytest.fixture
def viewing_url(as_ana: APIClient, published_story: Story) -> str:
    response = as_ana.post("/api/v1/viewings", {"story": str(published_story.pk)}, format="json")
    assert response.status_code == 201
    location: str = response["Location"]
    return location


def test_progress_and_similarity_are_updated(as_ana: APIClient, viewing_url: str) -> None:
    as_ana.patch(viewing_url, {"furthest_ms": 9000}, format="json")
    data = as_ana.patch(viewing_url, {"like_me": 8}, format="json").json()
    assert (data["furthest_ms"], data["like_me"]) == (9000, 8)


@pytest.mark.parametrize("change", [{"like_me": 11}, {"like_me": -1}, {"like_me": "8"}, {"furthest_ms": -1}])
def test_values_out_of_range_are_rejected(
    as_ana: APIClient, viewing_url: str, change: dict[str, object]
) -> None:
    assert as_ana.patch(viewing_url, change, format="json").status_code == 400
    assert Viewing.objects.get().like_me is None


def test_a_viewing_of_another_user_is_not_found(as_sam: APIClient, viewing_url: str) -> None:
    assert as_sam.patch(viewing_url, {"like_me": 1}, format="json").status_code == 404


def test_missing_and_invisible_stories_have_equal_errors(
    as_ana: APIClient, people: NamedPeople, the_conversation: Challenge
) -> None:
    draft = create_complete_draft(people.bo, the_conversation)
    responses = [
        as_ana.post("/api/v1/viewings", {"story": str(story)}, format="json")
        for story in (draft.pk, uuid.uuid4())
    ]
    assert {response.status_code for response in responses} == {400}
    assert responses[0].content == responses[1].content


def test_an_unknown_slate_is_rejected(as_ana: APIClient, published_story: Story) -> None:
    body = {"story": str(published_story.pk), "slate": str(uuid.uuid4())}
    response = as_ana.post("/api/v1/viewings", body, format="json")
    assert response.json()["errors"][0]["field"] == "slate"
