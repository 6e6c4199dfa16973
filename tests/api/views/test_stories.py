"""Look around, read, keep; and nothing of a teller but what they agreed to show."""

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
def told(people: NamedPeople, the_conversation: Challenge) -> Story:
    """A published story of bo."""
    return create_published_story(
        people.bo,
        the_conversation,
        by=people.mo,
        traits_then={"age": 41, "work_pattern": "nights", "gender": "man"},
        shown_traits=["work_pattern"],
    )


def test_members_find_and_read_a_published_story(as_ana: APIClient, told: Story) -> None:
    assert [item["id"] for item in as_ana.get("/api/v1/stories").json()["items"]] == [str(told.pk)]
    read = as_ana.get(f"/api/v1/stories/{told.pk}").json()
    assert read["teller"] == "Bo"
    assert [chapter["kind"] for chapter in read["chapters"]] == ["start", "result"]
    assert read["playlist_url"] == f"/watch/{told.pk}/hls/master.m3u8"
    assert read["is_own"] is False


def test_only_what_the_teller_agreed_to_show_is_shown(as_ana: APIClient, told: Story) -> None:
    for read in (
        as_ana.get(f"/api/v1/stories/{told.pk}").json(),
        as_ana.get("/api/v1/stories").json()["items"][0],
    ):
        assert read["teller_traits"] == [
            {"key": "work_pattern", "label": "working hours", "answer_text": "nights"}
        ]
        assert "traits_then" not in read
        assert "41" not in str(read["teller_traits"])
        assert "example.test" not in str(read)


def test_captions_are_listed_by_language(as_ana: APIClient, told: Story) -> None:
    assert told.video is not None
    tracks.save_captions(told.video, language="en", text=VTT)
    read = as_ana.get(f"/api/v1/stories/{told.pk}").json()
    assert read["caption_languages"] == ["en"]
    assert read["caption_files"] == [{"language": "en", "url": f"/watch/{told.pk}/captions/en.vtt"}]


def test_stories_are_for_members(as_nobody: APIClient, told: Story) -> None:
    assert as_nobody.get("/api/v1/stories").status_code == 401
    assert as_nobody.get(f"/api/v1/stories/{told.pk}").status_code == 401


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
def test_what_is_not_open_is_not_there_for_others(
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


def test_browsing_keeps_to_what_one_wants_to_meet(
    as_ana: APIClient, people: NamedPeople, the_conversation: Challenge
) -> None:
    grief = create_published_story(people.bo, the_conversation, by=people.mo, content_notes=["death"])
    open_end = create_published_story(people.bo, the_conversation, by=people.mo, outcome="unresolved")
    plain = create_published_story(people.bo, the_conversation, by=people.mo)
    other = create_published_story(people.sam, create_challenge("another"), by=people.mo)

    def found(**query: str) -> set[str]:
        return {item["id"] for item in as_ana.get("/api/v1/stories", query).json()["items"]}

    assert found() == {str(grief.pk), str(plain.pk), str(other.pk)}
    assert str(open_end.pk) not in found()
    assert found(challenge="another") == {str(other.pk)}
    as_ana.put("/api/v1/profile", {"muted_content_notes": ["death"]}, format="json")
    assert found() == {str(plain.pk), str(other.pk)}
    HiddenTeller.objects.create(person=people.ana, teller=people.bo, hidden_at=timezone.now())
    assert found() == {str(other.pk)}


def test_saving_twice_is_saving_once_and_can_be_undone(as_ana: APIClient, told: Story) -> None:
    path = f"/api/v1/stories/{told.pk}/saved"
    for _ in range(2):
        assert as_ana.put(path, {"saved": True}, format="json").json() == {"saved": True}
    assert [item["id"] for item in as_ana.get("/api/v1/my/saved").json()["items"]] == [str(told.pk)]
    as_ana.put(path, {"saved": False}, format="json")
    assert as_ana.get("/api/v1/my/saved").json()["items"] == []


def test_a_saved_story_goes_when_its_teller_takes_it_back(
    as_ana: APIClient, people: NamedPeople, told: Story
) -> None:
    viewings.save_story(told, by=people.ana, now=timezone.now())
    publishing.withdraw_story(told, by=people.bo)
    assert as_ana.get("/api/v1/my/saved").json()["items"] == []


def test_a_story_that_never_was_looks_like_one_that_is_not_yours(
    as_ana: APIClient, people: NamedPeople
) -> None:
    draft = create_complete_draft(people.bo, create_challenge("x"))
    answers = [as_ana.get(f"/api/v1/stories/{story}") for story in (uuid.uuid4(), draft.pk)]
    assert answers[0].content == answers[1].content


@pytest.mark.parametrize("path", ["/api/v1/stories", "/api/v1/my/saved"])
def test_a_longer_list_asks_no_more(
    as_ana: APIClient, people: NamedPeople, the_conversation: Challenge, path: str
) -> None:
    def add(number: int) -> None:
        for _ in range(number):
            teller = create_person(uuid.uuid4().hex[:12])
            story = create_published_story(teller, the_conversation, by=people.mo)
            assert story.video is not None
            tracks.save_captions(story.video, language="en", text=VTT)
            viewings.save_story(story, by=people.ana, now=timezone.now())

    assert_constant_query_count(as_ana, path, add_items=add)
