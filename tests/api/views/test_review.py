from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import Role
from challenges.models import Challenge
from media.captions import tracks
from moderation.models import Decision, Notice
from moderation.rubric import RubricItem
from stories import publishing
from stories.models import Story, StoryState
from tests.api.conftest import logged_in_api_client
from tests.api.query_counts import assert_constant_query_count
from tests.people import NamedPeople, create_person
from tests.story_factories import create_published_story, create_story_in_review

VTT = "WEBVTT\n\n00:00.000 --> 00:04.000\nI kept putting it off.\n"


@pytest.fixture
def submitted_story(people: NamedPeople, the_conversation: Challenge) -> Story:
    return create_story_in_review(people.bo, the_conversation)


def claim_next_story(client: APIClient) -> dict[str, object]:
    response = client.post("/api/v1/review/claim")
    assert response.status_code == 200, response.content
    data: dict[str, object] = response.json()
    return data


def post_decision(client: APIClient, claim: dict[str, object], verdict: str, **fields: object) -> Any:
    story = claim["story"]
    assert isinstance(story, dict)
    body = {
        "verdict": verdict,
        "claim_token": claim["claim_token"],
        "expected_version": story["version"],
        "content_hash": story["content_hash"],
    }
    return client.post(f"/api/v1/review/{story['id']}/decision", body | fields, format="json")


APPROVING_RUBRIC = {"rubric": {item.value: "yes" for item in RubricItem}}


def test_a_story_is_claimed_and_approved(as_mo: APIClient, as_ana: APIClient, submitted_story: Story) -> None:
    (item,) = as_mo.get("/api/v1/review").json()["items"]
    assert (item["story"]["id"], item["claimed"], item["claimed_by_me"]) == (
        str(submitted_story.pk),
        False,
        False,
    )
    claim = claim_next_story(as_mo)
    assert as_mo.get("/api/v1/review").json()["items"][0]["claimed_by_me"] is True
    response = post_decision(as_mo, claim, "approve", **APPROVING_RUBRIC)
    assert (response.status_code, response.json()["state"]) == (201, "published")
    assert as_ana.get(f"/api/v1/stories/{submitted_story.pk}").status_code == 200
    assert as_mo.post("/api/v1/review/claim").status_code == 204


def test_a_claim_contains_shown_traits_only_and_no_email_address(
    as_mo: APIClient, people: NamedPeople, the_conversation: Challenge
) -> None:
    story = create_story_in_review(
        people.bo, the_conversation, traits_then={"age": 41, "gender": "man"}, shown_traits=["age"]
    )
    assert story.video is not None
    tracks.save_captions(story.video, language="en", text=VTT)
    claim = as_mo.post(f"/api/v1/review/{story.pk}/claim").json()
    assert claim["playlist_url"] == f"/review/{story.pk}/hls/master.m3u8"
    assert "I kept putting it off." in claim["story"]["transcripts"][0]["vtt"]
    assert [trait["key"] for trait in claim["story"]["teller_traits"]] == ["age"]
    assert "traits_then" not in claim["story"]
    assert "example.test" not in str(claim)


def test_a_decision_notifies_the_teller(as_mo: APIClient, as_bo: APIClient, submitted_story: Story) -> None:
    response = post_decision(
        as_mo,
        claim_next_story(as_mo),
        "changes",
        reasons=["hard_to_follow"],
        note_to_teller="From 0:20 on.",
        note_to_colleagues="Be gentle.",
    )
    assert response.status_code == 201
    (notice,) = as_bo.get("/api/v1/notices").json()["items"]
    assert "From 0:20 on." in notice["text"]
    assert "Be gentle." not in str(notice)
    notice_data = as_bo.post(f"/api/v1/notices/{notice['id']}/read").json()
    assert notice_data["read_at"] is not None


def test_declining_requires_a_reason(as_mo: APIClient, submitted_story: Story) -> None:
    response = post_decision(as_mo, claim_next_story(as_mo), "decline")
    assert response.status_code == 400
    assert response.json()["errors"][0]["field"] == "reasons"
    assert Story.objects.get().state == StoryState.IN_REVIEW


def test_a_stale_version_is_a_conflict(as_mo: APIClient, people: NamedPeople, submitted_story: Story) -> None:
    claim = claim_next_story(as_mo)
    publishing.set_story_hidden(submitted_story, by=people.bo, hidden=True)
    response = post_decision(as_mo, claim, "approve", **APPROVING_RUBRIC)
    assert (response.status_code, response.json()["code"]) == (409, "story_moved")
    assert response.json()["current"]["version"] == submitted_story.version + 1
    assert not Decision.objects.exists()


def test_a_changed_content_hash_is_a_conflict(as_mo: APIClient, submitted_story: Story) -> None:
    response = post_decision(
        as_mo, claim_next_story(as_mo), "approve", **APPROVING_RUBRIC, content_hash="0" * 64
    )
    assert (response.status_code, response.json()["code"]) == (409, "content_changed")


def test_a_released_claim_cannot_be_used(as_mo: APIClient, submitted_story: Story) -> None:
    claim = claim_next_story(as_mo)
    token = {"claim_token": claim["claim_token"]}
    assert as_mo.post(f"/api/v1/review/{submitted_story.pk}/release", token, format="json").status_code == 204
    assert post_decision(as_mo, claim, "approve", **APPROVING_RUBRIC).json()["code"] == "claim_lost"
    second_response = as_mo.post(f"/api/v1/review/{submitted_story.pk}/release", token, format="json")
    assert (second_response.status_code, second_response.json()["code"]) == (409, "claim_lost")


def test_a_skipped_story_is_not_offered_again(as_mo: APIClient, submitted_story: Story) -> None:
    token = {"claim_token": claim_next_story(as_mo)["claim_token"]}
    assert as_mo.post(f"/api/v1/review/{submitted_story.pk}/skip", token, format="json").status_code == 204
    assert as_mo.post("/api/v1/review/claim").status_code == 204


def test_a_claimed_story_cannot_be_claimed_by_another_reviewer(
    as_mo: APIClient, submitted_story: Story
) -> None:
    claim_next_story(as_mo)
    as_other_moderator = logged_in_api_client(create_person("max", Role.MODERATOR), second_factor=True)
    assert as_other_moderator.post("/api/v1/review/claim").status_code == 204
    response = as_other_moderator.post(f"/api/v1/review/{submitted_story.pk}/claim")
    assert (response.status_code, response.json()["code"]) == (409, "held_by_somebody_else")


def test_reviewers_cannot_review_their_own_story(
    as_mo: APIClient, people: NamedPeople, the_conversation: Challenge
) -> None:
    own_story = create_story_in_review(people.mo, the_conversation)
    assert as_mo.get("/api/v1/review").json()["items"] == []
    response = as_mo.post(f"/api/v1/review/{own_story.pk}/claim")
    assert (response.status_code, response.json()["code"]) == (403, "own_story")


def test_a_story_that_is_not_in_review_is_not_found(
    as_mo: APIClient, people: NamedPeople, the_conversation: Challenge
) -> None:
    story = create_published_story(people.bo, the_conversation, by=people.sam)
    assert as_mo.post(f"/api/v1/review/{story.pk}/claim").status_code == 404


PATHS = (
    ("get", "/api/v1/review"),
    ("get", "/api/v1/review/rubric"),
    ("post", "/api/v1/review/claim"),
    ("post", "/api/v1/review/{story}/claim"),
    ("post", "/api/v1/review/{story}/release"),
    ("post", "/api/v1/review/{story}/skip"),
    ("post", "/api/v1/review/{story}/decision"),
)


@pytest.mark.parametrize(("verb", "path"), PATHS)
def test_review_requires_a_reviewer_with_a_second_factor(
    as_nobody: APIClient, as_ana: APIClient, people: NamedPeople, submitted_story: Story, verb: str, path: str
) -> None:
    as_mo_without_factor = logged_in_api_client(people.mo)
    expected = (
        (as_nobody, 401, "sign_in"),
        (as_ana, 403, "not_a_reviewer"),
        (as_mo_without_factor, 403, "second_factor"),
    )
    for client, status, code in expected:
        response = getattr(client, verb)(path.format(story=submitted_story.pk))
        assert (response.status_code, response.json()["code"]) == (status, code)


def test_notices_are_visible_to_their_recipient_only(
    as_mo: APIClient, as_sam: APIClient, submitted_story: Story
) -> None:
    post_decision(as_mo, claim_next_story(as_mo), "approve", **APPROVING_RUBRIC)
    notice = Notice.objects.get()
    assert as_sam.get("/api/v1/notices").json()["items"] == []
    assert as_sam.post(f"/api/v1/notices/{notice.pk}/read").status_code == 404


def test_the_rubric_contains_the_text_for_tellers(as_mo: APIClient, people: NamedPeople) -> None:
    data = as_mo.get("/api/v1/review/rubric").json()
    assert [item["key"] for item in data["items"]] == RubricItem.values
    assert all(reason["to_teller"] and reason["fix"] for reason in data["reasons"])


def test_the_queue_has_a_constant_query_count(
    as_mo: APIClient, people: NamedPeople, the_conversation: Challenge
) -> None:
    def add(number: int) -> None:
        for _ in range(number):
            create_story_in_review(people.bo, the_conversation)
            as_mo.post("/api/v1/review/claim")

    assert_constant_query_count(as_mo, "/api/v1/review", add_items=add)


def test_the_list_of_notices_has_a_constant_query_count(
    as_bo: APIClient, people: NamedPeople, the_conversation: Challenge
) -> None:
    story = create_published_story(people.bo, the_conversation, by=people.mo)

    def add(number: int) -> None:
        Notice.objects.bulk_create(
            Notice(person=people.bo, story=story, kind=Notice.Kind.PUBLISHED, words="It is open.")
            for _ in range(number)
        )

    assert_constant_query_count(as_bo, "/api/v1/notices", add_items=add)
