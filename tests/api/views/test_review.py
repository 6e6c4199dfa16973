"""Review under a claim, for moderators who showed a second factor, and never of one's own story."""

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
def waiting(people: NamedPeople, the_conversation: Challenge) -> Story:
    return create_story_in_review(people.bo, the_conversation)


def claim_next_story(client: APIClient) -> dict[str, object]:
    answer = client.post("/api/v1/review/claim")
    assert answer.status_code == 200, answer.content
    told: dict[str, object] = answer.json()
    return told


def post_decision(client: APIClient, held: dict[str, object], verdict: str, **more: object) -> Any:
    story = held["story"]
    assert isinstance(story, dict)
    body = {
        "verdict": verdict,
        "claim_token": held["claim_token"],
        "expected_version": story["version"],
        "content_hash": story["content_hash"],
    }
    return client.post(f"/api/v1/review/{story['id']}/decision", body | more, format="json")


APPROVING_RUBRIC = {"rubric": {item.value: "yes" for item in RubricItem}}


def test_a_story_is_taken_seen_and_approved(as_mo: APIClient, as_ana: APIClient, waiting: Story) -> None:
    (line,) = as_mo.get("/api/v1/review").json()["items"]
    assert (line["story"]["id"], line["claimed"], line["claimed_by_me"]) == (str(waiting.pk), False, False)
    held = claim_next_story(as_mo)
    assert as_mo.get("/api/v1/review").json()["items"][0]["claimed_by_me"] is True
    answer = post_decision(as_mo, held, "approve", **APPROVING_RUBRIC)
    assert (answer.status_code, answer.json()["state"]) == (201, "published")
    assert as_ana.get(f"/api/v1/stories/{waiting.pk}").status_code == 200
    assert as_mo.post("/api/v1/review/claim").status_code == 204


def test_what_a_reviewer_sees_names_no_address_and_only_shown_traits(
    as_mo: APIClient, people: NamedPeople, the_conversation: Challenge
) -> None:
    story = create_story_in_review(
        people.bo, the_conversation, traits_then={"age": 41, "gender": "man"}, shown_traits=["age"]
    )
    assert story.video is not None
    tracks.save_captions(story.video, language="en", text=VTT)
    held = as_mo.post(f"/api/v1/review/{story.pk}/claim").json()
    assert held["playlist_url"] == f"/review/{story.pk}/hls/master.m3u8"
    assert "I kept putting it off." in held["story"]["transcripts"][0]["vtt"]
    assert [one["key"] for one in held["story"]["teller_traits"]] == ["age"]
    assert "traits_then" not in held["story"]
    assert "example.test" not in str(held)


def test_the_teller_is_told_in_words(as_mo: APIClient, as_bo: APIClient, waiting: Story) -> None:
    answer = post_decision(
        as_mo,
        claim_next_story(as_mo),
        "changes",
        reasons=["hard_to_follow"],
        note_to_teller="From 0:20 on.",
        note_to_colleagues="Be gentle.",
    )
    assert answer.status_code == 201
    (notice,) = as_bo.get("/api/v1/notices").json()["items"]
    assert "From 0:20 on." in notice["text"]
    assert "Be gentle." not in str(notice)
    read = as_bo.post(f"/api/v1/notices/{notice['id']}/read").json()
    assert read["read_at"] is not None


def test_a_decision_wants_reasons_when_it_turns_somebody_away(as_mo: APIClient, waiting: Story) -> None:
    answer = post_decision(as_mo, claim_next_story(as_mo), "decline")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "reasons"
    assert Story.objects.get().state == StoryState.IN_REVIEW


def test_a_stale_version_is_told_how_the_story_stands(
    as_mo: APIClient, people: NamedPeople, waiting: Story
) -> None:
    held = claim_next_story(as_mo)
    publishing.set_story_hidden(waiting, by=people.bo, hidden=True)
    answer = post_decision(as_mo, held, "approve", **APPROVING_RUBRIC)
    assert (answer.status_code, answer.json()["code"]) == (409, "story_moved")
    assert answer.json()["current"]["version"] == waiting.version + 1
    assert not Decision.objects.exists()


def test_other_content_than_was_seen_is_not_decided(as_mo: APIClient, waiting: Story) -> None:
    answer = post_decision(
        as_mo, claim_next_story(as_mo), "approve", **APPROVING_RUBRIC, content_hash="0" * 64
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "content_changed")


def test_a_claim_given_back_decides_nothing(as_mo: APIClient, waiting: Story) -> None:
    held = claim_next_story(as_mo)
    token = {"claim_token": held["claim_token"]}
    assert as_mo.post(f"/api/v1/review/{waiting.pk}/release", token, format="json").status_code == 204
    assert post_decision(as_mo, held, "approve", **APPROVING_RUBRIC).json()["code"] == "claim_lost"
    again = as_mo.post(f"/api/v1/review/{waiting.pk}/release", token, format="json")
    assert (again.status_code, again.json()["code"]) == (409, "claim_lost")


def test_a_skipped_story_is_not_offered_again_at_once(as_mo: APIClient, waiting: Story) -> None:
    token = {"claim_token": claim_next_story(as_mo)["claim_token"]}
    assert as_mo.post(f"/api/v1/review/{waiting.pk}/skip", token, format="json").status_code == 204
    assert as_mo.post("/api/v1/review/claim").status_code == 204


def test_two_people_never_hold_one_story(as_mo: APIClient, waiting: Story) -> None:
    claim_next_story(as_mo)
    other = logged_in_api_client(create_person("max", Role.MODERATOR), second_factor=True)
    assert other.post("/api/v1/review/claim").status_code == 204
    answer = other.post(f"/api/v1/review/{waiting.pk}/claim")
    assert (answer.status_code, answer.json()["code"]) == (409, "held_by_somebody_else")


def test_nobody_reviews_their_own_story(
    as_mo: APIClient, people: NamedPeople, the_conversation: Challenge
) -> None:
    own = create_story_in_review(people.mo, the_conversation)
    assert as_mo.get("/api/v1/review").json()["items"] == []
    answer = as_mo.post(f"/api/v1/review/{own.pk}/claim")
    assert (answer.status_code, answer.json()["code"]) == (403, "own_story")


def test_a_story_that_does_not_wait_is_not_there_for_a_reviewer(
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
def test_review_is_for_reviewers_with_a_second_factor(
    as_nobody: APIClient, as_ana: APIClient, people: NamedPeople, waiting: Story, verb: str, path: str
) -> None:
    without_factor = logged_in_api_client(people.mo)
    expected = (
        (as_nobody, 401, "sign_in"),
        (as_ana, 403, "not_a_reviewer"),
        (without_factor, 403, "second_factor"),
    )
    for client, status, code in expected:
        answer = getattr(client, verb)(path.format(story=waiting.pk))
        assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_notice_is_only_for_its_person(as_mo: APIClient, as_sam: APIClient, waiting: Story) -> None:
    post_decision(as_mo, claim_next_story(as_mo), "approve", **APPROVING_RUBRIC)
    notice = Notice.objects.get()
    assert as_sam.get("/api/v1/notices").json()["items"] == []
    assert as_sam.post(f"/api/v1/notices/{notice.pk}/read").status_code == 404


def test_the_rubric_says_what_the_teller_will_read(as_mo: APIClient, people: NamedPeople) -> None:
    told = as_mo.get("/api/v1/review/rubric").json()
    assert [item["key"] for item in told["items"]] == RubricItem.values
    assert all(reason["to_teller"] and reason["fix"] for reason in told["reasons"])


def test_a_longer_queue_asks_no_more(
    as_mo: APIClient, people: NamedPeople, the_conversation: Challenge
) -> None:
    def add(number: int) -> None:
        for _ in range(number):
            create_story_in_review(people.bo, the_conversation)
            as_mo.post("/api/v1/review/claim")

    assert_constant_query_count(as_mo, "/api/v1/review", add_items=add)


def test_a_longer_list_of_notices_asks_no_more(
    as_bo: APIClient, people: NamedPeople, the_conversation: Challenge
) -> None:
    story = create_published_story(people.bo, the_conversation, by=people.mo)

    def add(number: int) -> None:
        Notice.objects.bulk_create(
            Notice(person=people.bo, story=story, kind=Notice.Kind.PUBLISHED, words="It is open.")
            for _ in range(number)
        )

    assert_constant_query_count(as_bo, "/api/v1/notices", add_items=add)
