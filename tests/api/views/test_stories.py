import uuid
from collections.abc import Callable

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from challenges.models import Challenge
from media.captions import tracks
from practice import viewings
from practice.models import HiddenTeller
from stories import publishing
from stories.models import Story
from tests.api.query_counts import assert_constant_query_count
from tests.people import NamedPeople, create_person
from tests.story_factories import (
    create_challenge,
    create_complete_draft,
    create_published_story,
    create_story_in_review,
)

VTT = "WEBVTT\n\n00:00.000 --> 00:04.000\nI kept putting it off.\n"


@pytest.fixture
def published_story(people: NamedPeople, the_conversation: Challenge) -> Story:
    """A published story of bo."""
    return create_published_story(
        people.bo,
        the_conversation,
        by=people.mo,
        traits_then={"age": 41, "work_pattern": "nights", "gender": "man"},
        shown_traits=["work_pattern"],
    )


def test_members_can_list_and_read_a_published_story(as_ana: APIClient, published_story: Story) -> None:
    assert [item["id"] for item in as_ana.get("/api/v1/stories").json()["items"]] == [str(published_story.pk)]
    data = as_ana.get(f"/api/v1/stories/{published_story.pk}").json()
    assert data["teller"] == "Bo"
    assert [chapter["kind"] for chapter in data["chapters"]] == ["start", "result"]
    assert data["playlist_url"] == f"/watch/{published_story.pk}/hls/master.m3u8"
    assert data["is_own"] is False


def test_only_shown_traits_of_the_teller_are_visible(as_ana: APIClient, published_story: Story) -> None:
    for data in (
        as_ana.get(f"/api/v1/stories/{published_story.pk}").json(),
        as_ana.get("/api/v1/stories").json()["items"][0],
    ):
        assert data["teller_traits"] == [
            {"key": "work_pattern", "label": "working hours", "answer_text": "nights"}
        ]
        assert "traits_then" not in data
        assert "41" not in str(data["teller_traits"])
        assert "example.test" not in str(data)


def test_caption_files_are_listed_by_language(as_ana: APIClient, published_story: Story) -> None:
    assert published_story.video is not None
    tracks.save_captions(published_story.video, language="en", text=VTT)
    data = as_ana.get(f"/api/v1/stories/{published_story.pk}").json()
    assert data["caption_languages"] == ["en"]
    assert data["caption_files"] == [
        {"language": "en", "url": f"/watch/{published_story.pk}/captions/en.vtt"}
    ]


def test_stories_require_authentication(as_nobody: APIClient, published_story: Story) -> None:
    assert as_nobody.get("/api/v1/stories").status_code == 401
    assert as_nobody.get(f"/api/v1/stories/{published_story.pk}").status_code == 401


INVISIBLE_STORIES: dict[str, Callable[[NamedPeople, Challenge], Story]] = {
    "draft": lambda people, challenge: create_complete_draft(people.bo, challenge),
    "in review": lambda people, challenge: create_story_in_review(people.bo, challenge),
    "hidden": lambda people, challenge: publishing.set_story_hidden(
        create_published_story(people.bo, challenge, by=people.mo), by=people.bo, hidden=True
    ),
    "held": lambda people, challenge: publishing.set_story_held(
        create_published_story(people.bo, challenge, by=people.mo), by=people.mo, held=True
    ),
    "withdrawn": lambda people, challenge: publishing.withdraw_story(
        create_published_story(people.bo, challenge, by=people.mo), by=people.bo
    ),
}


@pytest.mark.parametrize("state", INVISIBLE_STORIES)
def test_stories_that_are_not_public_are_not_found_by_others(
    as_ana: APIClient,
    as_bo: APIClient,
    as_mo: APIClient,
    people: NamedPeople,
    the_conversation: Challenge,
    state: str,
) -> None:
    story = INVISIBLE_STORIES[state](people, the_conversation)
    for client in (as_ana, as_mo):
        assert client.get(f"/api/v1/stories/{story.pk}").status_code == 404
        assert (
            client.put(f"/api/v1/stories/{story.pk}/saved", {"saved": True}, format="json").status_code == 404
        )
        assert client.get("/api/v1/stories").json()["items"] == []
    assert as_bo.get(f"/api/v1/my/stories/{story.pk}").status_code == 200


def test_the_list_respects_muted_notes_and_hidden_tellers(
    as_ana: APIClient, people: NamedPeople, the_conversation: Challenge
) -> None:
    muted_story = create_published_story(people.bo, the_conversation, by=people.mo, content_notes=["death"])
    unresolved_story = create_published_story(people.bo, the_conversation, by=people.mo, outcome="unresolved")
    plain_story = create_published_story(people.bo, the_conversation, by=people.mo)
    story_of_another_teller = create_published_story(people.sam, create_challenge("another"), by=people.mo)

    def listed_ids(**query: str) -> set[str]:
        return {item["id"] for item in as_ana.get("/api/v1/stories", query).json()["items"]}

    assert listed_ids() == {str(muted_story.pk), str(plain_story.pk), str(story_of_another_teller.pk)}
    assert str(unresolved_story.pk) not in listed_ids()
    assert listed_ids(challenge="another") == {str(story_of_another_teller.pk)}
    as_ana.put("/api/v1/profile", {"muted_content_notes": ["death"]}, format="json")
    assert listed_ids() == {str(plain_story.pk), str(story_of_another_teller.pk)}
    HiddenTeller.objects.create(person=people.ana, teller=people.bo, hidden_at=timezone.now())
    assert listed_ids() == {str(story_of_another_teller.pk)}


def test_saving_is_idempotent_and_can_be_undone(as_ana: APIClient, published_story: Story) -> None:
    path = f"/api/v1/stories/{published_story.pk}/saved"
    for _ in range(2):
        assert as_ana.put(path, {"saved": True}, format="json").json() == {"saved": True}
    assert [item["id"] for item in as_ana.get("/api/v1/my/saved").json()["items"]] == [
        str(published_story.pk)
    ]
    as_ana.put(path, {"saved": False}, format="json")
    assert as_ana.get("/api/v1/my/saved").json()["items"] == []


def test_a_withdrawn_story_disappears_from_saved_stories(
    as_ana: APIClient, people: NamedPeople, published_story: Story
) -> None:
    viewings.save_story(published_story, by=people.ana, now=timezone.now())
    publishing.withdraw_story(published_story, by=people.bo)
    assert as_ana.get("/api/v1/my/saved").json()["items"] == []


def test_missing_and_invisible_stories_have_equal_responses(as_ana: APIClient, people: NamedPeople) -> None:
    draft = create_complete_draft(people.bo, create_challenge("x"))
    responses = [as_ana.get(f"/api/v1/stories/{story}") for story in (uuid.uuid4(), draft.pk)]
    assert responses[0].content == responses[1].content


@pytest.mark.parametrize("path", ["/api/v1/stories", "/api/v1/my/saved"])
def test_the_lists_have_a_constant_query_count(
    as_ana: APIClient, people: NamedPeople, the_conversation: Challenge, path: str
) -> None:
    def add_stories(number: int) -> None:
        for _ in range(number):
            teller = create_person(uuid.uuid4().hex[:12])
            story = create_published_story(teller, the_conversation, by=people.mo)
            assert story.video is not None
            tracks.save_captions(story.video, language="en", text=VTT)
            viewings.save_story(story, by=people.ana, now=timezone.now())

    assert_constant_query_count(as_ana, path, add_items=add_stories)
