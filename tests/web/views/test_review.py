"""The review pages: a second factor at the door, one story under a claim, one decision about what was seen."""

from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import Role, User
from challenges.models import Challenge
from moderation.models import Claim, Decision, Notice, Skip, Verdict
from moderation.rubric import DECISION_REASONS, RubricAnswer, RubricItem
from stories import drafts, publishing
from stories.models import Story, StoryState
from tests.moderation.scenarios import approving_submission, claim_for_reviewer, escalate_story, expire_lease
from tests.people import create_person
from tests.story_factories import create_challenge, create_story_in_review
from tests.web.clients import enrol_second_factor, error_summary_of, logged_in_client, reviewer_client

pytestmark = pytest.mark.django_db
ALL_YES_RUBRIC = {f"rubric.{item.value}": RubricAnswer.YES.value for item in RubricItem}


@pytest.fixture
def waiting(bo: User, the_conversation: Challenge) -> Story:
    return create_story_in_review(bo, the_conversation)


@pytest.fixture
def desk(mo: User) -> Client:
    return reviewer_client(mo)


def review_url(story: Story, part: str = "") -> str:
    return f"/review/{story.pk}/{part}"


def submission_data(claim: Claim, verdict: str, **changes: Any) -> dict[str, Any]:
    """Return what a reviewer's browser sends: what the page gave it, and their answers."""
    story = Story.objects.get(pk=claim.story_id)
    given = {"seen": story.version, "content_hash": story.content_hash, "claim_token": claim.token}
    return {**given, **ALL_YES_RUBRIC, "verdict": verdict, **changes}


def test_to_viewers_and_tellers_the_desk_does_not_exist(ana: User, bo: User, waiting: Story) -> None:
    for person in (ana, bo):
        for address in ("/review/", review_url(waiting), review_url(waiting, "hls/master.m3u8")):
            assert logged_in_client(person).get(address).status_code == 404
    assert Client().get("/review/").headers["Location"].startswith("/accounts/login/")


def test_a_moderator_without_a_second_factor_is_led_to_set_one_up(mo: User, waiting: Story) -> None:
    answer = logged_in_client(mo).get("/review/")
    assert answer.headers["Location"] == "/accounts/2fa/totp/activate/"
    assert logged_in_client(mo).post("/review/next/").status_code == 302
    assert not Claim.objects.exists()


def test_a_session_without_the_second_factor_cannot_review(mo: User, waiting: Story) -> None:
    enrol_second_factor(mo)
    answer = logged_in_client(mo).get("/review/")
    assert answer.headers["Location"] == "/accounts/2fa/reauthenticate/?next=%2Freview%2F"
    logged_in_client(mo).post("/review/next/")
    assert not Claim.objects.exists()


def test_the_desk_says_how_much_waits_and_hands_out_the_next_story(
    desk: Client, mo: User, waiting: Story
) -> None:
    shown = desk.get("/review/").content.decode()
    assert "1 story is waiting for you." in shown
    assert "Review the next story" in shown
    answer = desk.post("/review/next/")
    assert answer.headers["Location"] == review_url(waiting)
    assert Claim.objects.active().held_by(mo).for_story(waiting).exists()
    assert "Continue the review" in desk.get("/review/").content.decode()


def test_an_empty_queue_is_said_kindly(desk: Client) -> None:
    answer = desk.post("/review/next/", follow=True)
    assert "Nothing is waiting for you. Thank you." in answer.content.decode()


def test_nobody_is_offered_their_own_story(the_conversation: Challenge) -> None:
    lee = create_person("lee", Role.MODERATOR)
    own = create_story_in_review(lee, the_conversation)
    desk = reviewer_client(lee)
    assert "Nothing is waiting for you" in desk.get("/review/").content.decode()
    assert desk.get(review_url(own)).status_code == 404
    assert desk.post(review_url(own, "take/")).status_code == 404
    assert desk.post(review_url(own, "decide/"), {"verdict": "approve"}).status_code == 404


def test_a_story_is_shown_veiled_with_all_there_is_to_judge_it_by(
    desk: Client, mo: User, bo: User, the_conversation: Challenge
) -> None:
    story = create_story_in_review(
        bo,
        the_conversation,
        traits_then={"work_pattern": "nights", "age": 41},
        shown_traits=["work_pattern"],
        content_notes=["death"],
    )
    claim_for_reviewer(story, by=mo)
    shown = desk.get(review_url(story)).content.decode()
    assert "is-blurred is-greyscale" in shown
    assert "<video muted" in shown
    for words in ("Death and grief", "Do part 2", "nights", "(not shown to viewers)", "10 more minutes"):
        assert words in shown
    for item in RubricItem:
        assert item.label in shown
    for reason in DECISION_REASONS.values():
        assert reason.to_teller in shown
    assert bo.email not in shown


def test_nothing_of_a_story_is_open_to_a_reviewer_who_does_not_hold_it(desk: Client, waiting: Story) -> None:
    answer = desk.get(review_url(waiting))
    assert "Your claim on this story has ended." in answer.content.decode()
    assert "data-player" not in answer.content.decode()
    assert desk.get(review_url(waiting, "hls/poster.jpg")).status_code == 404
    assert desk.get(review_url(waiting, "words/en.vtt")).status_code == 404


def test_bytes_close_with_the_claim(desk: Client, mo: User, bo: User, waiting: Story) -> None:
    claim = claim_for_reviewer(waiting, by=mo)
    spoken = desk.get(review_url(waiting, "words/en.vtt"))
    assert spoken.headers["Content-Type"] == "text/vtt; charset=utf-8"
    assert "For two years I put it off." in desk.get(review_url(waiting)).content.decode()
    expire_lease(claim)
    assert desk.get(review_url(waiting, "words/en.vtt")).status_code == 404


def test_an_approval_publishes_exactly_what_was_seen(desk: Client, mo: User, waiting: Story) -> None:
    claim = claim_for_reviewer(waiting, by=mo)
    answer = desk.post(review_url(waiting, "decide/"), submission_data(claim, "approve"))
    assert answer.headers["Location"] == "/review/"
    waiting.refresh_from_db()
    assert waiting.state == StoryState.PUBLISHED
    assert Decision.objects.get().by == mo


def test_an_approval_needs_every_answer(desk: Client, mo: User, waiting: Story) -> None:
    claim = claim_for_reviewer(waiting, by=mo)
    unsure = {"rubric.own_story": RubricAnswer.UNSURE.value, "note_to_teller": "Thank you for this."}
    answer = desk.post(review_url(waiting, "decide/"), submission_data(claim, "approve", **unsure))
    assert answer.status_code == 400
    assert list(error_summary_of(answer)) == ["#id_rubric.own_story_0"]
    assert "Thank you for this." in answer.content.decode()
    assert not Decision.objects.exists()


def test_nobody_is_turned_away_without_a_reason(desk: Client, mo: User, waiting: Story) -> None:
    claim = claim_for_reviewer(waiting, by=mo)
    for verdict in ("changes", "decline"):
        answer = desk.post(review_url(waiting, "decide/"), submission_data(claim, verdict))
        assert answer.status_code == 400
        assert list(error_summary_of(answer)) == ["#id_reasons_0"]


def test_what_is_asked_for_reaches_the_teller_in_words(
    desk: Client, mo: User, bo: User, waiting: Story
) -> None:
    claim = claim_for_reviewer(waiting, by=mo)
    asked = {
        "reasons": ["hard_to_follow"],
        "note_to_teller": "From 0:20 the sound is gone.",
        "note_to_colleagues": "Only between us.",
    }
    desk.post(review_url(waiting, "decide/"), submission_data(claim, "changes", **asked))
    for address in ("/tell/notices/", f"/tell/{waiting.pk}/"):
        shown = logged_in_client(bo).get(address).content.decode()
        assert DECISION_REASONS["hard_to_follow"].to_teller in shown
        assert "From 0:20 the sound is gone." in shown
        assert "Only between us." not in shown
    assert "1 new" in logged_in_client(bo).get("/tell/").content.decode()
    notice = Notice.objects.get()
    logged_in_client(bo).post(f"/tell/notices/{notice.pk}/read/")
    assert "1 new" not in logged_in_client(bo).get("/tell/").content.decode()


def test_a_notice_is_for_its_teller_alone(desk: Client, mo: User, ana: User, waiting: Story) -> None:
    claim = claim_for_reviewer(waiting, by=mo)
    desk.post(review_url(waiting, "decide/"), submission_data(claim, "decline", reasons=["advertising"]))
    notice = Notice.objects.get()
    assert logged_in_client(ana).post(f"/tell/notices/{notice.pk}/read/").status_code == 404
    assert "Advertises" not in logged_in_client(ana).get("/tell/notices/").content.decode()
    notice.refresh_from_db()
    assert notice.read_at is None


def test_a_story_that_is_too_much_is_passed_on_or_skipped(desk: Client, mo: User, waiting: Story) -> None:
    claim_for_reviewer(waiting, by=mo)
    desk.post(review_url(waiting, "skip/"))
    assert Skip.objects.by_person(mo).exists()
    claim = claim_for_reviewer(waiting, by=mo)
    desk.post(
        review_url(waiting, "decide/"),
        submission_data(claim, "escalate", note_to_colleagues="Please look at 0:12."),
    )
    assert Decision.objects.get().verdict == Verdict.ESCALATE
    assert "Nothing is waiting for you" in desk.get("/review/").content.decode()


def test_a_senior_reads_what_a_colleague_wrote(mo: User, waiting: Story) -> None:
    escalate_story(waiting, by=mo)
    sol = create_person("sol", Role.SENIOR)
    desk = reviewer_client(sol)
    assert "Escalated" in desk.get("/review/").content.decode()
    claim_for_reviewer(waiting, by=sol)
    assert "Please look at 0:12." in desk.get(review_url(waiting)).content.decode()


def test_a_story_given_back_is_free_for_others(desk: Client, mo: User, waiting: Story) -> None:
    claim_for_reviewer(waiting, by=mo)
    answer = desk.post(review_url(waiting, "release/"))
    assert answer.headers["Location"] == "/review/"
    assert not Claim.objects.active().exists()


def test_holding_on_keeps_what_was_filled_in(desk: Client, mo: User, waiting: Story) -> None:
    claim = claim_for_reviewer(waiting, by=mo)
    written = {"note_to_teller": "You were brave.", "reasons": ["hard_to_follow"], "rubric.own_story": "yes"}
    answer = desk.post(review_url(waiting, "renew/"), submission_data(claim, "", **written))
    shown = answer.content.decode()
    assert answer.status_code == 200
    assert "You were brave." in shown
    assert 'value="hard_to_follow" id="id_reasons_12" checked' in shown
    assert "error-summary" not in shown


def test_a_claim_that_ran_out_decides_nothing_and_loses_no_words(
    desk: Client, mo: User, waiting: Story
) -> None:
    claim = claim_for_reviewer(waiting, by=mo)
    expire_lease(claim)
    sent = submission_data(claim, "approve", note_to_teller="I liked the middle part.")
    answer = desk.post(review_url(waiting, "decide/"), sent)
    assert answer.status_code == 409
    shown = answer.content.decode()
    assert "This story has changed" in shown
    assert "I liked the middle part." in shown
    assert "Review it again" in shown
    waiting.refresh_from_db()
    assert waiting.state == StoryState.IN_REVIEW


def test_a_story_taken_back_meanwhile_is_said_to_be_so(
    desk: Client, mo: User, bo: User, waiting: Story
) -> None:
    claim = claim_for_reviewer(waiting, by=mo)
    sent = submission_data(claim, "approve")
    publishing.withdraw_story(waiting, by=bo)
    answer = desk.post(review_url(waiting, "decide/"), sent)
    assert answer.status_code == 409
    shown = answer.content.decode()
    assert "The story no longer exists." in shown
    assert waiting.title not in shown, "what was taken back is not shown to those who once held it"
    assert not Decision.objects.exists()


def test_a_story_that_changed_since_it_was_seen_is_shown_afresh(
    desk: Client, mo: User, bo: User, waiting: Story
) -> None:
    claim = claim_for_reviewer(waiting, by=mo)
    sent = submission_data(claim, "approve")
    publishing.set_story_hidden(waiting, by=bo, hidden=True)
    answer = desk.post(review_url(waiting, "decide/"), sent)
    assert answer.status_code == 409
    assert "View the current version" in answer.content.decode()
    assert not Decision.objects.exists()


def test_a_colleagues_story_can_neither_be_taken_nor_decided(desk: Client, mo: User, waiting: Story) -> None:
    lee = create_person("lee", Role.MODERATOR)
    claim = claim_for_reviewer(waiting, by=lee)
    assert "With a colleague" in desk.get("/review/").content.decode()
    answer = desk.post(review_url(waiting, "take/"), follow=True)
    assert "A colleague is reviewing this story at the moment." in answer.content.decode()
    assert desk.post(review_url(waiting, "decide/"), submission_data(claim, "approve")).status_code == 409
    assert not Decision.objects.exists()


def test_a_colleague_with_the_right_token_still_cannot_decide_twice(
    desk: Client, mo: User, waiting: Story
) -> None:
    claim = claim_for_reviewer(waiting, by=mo)
    sent = submission_data(claim, "approve")
    desk.post(review_url(waiting, "decide/"), sent)
    assert desk.post(review_url(waiting, "decide/"), sent).status_code == 409
    assert Decision.objects.count() == 1


def test_a_verdict_has_to_be_chosen(desk: Client, mo: User, waiting: Story) -> None:
    claim = claim_for_reviewer(waiting, by=mo)
    answer = desk.post(review_url(waiting, "decide/"), submission_data(claim, ""))
    assert answer.status_code == 400
    assert "Choose a decision." in answer.content.decode()


@pytest.mark.parametrize("how_many", [3, 12])
def test_the_desk_takes_as_many_queries_however_much_waits(
    how_many: int, desk: Client, bo: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(how_many):
        create_story_in_review(bo, create_challenge(f"one-{number}"))
    with django_assert_max_num_queries(8):
        shown = desk.get("/review/").content.decode()
    assert shown.count("Review<span") == how_many


def test_an_unfinished_story_is_never_on_the_desk(
    desk: Client, bo: User, the_conversation: Challenge
) -> None:
    draft = drafts.create_draft(the_conversation, drafts.StoryDraft(title="Not yet"), by=bo)
    assert desk.get(review_url(draft)).status_code == 404
    assert desk.post(review_url(draft, "take/")).status_code == 404
    assert "Not yet" not in desk.get("/review/").content.decode()


def test_a_review_names_the_content_it_is_about(desk: Client, mo: User, waiting: Story) -> None:
    claim = claim_for_reviewer(waiting, by=mo)
    answer = desk.post(
        review_url(waiting, "decide/"), submission_data(claim, "approve", content_hash="0" * 64)
    )
    assert answer.status_code == 409
    assert approving_submission(claim).content_hash == waiting.content_hash
    assert not Decision.objects.exists()
