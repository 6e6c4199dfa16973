"""Review pages: second factor, claims, decisions."""

from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import Role, User
from challenges.models import Challenge
from moderation.models import Claim, Decision, Notice, Skip, Verdict
from moderation.rubric import DECISION_REASONS, RubricAnswer, RubricItem
from stories import drafts, publishing
from stories.draft_validation import StoryDraft
from stories.models import Story, StoryState
from tests.moderation.scenarios import approving_submission, claim_for_reviewer, escalate_story, expire_lease
from tests.people import create_person
from tests.story_factories import create_challenge, create_story_in_review
from tests.web.clients import enrol_second_factor, error_summary_of, logged_in_client, reviewer_client

pytestmark = pytest.mark.django_db
ALL_YES_RUBRIC = {f"rubric.{item.value}": RubricAnswer.YES.value for item in RubricItem}


@pytest.fixture
def submitted_story(bo: User, the_conversation: Challenge) -> Story:
    return create_story_in_review(bo, the_conversation)


@pytest.fixture
def moderator_client(mo: User) -> Client:
    return reviewer_client(mo)


def review_url(story: Story, part: str = "") -> str:
    return f"/review/{story.pk}/{part}"


def submission_data(claim: Claim, verdict: str, **changes: Any) -> dict[str, Any]:
    """Return the POST data of a review of the claimed version."""
    story = Story.objects.get(pk=claim.story_id)
    hidden_fields = {"seen": story.version, "content_hash": story.content_hash, "claim_token": claim.token}
    return {**hidden_fields, **ALL_YES_RUBRIC, "verdict": verdict, **changes}


def test_review_answers_404_without_the_role(ana: User, bo: User, submitted_story: Story) -> None:
    for person in (ana, bo):
        for address in (
            "/review/",
            review_url(submitted_story),
            review_url(submitted_story, "hls/master.m3u8"),
        ):
            assert logged_in_client(person).get(address).status_code == 404
    assert Client().get("/review/").headers["Location"].startswith("/accounts/login/")


def test_moderator_without_second_factor_is_redirected_to_setup(mo: User, submitted_story: Story) -> None:
    response = logged_in_client(mo).get("/review/")
    assert response.headers["Location"] == "/accounts/2fa/totp/activate/"
    assert logged_in_client(mo).post("/review/next/").status_code == 302
    assert not Claim.objects.exists()


def test_session_without_verified_second_factor_cannot_review(mo: User, submitted_story: Story) -> None:
    enrol_second_factor(mo)
    response = logged_in_client(mo).get("/review/")
    assert response.headers["Location"] == "/accounts/2fa/reauthenticate/?next=%2Freview%2F"
    logged_in_client(mo).post("/review/next/")
    assert not Claim.objects.exists()


def test_queue_shows_its_length_and_assigns_the_next_story(
    moderator_client: Client, mo: User, submitted_story: Story
) -> None:
    html = moderator_client.get("/review/").content.decode()
    assert "1 story is waiting for you." in html
    assert "Review the next story" in html
    response = moderator_client.post("/review/next/")
    assert response.headers["Location"] == review_url(submitted_story)
    assert Claim.objects.active().held_by(mo).for_story(submitted_story).exists()
    assert "Continue the review" in moderator_client.get("/review/").content.decode()


def test_empty_queue_thanks_the_reviewer(moderator_client: Client) -> None:
    response = moderator_client.post("/review/next/", follow=True)
    assert "Nothing is waiting for you. Thank you." in response.content.decode()


def test_reviewer_is_not_offered_own_story(the_conversation: Challenge) -> None:
    lee = create_person("lee", Role.MODERATOR)
    own = create_story_in_review(lee, the_conversation)
    moderator_client = reviewer_client(lee)
    assert "Nothing is waiting for you" in moderator_client.get("/review/").content.decode()
    assert moderator_client.get(review_url(own)).status_code == 404
    assert moderator_client.post(review_url(own, "take/")).status_code == 404
    assert moderator_client.post(review_url(own, "decide/"), {"verdict": "approve"}).status_code == 404


def test_story_is_shown_blurred_with_everything_needed_to_judge_it(
    moderator_client: Client, mo: User, bo: User, the_conversation: Challenge
) -> None:
    story = create_story_in_review(
        bo,
        the_conversation,
        traits_then={"work_pattern": "nights", "age": 41},
        shown_traits=["work_pattern"],
        content_notes=["death"],
    )
    claim_for_reviewer(story, by=mo)
    html = moderator_client.get(review_url(story)).content.decode()
    assert "is-blurred is-greyscale" in html
    assert "<video muted" in html
    for expected in ("Death and grief", "Do part 2", "nights", "(not shown to viewers)", "10 more minutes"):
        assert expected in html
    for item in RubricItem:
        assert str(item.label) in html
    for reason in DECISION_REASONS.values():
        assert str(reason.to_teller) in html
    assert bo.email not in html


def test_story_is_closed_without_a_claim(moderator_client: Client, submitted_story: Story) -> None:
    response = moderator_client.get(review_url(submitted_story))
    assert "Your claim on this story has ended." in response.content.decode()
    assert "data-player" not in response.content.decode()
    assert moderator_client.get(review_url(submitted_story, "hls/poster.jpg")).status_code == 404
    assert moderator_client.get(review_url(submitted_story, "words/en.vtt")).status_code == 404


def test_media_files_close_with_the_claim(
    moderator_client: Client, mo: User, bo: User, submitted_story: Story
) -> None:
    claim = claim_for_reviewer(submitted_story, by=mo)
    captions = moderator_client.get(review_url(submitted_story, "words/en.vtt"))
    assert captions.headers["Content-Type"] == "text/vtt; charset=utf-8"
    assert "For two years I put it off." in moderator_client.get(review_url(submitted_story)).content.decode()
    expire_lease(claim)
    assert moderator_client.get(review_url(submitted_story, "words/en.vtt")).status_code == 404


def test_approval_publishes_the_reviewed_version(
    moderator_client: Client, mo: User, submitted_story: Story
) -> None:
    claim = claim_for_reviewer(submitted_story, by=mo)
    response = moderator_client.post(
        review_url(submitted_story, "decide/"), submission_data(claim, "approve")
    )
    assert response.headers["Location"] == "/review/"
    submitted_story.refresh_from_db()
    assert submitted_story.state == StoryState.PUBLISHED
    assert Decision.objects.get().by == mo


def test_approval_requires_every_rubric_answer(
    moderator_client: Client, mo: User, submitted_story: Story
) -> None:
    claim = claim_for_reviewer(submitted_story, by=mo)
    unsure = {"rubric.own_story": RubricAnswer.UNSURE.value, "note_to_teller": "Thank you for this."}
    response = moderator_client.post(
        review_url(submitted_story, "decide/"), submission_data(claim, "approve", **unsure)
    )
    assert response.status_code == 400
    assert list(error_summary_of(response)) == ["#id_rubric.own_story_0"]
    assert "Thank you for this." in response.content.decode()
    assert not Decision.objects.exists()


def test_decline_requires_a_reason(moderator_client: Client, mo: User, submitted_story: Story) -> None:
    claim = claim_for_reviewer(submitted_story, by=mo)
    for verdict in ("changes", "decline"):
        response = moderator_client.post(
            review_url(submitted_story, "decide/"), submission_data(claim, verdict)
        )
        assert response.status_code == 400
        assert list(error_summary_of(response)) == ["#id_reasons_0"]


def test_requested_changes_reach_the_teller(
    moderator_client: Client, mo: User, bo: User, submitted_story: Story
) -> None:
    claim = claim_for_reviewer(submitted_story, by=mo)
    requested_changes = {
        "reasons": ["hard_to_follow"],
        "note_to_teller": "From 0:20 the sound is gone.",
        "note_to_colleagues": "Only between us.",
    }
    moderator_client.post(
        review_url(submitted_story, "decide/"), submission_data(claim, "changes", **requested_changes)
    )
    for address in ("/tell/notices/", f"/tell/{submitted_story.pk}/"):
        html = logged_in_client(bo).get(address).content.decode()
        assert str(DECISION_REASONS["hard_to_follow"].to_teller) in html
        assert "From 0:20 the sound is gone." in html
        assert "Only between us." not in html
    assert "1 new" in logged_in_client(bo).get("/tell/").content.decode()
    notice = Notice.objects.get()
    logged_in_client(bo).post(f"/tell/notices/{notice.pk}/read/")
    assert "1 new" not in logged_in_client(bo).get("/tell/").content.decode()


def test_notice_is_visible_to_its_recipient_only(
    moderator_client: Client, mo: User, ana: User, submitted_story: Story
) -> None:
    claim = claim_for_reviewer(submitted_story, by=mo)
    moderator_client.post(
        review_url(submitted_story, "decide/"), submission_data(claim, "decline", reasons=["advertising"])
    )
    notice = Notice.objects.get()
    assert logged_in_client(ana).post(f"/tell/notices/{notice.pk}/read/").status_code == 404
    assert "Advertises" not in logged_in_client(ana).get("/tell/notices/").content.decode()
    notice.refresh_from_db()
    assert notice.read_at is None


def test_story_can_be_escalated_or_skipped(
    moderator_client: Client, mo: User, submitted_story: Story
) -> None:
    claim_for_reviewer(submitted_story, by=mo)
    moderator_client.post(review_url(submitted_story, "skip/"))
    assert Skip.objects.by_person(mo).exists()
    claim = claim_for_reviewer(submitted_story, by=mo)
    moderator_client.post(
        review_url(submitted_story, "decide/"),
        submission_data(claim, "escalate", note_to_colleagues="Please look at 0:12."),
    )
    assert Decision.objects.get().verdict == Verdict.ESCALATE
    assert "Nothing is waiting for you" in moderator_client.get("/review/").content.decode()


def test_senior_reviewer_sees_the_note_to_colleagues(mo: User, submitted_story: Story) -> None:
    escalate_story(submitted_story, by=mo)
    sol = create_person("sol", Role.SENIOR)
    moderator_client = reviewer_client(sol)
    assert "Escalated" in moderator_client.get("/review/").content.decode()
    claim_for_reviewer(submitted_story, by=sol)
    assert "Please look at 0:12." in moderator_client.get(review_url(submitted_story)).content.decode()


def test_released_story_is_available_to_others(
    moderator_client: Client, mo: User, submitted_story: Story
) -> None:
    claim_for_reviewer(submitted_story, by=mo)
    response = moderator_client.post(review_url(submitted_story, "release/"))
    assert response.headers["Location"] == "/review/"
    assert not Claim.objects.active().exists()


def test_renewing_the_claim_keeps_the_form_input(
    moderator_client: Client, mo: User, submitted_story: Story
) -> None:
    claim = claim_for_reviewer(submitted_story, by=mo)
    written = {"note_to_teller": "You were brave.", "reasons": ["hard_to_follow"], "rubric.own_story": "yes"}
    response = moderator_client.post(
        review_url(submitted_story, "renew/"), submission_data(claim, "", **written)
    )
    html = response.content.decode()
    assert response.status_code == 200
    assert "You were brave." in html
    assert 'value="hard_to_follow" id="id_reasons_12" checked' in html
    assert "error-summary" not in html


def test_expired_claim_cannot_decide_and_keeps_the_notes(
    moderator_client: Client, mo: User, submitted_story: Story
) -> None:
    claim = claim_for_reviewer(submitted_story, by=mo)
    expire_lease(claim)
    submission = submission_data(claim, "approve", note_to_teller="I liked the middle part.")
    response = moderator_client.post(review_url(submitted_story, "decide/"), submission)
    assert response.status_code == 409
    html = response.content.decode()
    assert "This story has changed" in html
    assert "I liked the middle part." in html
    assert "Review it again" in html
    submitted_story.refresh_from_db()
    assert submitted_story.state == StoryState.IN_REVIEW


def test_story_withdrawn_during_review_is_reported(
    moderator_client: Client, mo: User, bo: User, submitted_story: Story
) -> None:
    claim = claim_for_reviewer(submitted_story, by=mo)
    submission = submission_data(claim, "approve")
    publishing.withdraw_story(submitted_story, by=bo)
    response = moderator_client.post(review_url(submitted_story, "decide/"), submission)
    assert response.status_code == 409
    html = response.content.decode()
    assert "The story no longer exists." in html
    assert submitted_story.title not in html, "a withdrawn story is hidden from former claim holders"
    assert not Decision.objects.exists()


def test_story_changed_during_review_is_shown_again(
    moderator_client: Client, mo: User, bo: User, submitted_story: Story
) -> None:
    claim = claim_for_reviewer(submitted_story, by=mo)
    submission = submission_data(claim, "approve")
    publishing.set_story_hidden(submitted_story, by=bo, hidden=True)
    response = moderator_client.post(review_url(submitted_story, "decide/"), submission)
    assert response.status_code == 409
    assert "View the current version" in response.content.decode()
    assert not Decision.objects.exists()


def test_story_claimed_by_a_colleague_cannot_be_claimed_or_decided(
    moderator_client: Client, mo: User, submitted_story: Story
) -> None:
    lee = create_person("lee", Role.MODERATOR)
    claim = claim_for_reviewer(submitted_story, by=lee)
    assert "With a colleague" in moderator_client.get("/review/").content.decode()
    response = moderator_client.post(review_url(submitted_story, "take/"), follow=True)
    assert "Another reviewer is reviewing this story at the moment." in response.content.decode()
    assert (
        moderator_client.post(
            review_url(submitted_story, "decide/"), submission_data(claim, "approve")
        ).status_code
        == 409
    )
    assert not Decision.objects.exists()


def test_second_decision_with_a_valid_token_is_rejected(
    moderator_client: Client, mo: User, submitted_story: Story
) -> None:
    claim = claim_for_reviewer(submitted_story, by=mo)
    submission = submission_data(claim, "approve")
    moderator_client.post(review_url(submitted_story, "decide/"), submission)
    assert moderator_client.post(review_url(submitted_story, "decide/"), submission).status_code == 409
    assert Decision.objects.count() == 1


def test_verdict_is_required(moderator_client: Client, mo: User, submitted_story: Story) -> None:
    claim = claim_for_reviewer(submitted_story, by=mo)
    response = moderator_client.post(review_url(submitted_story, "decide/"), submission_data(claim, ""))
    assert response.status_code == 400
    assert "Choose a decision." in response.content.decode()


@pytest.mark.parametrize("how_many", [3, 12])
def test_queue_has_a_constant_query_count(
    how_many: int, moderator_client: Client, bo: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(how_many):
        create_story_in_review(bo, create_challenge(f"one-{number}"))
    with django_assert_max_num_queries(8):
        html = moderator_client.get("/review/").content.decode()
    assert html.count("Review<span") == how_many


def test_unfinished_story_is_not_in_the_queue(
    moderator_client: Client, bo: User, the_conversation: Challenge
) -> None:
    draft = drafts.create_draft(the_conversation, StoryDraft(title="Not yet"), by=bo)
    assert moderator_client.get(review_url(draft)).status_code == 404
    assert moderator_client.post(review_url(draft, "take/")).status_code == 404
    assert "Not yet" not in moderator_client.get("/review/").content.decode()


def test_review_requires_the_content_hash(moderator_client: Client, mo: User, submitted_story: Story) -> None:
    claim = claim_for_reviewer(submitted_story, by=mo)
    response = moderator_client.post(
        review_url(submitted_story, "decide/"), submission_data(claim, "approve", content_hash="0" * 64)
    )
    assert response.status_code == 409
    assert approving_submission(claim).content_hash == submitted_story.content_hash
    assert not Decision.objects.exists()
