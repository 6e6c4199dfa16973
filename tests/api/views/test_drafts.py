"""Tell a story through the API, from its first word to its review."""

import uuid
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts import consent_texts
from challenges.models import Challenge
from media.models import Video
from stories.models import Story, StoryState
from tests.api.query_counts import assert_constant_query_count
from tests.people import NamedPeople
from tests.story_factories import create_complete_draft, create_published_story, create_recording

VTT = "WEBVTT\n\n00:00.000 --> 00:04.000\nI kept putting it off.\n"
FACTS = {"challenge": "the-conversation", "title": "I rang my sister", "start_rung": 0, "end_rung": 2}


@pytest.fixture
def draft(people: NamedPeople, the_conversation: Challenge) -> Story:
    """A draft of bo with everything that submitting asks for."""
    return create_complete_draft(people.bo, the_conversation)


def story_path(story: Story, act: str = "") -> str:
    return f"/api/v1/stories/{story.pk}{act}"


def reload(story: Story) -> Story:
    return Story.objects.get(pk=story.pk)


def test_a_story_goes_from_its_first_word_to_review(
    as_bo: APIClient, people: NamedPeople, the_conversation: Challenge
) -> None:
    consent = consent_texts.load_consent_texts()
    begun = as_bo.post("/api/v1/stories", FACTS, format="json")
    assert begun.status_code == 201
    path = f"/api/v1/stories/{begun.json()['id']}"
    assert {one["field"] for one in begun.json()["missing"]} == {"video", "consent", "chapters"}

    def put(act: str, **body: object) -> Any:
        answer = as_bo.put(f"{path}{act}", {"expected_version": version(), **body}, format="json")
        assert answer.status_code == 200, answer.content
        return answer

    def version() -> int:
        return int(as_bo.get(path.replace("/stories/", "/my/stories/")).json()["version"])

    upload = create_recording(people.bo).upload_id
    put("/recording", upload=str(upload))
    put("/chapters", chapters=[{"kind": "start", "start_ms": 0, "barrier": "freezing", "rung": 1}])
    told = put("/captions/en", text=VTT).json()
    assert (told["caption_languages"], told["chapters"][0]["barrier"]) == (["en"], "freezing")
    agreed = as_bo.post(
        f"{path}/consent",
        {"text_version": consent, "uses": ["members"]},
        format="json",
        headers={"If-Match": f'"{version()}"'},
    )
    assert agreed.json()["missing"] == []
    assert agreed["ETag"] == f'"{version()}"'
    sent = as_bo.post(f"{path}/submit", {"expected_version": version()}, format="json")
    assert (sent.status_code, sent.json()["state"]) == (202, "in_review")
    assert as_bo.get(sent["Location"]).json()["state"] == "in_review"


def test_facts_can_be_changed_one_by_one(as_bo: APIClient, draft: Story) -> None:
    answer = as_bo.patch(
        story_path(draft), {"title": "I wrote to her", "expected_version": draft.version}, format="json"
    )
    assert (answer.status_code, answer.json()["title"]) == (200, "I wrote to her")
    assert answer.json()["end_rung"] == 2


def test_an_older_version_is_told_how_the_story_stands(as_bo: APIClient, draft: Story) -> None:
    answer = as_bo.patch(
        story_path(draft), {"title": "x", "expected_version": draft.version - 1}, format="json"
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "story_moved")
    assert answer.json()["current"]["version"] == draft.version
    assert reload(draft).title == draft.title


@pytest.mark.parametrize(
    ("tag", "body", "status"),
    [
        (None, {}, 428),
        ("3", {}, 400),
        ("*", {}, 400),
        ('W/"3"', {}, 400),
        ('"3"', {"expected_version": 4}, 400),
    ],
)
def test_a_change_names_the_version_it_rests_on(
    as_bo: APIClient, draft: Story, tag: str | None, body: dict[str, int], status: int
) -> None:
    headers = {"If-Match": tag} if tag else {}
    answer = as_bo.patch(story_path(draft), {"title": "x"} | body, format="json", headers=headers)
    assert answer.status_code == status
    assert reload(draft).title == draft.title


CHANGES: dict[str, tuple[str, str, dict[str, object]]] = {
    "facts": ("patch", "", {"title": "x", "expected_version": 1}),
    "chapters": ("put", "/chapters", {"chapters": [], "expected_version": 1}),
    "recording": ("put", "/recording", {"upload": str(uuid.uuid4()), "expected_version": 1}),
    "poster": ("put", "/poster", {"poster_index": 1, "expected_version": 1}),
    "disguise": ("put", "/disguise", {"hide_faces": False, "change_voice": True, "expected_version": 1}),
    "damaged": ("post", "/recording/confirm", {"expected_version": 1}),
    "captions": ("put", "/captions/en", {"text": VTT, "expected_version": 1}),
    "consent": ("post", "/consent", {"text_version": 1, "uses": ["members"], "expected_version": 1}),
    "submit": ("post", "/submit", {"expected_version": 1}),
    "withdraw": ("post", "/withdraw", {}),
    "hidden": ("put", "/hidden", {"hidden": True}),
}


@pytest.mark.parametrize("change", CHANGES)
def test_another_persons_draft_is_not_there(
    as_sam: APIClient, as_mo: APIClient, as_nobody: APIClient, draft: Story, change: str
) -> None:
    verb, act, body = CHANGES[change]
    for client, status in ((as_sam, 404), (as_mo, 404), (as_nobody, 401)):
        assert getattr(client, verb)(story_path(draft, act), body, format="json").status_code == status
    assert reload(draft).version == draft.version


@pytest.mark.parametrize("change", set(CHANGES) - {"recording"})
def test_another_persons_open_story_may_be_seen_but_not_changed(
    as_sam: APIClient, people: NamedPeople, the_conversation: Challenge, change: str
) -> None:
    story = create_published_story(people.bo, the_conversation, by=people.mo)
    verb, act, body = CHANGES[change]
    seen = {"expected_version": story.version} if "expected_version" in body else {}
    answer = getattr(as_sam, verb)(story_path(story, act), body | seen, format="json")
    assert (answer.status_code, answer.json()["code"]) == (403, "not_yours")
    assert reload(story).version == story.version


def test_a_published_story_is_not_edited(
    as_bo: APIClient, people: NamedPeople, the_conversation: Challenge
) -> None:
    story = create_published_story(people.bo, the_conversation, by=people.mo)
    answer = as_bo.patch(story_path(story), {"title": "x", "expected_version": story.version}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (409, "not_possible_now")


def test_a_recording_of_somebody_else_cannot_be_taken(
    as_bo: APIClient, people: NamedPeople, draft: Story
) -> None:
    theirs = create_recording(people.sam).upload_id
    answer = as_bo.put(
        story_path(draft, "/recording"),
        {"upload": str(theirs), "expected_version": draft.version},
        format="json",
    )
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "upload")


def test_a_damaged_recording_is_wanted_as_it_is(as_bo: APIClient, people: NamedPeople, draft: Story) -> None:
    damaged = create_recording(people.bo, status=Video.Status.DAMAGED)
    told = as_bo.put(
        story_path(draft, "/recording"),
        {"upload": str(damaged.upload_id), "expected_version": draft.version},
        format="json",
    ).json()
    assert [one["field"] for one in told["missing"]] == ["video", "captions"]
    assert told["recording"]["reason"]
    told = as_bo.post(
        story_path(draft, "/recording/confirm"), {"expected_version": told["version"]}, format="json"
    ).json()
    assert [one["field"] for one in told["missing"]] == ["captions"]


def test_the_picture_of_a_story_is_chosen_from_those_of_its_recording(
    as_bo: APIClient, people: NamedPeople, draft: Story
) -> None:
    told = as_bo.put(
        story_path(draft, "/poster"), {"poster_index": 1, "expected_version": draft.version}, format="json"
    ).json()
    assert told["poster_index"] == 1
    assert [address.rpartition("/")[2] for address in told["poster_urls"]] == [
        *("poster_0.jpg", "poster_1.jpg", "poster_2.jpg")
    ]
    answer = as_bo.put(
        story_path(draft, "/poster"), {"poster_index": 3, "expected_version": told["version"]}, format="json"
    )
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "poster_index")


def test_captions_that_cannot_be_read_say_in_which_line(as_bo: APIClient, draft: Story) -> None:
    text = "WEBVTT\n\n00:09.000 --> 00:04.000\nBackwards\n"
    answer = as_bo.put(
        story_path(draft, "/captions/en"), {"text": text, "expected_version": draft.version}, format="json"
    )
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "text")
    assert "Line 3" in answer.json()["detail"]


@pytest.mark.parametrize(
    "body",
    [
        {"chapters": [{"kind": "start", "start_ms": 5}, {"kind": "step", "start_ms": 5}]},
        {"chapters": [{"kind": "start", "start_ms": 0, "barrier": "nothing like it"}]},
        {"chapters": [{"kind": "start", "start_ms": 0, "colour": "red"}]},
        {"chapters": [{"kind": "start", "start_ms": 2**31}]},
        {"chapters": [{"kind": "ending", "start_ms": 0}]},
        {"chapters": "start"},
    ],
    ids=str,
)
def test_chapters_that_make_no_sense_are_refused(
    as_bo: APIClient, draft: Story, body: dict[str, object]
) -> None:
    answer = as_bo.put(
        story_path(draft, "/chapters"), body | {"expected_version": draft.version}, format="json"
    )
    assert answer.status_code == 400
    assert reload(draft).chapters.count() == 2


def test_an_incomplete_story_is_told_all_that_is_missing_at_once(
    as_bo: APIClient, the_conversation: Challenge
) -> None:
    begun = as_bo.post("/api/v1/stories", FACTS, format="json").json()
    answer = as_bo.post(f"/api/v1/stories/{begun['id']}/submit", {"expected_version": 1}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (409, "not_ready")
    assert len(answer.json()["errors"]) == 3


def test_withdrawing_counts_at_once_and_twice_is_once(
    as_bo: APIClient, as_ana: APIClient, people: NamedPeople, the_conversation: Challenge
) -> None:
    story = create_published_story(people.bo, the_conversation, by=people.mo)
    assert as_ana.get(story_path(story)).status_code == 200
    for _ in range(2):
        assert as_bo.post(story_path(story, "/withdraw")).json()["state"] == "withdrawn"
    assert as_ana.get(story_path(story)).status_code == 404
    assert reload(story).state == StoryState.WITHDRAWN


def test_hiding_and_showing_again(
    as_bo: APIClient, as_ana: APIClient, people: NamedPeople, the_conversation: Challenge
) -> None:
    story = create_published_story(people.bo, the_conversation, by=people.mo)
    assert as_bo.put(story_path(story, "/hidden"), {"hidden": True}, format="json").json()["hidden"] is True
    assert as_ana.get(story_path(story)).status_code == 404
    as_bo.put(story_path(story, "/hidden"), {"hidden": False}, format="json")
    assert as_ana.get(story_path(story)).status_code == 200


def test_progress_is_for_the_teller(
    as_bo: APIClient, as_ana: APIClient, people: NamedPeople, draft: Story
) -> None:
    assert draft.video is not None
    Video.objects.filter(pk=draft.video.pk).update(
        status=Video.Status.PROCESSING, stage="encoding", percent=40
    )
    told = as_bo.get(story_path(draft, "/progress")).json()
    assert (told["stage"], told["percent"], told["recording"]["status"]) == ("encoding", 40, "processing")
    assert as_ana.get(story_path(draft, "/progress")).status_code == 404


def test_ones_own_list_asks_no_more_when_it_grows(
    as_bo: APIClient, people: NamedPeople, the_conversation: Challenge
) -> None:
    def add(number: int) -> None:
        for _ in range(number):
            create_published_story(people.bo, the_conversation, by=people.mo)

    assert_constant_query_count(as_bo, "/api/v1/my/stories", add_items=add)


def test_a_teller_may_have_their_voice_changed(as_bo: APIClient, draft: Story) -> None:
    asked = {"hide_faces": False, "change_voice": True, "expected_version": draft.version}
    told = as_bo.put(story_path(draft, "/disguise"), asked, format="json").json()
    assert (told["hide_faces"], told["change_voice"], told["frames_with_faces_percent"]) == (
        False,
        True,
        None,
    )
    assert (told["recording"]["status"], told["recording"]["playable"]) == ("stored", False)
