import uuid
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts import consent_text_loading
from challenges.models import Challenge
from media.models import Video
from stories.models import Story, StoryState
from tests.api.query_counts import assert_constant_query_count
from tests.people import NamedPeople
from tests.story_factories import create_complete_draft, create_published_story, create_recording

VTT = "WEBVTT\n\n00:00.000 --> 00:04.000\nI kept putting it off.\n"
NEW_STORY = {"challenge": "the-conversation", "title": "I rang my sister", "start_rung": 0, "end_rung": 2}


@pytest.fixture
def draft(people: NamedPeople, the_conversation: Challenge) -> Story:
    """A draft of bo that is ready to submit."""
    return create_complete_draft(people.bo, the_conversation)


def story_path(story: Story, action: str = "") -> str:
    return f"/api/v1/stories/{story.pk}{action}"


def reload_story(story: Story) -> Story:
    return Story.objects.get(pk=story.pk)


def test_a_draft_is_completed_and_submitted(
    as_bo: APIClient, people: NamedPeople, the_conversation: Challenge
) -> None:
    consent = consent_text_loading.load_consent_texts()
    created = as_bo.post("/api/v1/stories", NEW_STORY, format="json")
    assert created.status_code == 201
    path = f"/api/v1/stories/{created.json()['id']}"
    assert {item["field"] for item in created.json()["missing"]} == {"video", "consent", "chapters"}

    def put(action: str, **body: object) -> Any:
        response = as_bo.put(f"{path}{action}", {"expected_version": version(), **body}, format="json")
        assert response.status_code == 200, response.content
        return response

    def version() -> int:
        return int(as_bo.get(path.replace("/stories/", "/my/stories/")).json()["version"])

    upload = create_recording(people.bo).upload_id
    put("/recording", upload=str(upload))
    put("/chapters", chapters=[{"kind": "start", "start_ms": 0, "barrier": "freezing", "rung": 1}])
    data = put("/captions/en", text=VTT).json()
    assert (data["caption_languages"], data["chapters"][0]["barrier"]) == (["en"], "freezing")
    consent_response = as_bo.post(
        f"{path}/consent",
        {"text_version": consent, "uses": ["members"]},
        format="json",
        headers={"If-Match": f'"{version()}"'},
    )
    assert consent_response.json()["missing"] == []
    assert consent_response["ETag"] == f'"{version()}"'
    submission = as_bo.post(f"{path}/submit", {"expected_version": version()}, format="json")
    assert (submission.status_code, submission.json()["state"]) == (202, "in_review")
    assert as_bo.get(submission["Location"]).json()["state"] == "in_review"


def test_single_fields_can_be_updated(as_bo: APIClient, draft: Story) -> None:
    response = as_bo.patch(
        story_path(draft), {"title": "I wrote to her", "expected_version": draft.version}, format="json"
    )
    assert (response.status_code, response.json()["title"]) == (200, "I wrote to her")
    assert response.json()["end_rung"] == 2


def test_an_outdated_version_is_a_conflict(as_bo: APIClient, draft: Story) -> None:
    response = as_bo.patch(
        story_path(draft), {"title": "x", "expected_version": draft.version - 1}, format="json"
    )
    assert (response.status_code, response.json()["code"]) == (409, "story_moved")
    assert response.json()["current"]["version"] == draft.version
    assert reload_story(draft).title == draft.title


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
def test_a_change_requires_a_valid_version(
    as_bo: APIClient, draft: Story, tag: str | None, body: dict[str, int], status: int
) -> None:
    headers = {"If-Match": tag} if tag else {}
    response = as_bo.patch(story_path(draft), {"title": "x"} | body, format="json", headers=headers)
    assert response.status_code == status
    assert reload_story(draft).title == draft.title


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
def test_a_draft_of_another_user_is_not_found(
    as_sam: APIClient, as_mo: APIClient, as_nobody: APIClient, draft: Story, change: str
) -> None:
    verb, action, body = CHANGES[change]
    for client, status in ((as_sam, 404), (as_mo, 404), (as_nobody, 401)):
        assert getattr(client, verb)(story_path(draft, action), body, format="json").status_code == status
    assert reload_story(draft).version == draft.version


@pytest.mark.parametrize("change", set(CHANGES) - {"recording"})
def test_a_published_story_of_another_user_cannot_be_changed(
    as_sam: APIClient, people: NamedPeople, the_conversation: Challenge, change: str
) -> None:
    story = create_published_story(people.bo, the_conversation, by=people.mo)
    verb, action, body = CHANGES[change]
    version_field = {"expected_version": story.version} if "expected_version" in body else {}
    response = getattr(as_sam, verb)(story_path(story, action), body | version_field, format="json")
    assert (response.status_code, response.json()["code"]) == (403, "not_yours")
    assert reload_story(story).version == story.version


def test_a_published_story_cannot_be_edited(
    as_bo: APIClient, people: NamedPeople, the_conversation: Challenge
) -> None:
    story = create_published_story(people.bo, the_conversation, by=people.mo)
    response = as_bo.patch(
        story_path(story), {"title": "x", "expected_version": story.version}, format="json"
    )
    assert (response.status_code, response.json()["code"]) == (409, "not_possible_now")


def test_an_upload_of_another_user_cannot_be_attached(
    as_bo: APIClient, people: NamedPeople, draft: Story
) -> None:
    upload_of_sam = create_recording(people.sam).upload_id
    response = as_bo.put(
        story_path(draft, "/recording"),
        {"upload": str(upload_of_sam), "expected_version": draft.version},
        format="json",
    )
    assert (response.status_code, response.json()["errors"][0]["field"]) == (400, "upload")


def test_a_damaged_recording_can_be_confirmed(as_bo: APIClient, people: NamedPeople, draft: Story) -> None:
    damaged = create_recording(people.bo, status=Video.Status.DAMAGED)
    data = as_bo.put(
        story_path(draft, "/recording"),
        {"upload": str(damaged.upload_id), "expected_version": draft.version},
        format="json",
    ).json()
    assert [item["field"] for item in data["missing"]] == ["video", "captions"]
    assert data["recording"]["reason"]
    data = as_bo.post(
        story_path(draft, "/recording/confirm"), {"expected_version": data["version"]}, format="json"
    ).json()
    assert [item["field"] for item in data["missing"]] == ["captions"]


def test_the_poster_must_be_one_of_the_recordings_images(
    as_bo: APIClient, people: NamedPeople, draft: Story
) -> None:
    data = as_bo.put(
        story_path(draft, "/poster"), {"poster_index": 1, "expected_version": draft.version}, format="json"
    ).json()
    assert data["poster_index"] == 1
    assert [url.rpartition("/")[2] for url in data["poster_urls"]] == [
        *("poster_0.jpg", "poster_1.jpg", "poster_2.jpg")
    ]
    response = as_bo.put(
        story_path(draft, "/poster"), {"poster_index": 3, "expected_version": data["version"]}, format="json"
    )
    assert (response.status_code, response.json()["errors"][0]["field"]) == (400, "poster_index")


def test_invalid_captions_name_the_line(as_bo: APIClient, draft: Story) -> None:
    text = "WEBVTT\n\n00:09.000 --> 00:04.000\nBackwards\n"
    response = as_bo.put(
        story_path(draft, "/captions/en"), {"text": text, "expected_version": draft.version}, format="json"
    )
    assert (response.status_code, response.json()["errors"][0]["field"]) == (400, "text")
    assert "Line 3" in response.json()["detail"]


@pytest.mark.parametrize(
    "body",
    [
        {"chapters": [{"kind": "start", "start_ms": 5}, {"kind": "step", "start_ms": 5}]},
        {"chapters": [{"kind": "start", "start_ms": 0, "barrier": "unknown"}]},
        {"chapters": [{"kind": "start", "start_ms": 0, "colour": "red"}]},
        {"chapters": [{"kind": "start", "start_ms": 2**31}]},
        {"chapters": [{"kind": "ending", "start_ms": 0}]},
        {"chapters": "start"},
    ],
    ids=str,
)
def test_invalid_chapters_are_rejected(as_bo: APIClient, draft: Story, body: dict[str, object]) -> None:
    response = as_bo.put(
        story_path(draft, "/chapters"), body | {"expected_version": draft.version}, format="json"
    )
    assert response.status_code == 400
    assert reload_story(draft).chapters.count() == 2


def test_submitting_an_incomplete_draft_lists_everything_missing(
    as_bo: APIClient, the_conversation: Challenge
) -> None:
    created = as_bo.post("/api/v1/stories", NEW_STORY, format="json").json()
    response = as_bo.post(f"/api/v1/stories/{created['id']}/submit", {"expected_version": 1}, format="json")
    assert (response.status_code, response.json()["code"]) == (409, "not_ready")
    assert len(response.json()["errors"]) == 3


def test_withdrawal_is_immediate_and_idempotent(
    as_bo: APIClient, as_ana: APIClient, people: NamedPeople, the_conversation: Challenge
) -> None:
    story = create_published_story(people.bo, the_conversation, by=people.mo)
    assert as_ana.get(story_path(story)).status_code == 200
    for _ in range(2):
        assert as_bo.post(story_path(story, "/withdraw")).json()["state"] == "withdrawn"
    assert as_ana.get(story_path(story)).status_code == 404
    assert reload_story(story).state == StoryState.WITHDRAWN


def test_a_story_can_be_hidden_and_shown_again(
    as_bo: APIClient, as_ana: APIClient, people: NamedPeople, the_conversation: Challenge
) -> None:
    story = create_published_story(people.bo, the_conversation, by=people.mo)
    assert as_bo.put(story_path(story, "/hidden"), {"hidden": True}, format="json").json()["hidden"] is True
    assert as_ana.get(story_path(story)).status_code == 404
    as_bo.put(story_path(story, "/hidden"), {"hidden": False}, format="json")
    assert as_ana.get(story_path(story)).status_code == 200


def test_progress_is_visible_to_the_teller_only(
    as_bo: APIClient, as_ana: APIClient, people: NamedPeople, draft: Story
) -> None:
    assert draft.video is not None
    Video.objects.filter(pk=draft.video.pk).update(
        status=Video.Status.PROCESSING, stage="encoding", percent=40
    )
    data = as_bo.get(story_path(draft, "/progress")).json()
    assert (data["stage"], data["percent"], data["recording"]["status"]) == ("encoding", 40, "processing")
    assert as_ana.get(story_path(draft, "/progress")).status_code == 404


def test_the_list_has_a_constant_query_count(
    as_bo: APIClient, people: NamedPeople, the_conversation: Challenge
) -> None:
    def add_stories(number: int) -> None:
        for _ in range(number):
            create_published_story(people.bo, the_conversation, by=people.mo)

    assert_constant_query_count(as_bo, "/api/v1/my/stories", add_items=add_stories)


def test_a_teller_can_choose_a_changed_voice(as_bo: APIClient, draft: Story) -> None:
    body = {"hide_faces": False, "change_voice": True, "expected_version": draft.version}
    data = as_bo.put(story_path(draft, "/disguise"), body, format="json").json()
    assert (data["hide_faces"], data["change_voice"], data["frames_with_faces_percent"]) == (
        False,
        True,
        None,
    )
    assert (data["recording"]["status"], data["recording"]["playable"]) == ("stored", False)
