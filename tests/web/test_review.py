"""The review pages: a second factor at the door, one story under a claim, one decision about what was seen."""

from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import Role, User
from challenges.models import Challenge
from moderation.models import Claim, Decision, Notice, Skip, Verdict
from moderation.rubric import REASONS, Answer, Item
from stories import publishing, telling
from stories.models import Story, StoryState
from tests.moderation.scene import escalated, review_under, run_out, take
from tests.people import join
from tests.stories_told import challenge_named, story_in_review
from tests.web.visits import reviewing_visit_by, set_up_second_factor, summary_of, visit_by

pytestmark = pytest.mark.django_db
ALL_WELL = {f"rubric.{item.value}": Answer.YES.value for item in Item}


@pytest.fixture
def waiting(bo: User, the_conversation: Challenge) -> Story:
    return story_in_review(bo, the_conversation)


@pytest.fixture
def desk(mo: User) -> Client:
    return reviewing_visit_by(mo)


def page(story: Story, part: str = "") -> str:
    return f"/review/{story.pk}/{part}"


def filled_in(claim: Claim, verdict: str, **changes: Any) -> dict[str, Any]:
    """Return what a reviewer's browser sends: what the page gave it, and their answers."""
    story = Story.objects.get(pk=claim.story_id)
    given = {"seen": story.version, "content_hash": story.content_hash, "claim_token": claim.token}
    return {**given, **ALL_WELL, "verdict": verdict, **changes}


def test_to_viewers_and_tellers_the_desk_does_not_exist(ana: User, bo: User, waiting: Story) -> None:
    for person in (ana, bo):
        for address in ("/review/", page(waiting), page(waiting, "hls/master.m3u8")):
            assert visit_by(person).get(address).status_code == 404
    assert Client().get("/review/").headers["Location"].startswith("/accounts/login/")


def test_a_moderator_without_a_second_factor_is_led_to_set_one_up(mo: User, waiting: Story) -> None:
    answer = visit_by(mo).get("/review/")
    assert answer.headers["Location"] == "/accounts/2fa/totp/activate/"
    assert visit_by(mo).post("/review/next/").status_code == 302
    assert not Claim.objects.exists()


def test_a_session_without_the_second_factor_cannot_review(mo: User, waiting: Story) -> None:
    set_up_second_factor(mo)
    answer = visit_by(mo).get("/review/")
    assert answer.headers["Location"] == "/accounts/2fa/reauthenticate/?next=%2Freview%2F"
    visit_by(mo).post("/review/next/")
    assert not Claim.objects.exists()


def test_the_desk_says_how_much_waits_and_hands_out_the_next_story(
    desk: Client, mo: User, waiting: Story
) -> None:
    shown = desk.get("/review/").content.decode()
    assert "1 story waits" in shown
    assert "Take the next story" in shown
    answer = desk.post("/review/next/")
    assert answer.headers["Location"] == page(waiting)
    assert Claim.objects.standing().of(mo).on(waiting).exists()
    assert "Go on with it" in desk.get("/review/").content.decode()


def test_an_empty_queue_is_said_kindly(desk: Client) -> None:
    answer = desk.post("/review/next/", follow=True)
    assert "Nothing is waiting for you. Thank you." in answer.content.decode()


def test_nobody_is_offered_their_own_story(the_conversation: Challenge) -> None:
    lee = join("lee", Role.MODERATOR)
    own = story_in_review(lee, the_conversation)
    desk = reviewing_visit_by(lee)
    assert "Nothing is waiting for you" in desk.get("/review/").content.decode()
    assert desk.get(page(own)).status_code == 404
    assert desk.post(page(own, "take/")).status_code == 404
    assert desk.post(page(own, "decide/"), {"verdict": "approve"}).status_code == 404


def test_a_story_is_shown_veiled_with_all_there_is_to_judge_it_by(
    desk: Client, mo: User, bo: User, the_conversation: Challenge
) -> None:
    story = story_in_review(
        bo,
        the_conversation,
        traits_then={"work_pattern": "nights", "age": 41},
        shown_traits=["work_pattern"],
        content_notes=["death"],
    )
    take(story, by=mo)
    shown = desk.get(page(story)).content.decode()
    assert "veil-blur veil-grey" in shown
    assert "<video muted" in shown
    for words in ("Death and grief", "Do part 2", "nights", "(not shown to viewers)", "10 more minutes"):
        assert words in shown
    for item in Item:
        assert item.label in shown
    for reason in REASONS.values():
        assert reason.to_teller in shown
    assert bo.email not in shown


def test_nothing_of_a_story_is_open_to_a_reviewer_who_does_not_hold_it(desk: Client, waiting: Story) -> None:
    answer = desk.get(page(waiting))
    assert "You do not hold this story any more." in answer.content.decode()
    assert "data-player" not in answer.content.decode()
    assert desk.get(page(waiting, "hls/poster.jpg")).status_code == 404
    assert desk.get(page(waiting, "words/en.vtt")).status_code == 404


def test_bytes_close_with_the_claim(desk: Client, mo: User, bo: User, waiting: Story) -> None:
    claim = take(waiting, by=mo)
    spoken = desk.get(page(waiting, "words/en.vtt"))
    assert spoken.headers["Content-Type"] == "text/vtt; charset=utf-8"
    assert "For two years I put it off." in desk.get(page(waiting)).content.decode()
    run_out(claim)
    assert desk.get(page(waiting, "words/en.vtt")).status_code == 404


def test_an_approval_publishes_exactly_what_was_seen(desk: Client, mo: User, waiting: Story) -> None:
    claim = take(waiting, by=mo)
    answer = desk.post(page(waiting, "decide/"), filled_in(claim, "approve"))
    assert answer.headers["Location"] == "/review/"
    waiting.refresh_from_db()
    assert waiting.state == StoryState.PUBLISHED
    assert Decision.objects.get().by == mo


def test_an_approval_needs_every_answer(desk: Client, mo: User, waiting: Story) -> None:
    claim = take(waiting, by=mo)
    unsure = {"rubric.own_story": Answer.UNSURE.value, "note_to_teller": "Thank you for this."}
    answer = desk.post(page(waiting, "decide/"), filled_in(claim, "approve", **unsure))
    assert answer.status_code == 400
    assert list(summary_of(answer)) == ["#id_rubric.own_story_0"]
    assert "Thank you for this." in answer.content.decode()
    assert not Decision.objects.exists()


def test_nobody_is_turned_away_without_a_reason(desk: Client, mo: User, waiting: Story) -> None:
    claim = take(waiting, by=mo)
    for verdict in ("changes", "decline"):
        answer = desk.post(page(waiting, "decide/"), filled_in(claim, verdict))
        assert answer.status_code == 400
        assert list(summary_of(answer)) == ["#id_reasons_0"]


def test_what_is_asked_for_reaches_the_teller_in_words(
    desk: Client, mo: User, bo: User, waiting: Story
) -> None:
    claim = take(waiting, by=mo)
    asked = {
        "reasons": ["hard_to_follow"],
        "note_to_teller": "From 0:20 the sound is gone.",
        "note_to_colleagues": "Only between us.",
    }
    desk.post(page(waiting, "decide/"), filled_in(claim, "changes", **asked))
    for address in ("/tell/notices/", f"/tell/{waiting.pk}/"):
        shown = visit_by(bo).get(address).content.decode()
        assert REASONS["hard_to_follow"].to_teller in shown
        assert "From 0:20 the sound is gone." in shown
        assert "Only between us." not in shown
    assert "1 new" in visit_by(bo).get("/tell/").content.decode()
    notice = Notice.objects.get()
    visit_by(bo).post(f"/tell/notices/{notice.pk}/read/")
    assert "1 new" not in visit_by(bo).get("/tell/").content.decode()


def test_a_notice_is_for_its_teller_alone(desk: Client, mo: User, ana: User, waiting: Story) -> None:
    claim = take(waiting, by=mo)
    desk.post(page(waiting, "decide/"), filled_in(claim, "decline", reasons=["advertising"]))
    notice = Notice.objects.get()
    assert visit_by(ana).post(f"/tell/notices/{notice.pk}/read/").status_code == 404
    assert "Advertises" not in visit_by(ana).get("/tell/notices/").content.decode()
    notice.refresh_from_db()
    assert notice.read_at is None


def test_a_story_that_is_too_much_is_passed_on_or_skipped(desk: Client, mo: User, waiting: Story) -> None:
    take(waiting, by=mo)
    desk.post(page(waiting, "skip/"))
    assert Skip.objects.of(mo).exists()
    claim = take(waiting, by=mo)
    desk.post(
        page(waiting, "decide/"), filled_in(claim, "escalate", note_to_colleagues="Please look at 0:12.")
    )
    assert Decision.objects.get().verdict == Verdict.ESCALATE
    assert "Nothing is waiting for you" in desk.get("/review/").content.decode()


def test_a_senior_reads_what_a_colleague_wrote(mo: User, waiting: Story) -> None:
    escalated(waiting, by=mo)
    sol = join("sol", Role.SENIOR)
    desk = reviewing_visit_by(sol)
    assert "Passed on" in desk.get("/review/").content.decode()
    take(waiting, by=sol)
    assert "Please look at 0:12." in desk.get(page(waiting)).content.decode()


def test_a_story_given_back_is_free_for_others(desk: Client, mo: User, waiting: Story) -> None:
    take(waiting, by=mo)
    answer = desk.post(page(waiting, "release/"))
    assert answer.headers["Location"] == "/review/"
    assert not Claim.objects.standing().exists()


def test_holding_on_keeps_what_was_filled_in(desk: Client, mo: User, waiting: Story) -> None:
    claim = take(waiting, by=mo)
    written = {"note_to_teller": "You were brave.", "reasons": ["hard_to_follow"], "rubric.own_story": "yes"}
    answer = desk.post(page(waiting, "renew/"), filled_in(claim, "", **written))
    shown = answer.content.decode()
    assert answer.status_code == 200
    assert "You were brave." in shown
    assert 'value="hard_to_follow" id="id_reasons_12" checked' in shown
    assert "error-summary" not in shown


def test_a_claim_that_ran_out_decides_nothing_and_loses_no_words(
    desk: Client, mo: User, waiting: Story
) -> None:
    claim = take(waiting, by=mo)
    run_out(claim)
    sent = filled_in(claim, "approve", note_to_teller="I liked the middle part.")
    answer = desk.post(page(waiting, "decide/"), sent)
    assert answer.status_code == 409
    shown = answer.content.decode()
    assert "This story moved on" in shown
    assert "I liked the middle part." in shown
    assert "Take it again" in shown
    waiting.refresh_from_db()
    assert waiting.state == StoryState.IN_REVIEW


def test_a_story_taken_back_meanwhile_is_said_to_be_so(
    desk: Client, mo: User, bo: User, waiting: Story
) -> None:
    claim = take(waiting, by=mo)
    sent = filled_in(claim, "approve")
    publishing.withdraw(waiting, by=bo)
    answer = desk.post(page(waiting, "decide/"), sent)
    assert answer.status_code == 409
    shown = answer.content.decode()
    assert "The story is no longer there." in shown
    assert waiting.title not in shown, "what was taken back is not shown to those who once held it"
    assert not Decision.objects.exists()


def test_a_story_that_changed_since_it_was_seen_is_shown_afresh(
    desk: Client, mo: User, bo: User, waiting: Story
) -> None:
    claim = take(waiting, by=mo)
    sent = filled_in(claim, "approve")
    publishing.hide(waiting, by=bo, hidden=True)
    answer = desk.post(page(waiting, "decide/"), sent)
    assert answer.status_code == 409
    assert "Look at it as it stands now" in answer.content.decode()
    assert not Decision.objects.exists()


def test_a_colleagues_story_can_neither_be_taken_nor_decided(desk: Client, mo: User, waiting: Story) -> None:
    lee = join("lee", Role.MODERATOR)
    claim = take(waiting, by=lee)
    assert "With a colleague" in desk.get("/review/").content.decode()
    answer = desk.post(page(waiting, "take/"), follow=True)
    assert "A colleague is reviewing this story at the moment." in answer.content.decode()
    assert desk.post(page(waiting, "decide/"), filled_in(claim, "approve")).status_code == 409
    assert not Decision.objects.exists()


def test_a_colleague_with_the_right_token_still_cannot_decide_twice(
    desk: Client, mo: User, waiting: Story
) -> None:
    claim = take(waiting, by=mo)
    sent = filled_in(claim, "approve")
    desk.post(page(waiting, "decide/"), sent)
    assert desk.post(page(waiting, "decide/"), sent).status_code == 409
    assert Decision.objects.count() == 1


def test_a_verdict_has_to_be_chosen(desk: Client, mo: User, waiting: Story) -> None:
    claim = take(waiting, by=mo)
    answer = desk.post(page(waiting, "decide/"), filled_in(claim, ""))
    assert answer.status_code == 400
    assert "Choose what is to happen with the story." in answer.content.decode()


@pytest.mark.parametrize("how_many", [3, 12])
def test_the_desk_takes_as_many_queries_however_much_waits(
    how_many: int, desk: Client, bo: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(how_many):
        story_in_review(bo, challenge_named(f"one-{number}"))
    with django_assert_max_num_queries(8):
        shown = desk.get("/review/").content.decode()
    assert shown.count("Take this one") == how_many


def test_an_unfinished_story_is_never_on_the_desk(
    desk: Client, bo: User, the_conversation: Challenge
) -> None:
    draft = telling.start(the_conversation, telling.StoryDraft(title="Not yet"), by=bo)
    assert desk.get(page(draft)).status_code == 404
    assert desk.post(page(draft, "take/")).status_code == 404
    assert "Not yet" not in desk.get("/review/").content.decode()


def test_a_review_names_the_content_it_is_about(desk: Client, mo: User, waiting: Story) -> None:
    claim = take(waiting, by=mo)
    answer = desk.post(page(waiting, "decide/"), filled_in(claim, "approve", content_hash="0" * 64))
    assert answer.status_code == 409
    assert review_under(claim).content_hash == waiting.content_hash
    assert not Decision.objects.exists()
