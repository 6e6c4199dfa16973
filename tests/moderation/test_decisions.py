import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from challenges.models import Challenge
from jobs.models import Job
from moderation import decisions
from moderation.models import Claim, ClaimEnding, Decision, Notice, Verdict
from moderation.policy import CannotReviewOwnStory, NotAReviewer, NotInReview, ReservedForAnotherReviewer
from moderation.queue import StaleClaim
from moderation.submission import ReasonsMissing, ReviewSubmission
from stories import publishing
from stories.lifecycle import StoryVersionConflict
from stories.models import Story, StoryEvent, StoryState
from stories.publishing import ContentChanged
from tests.moderation.scenarios import (
    ALL_YES_RUBRIC,
    approving_submission,
    claim_for_reviewer,
    escalate_story,
    expire_lease,
)
from tests.story_factories import create_story_in_review

pytestmark = pytest.mark.django_db
REASON_CODES = ["setback_missing"]


def test_an_approved_story_is_open_to_members(told: Story, ana: User, mo: User) -> None:
    decision = decisions.approve_story(told, approving_submission(claim_for_reviewer(told, by=mo)), by=mo)

    assert decision.story.state == StoryState.PUBLISHED
    assert list(Story.objects.visible_to(ana)) == [told]
    assert decision.story.approved_hash == told.content_hash


@pytest.mark.parametrize(
    ("verdict", "state"),
    [(Verdict.CHANGES, StoryState.CHANGES_REQUESTED), (Verdict.DECLINE, StoryState.DECLINED)],
)
def test_a_story_turned_away_stays_unseen_and_its_history_says_why(
    told: Story, ana: User, mo: User, verdict: Verdict, state: StoryState
) -> None:
    review = approving_submission(claim_for_reviewer(told, by=mo), reasons=REASON_CODES)

    decision = decisions.decide_story(told, verdict, review, by=mo)

    assert decision.story.state == state
    assert not Story.objects.visible_to(ana).exists()
    assert StoryEvent.objects.filter(story=told, new=state).get().reason == "The hard part is missing"


@pytest.mark.parametrize("verdict", [Verdict.APPROVE, Verdict.CHANGES, Verdict.DECLINE, Verdict.ESCALATE])
def test_a_decision_locks_the_story_once(told: Story, mo: User, verdict: Verdict) -> None:
    reasons = [] if verdict in {Verdict.APPROVE, Verdict.ESCALATE} else REASON_CODES
    review = approving_submission(
        claim_for_reviewer(told, by=mo), reasons=reasons, note_to_colleagues="Please look at 0:12."
    )

    with CaptureQueriesContext(connection) as queries:
        decisions.decide_story(told, verdict, review, by=mo)

    locks = [query["sql"] for query in queries if 'FOR UPDATE OF "stories_story"' in query["sql"]]
    assert len(locks) == 1


def test_asking_for_changes_lets_the_teller_send_the_story_again(told: Story, bo: User, mo: User) -> None:
    review = approving_submission(claim_for_reviewer(told, by=mo), reasons=REASON_CODES)
    story = decisions.request_changes(told, review, by=mo).story

    again = publishing.submit_story(story, by=bo, expected_version=story.version)

    assert again.state == StoryState.IN_REVIEW
    assert (
        decisions.approve_story(
            again, approving_submission(claim_for_reviewer(again, by=mo)), by=mo
        ).story.state
        == "published"
    )


def test_declining_needs_a_reason(told: Story, mo: User) -> None:
    claim = claim_for_reviewer(told, by=mo)

    for act in (decisions.decline_story, decisions.request_changes):
        with pytest.raises(ReasonsMissing):
            act(told, approving_submission(claim), by=mo)
    assert_nothing_changed(told, claim)


def test_an_escalated_story_waits_for_a_senior_and_its_teller_hears_nothing_yet(
    told: Story, mo: User, sen: User
) -> None:
    decision = escalate_story(told, by=mo)

    assert decision.story.state == StoryState.IN_REVIEW
    assert not Notice.objects.exists()
    approved = decisions.approve_story(told, approving_submission(claim_for_reviewer(told, by=sen)), by=sen)
    assert approved.story.state == StoryState.PUBLISHED


def test_a_decision_keeps_what_was_seen_and_answered_ends_the_claim_and_tells_the_teller(
    told: Story, bo: User, mo: User
) -> None:
    claim = claim_for_reviewer(told, by=mo)
    review = approving_submission(claim, note_to_teller=" Thank you. ", note_to_colleagues=" Calm. ")

    decision = decisions.approve_story(told, review, by=mo)

    decision.refresh_from_db()
    assert (decision.by, decision.claim, decision.verdict) == (mo, claim, Verdict.APPROVE)
    assert (decision.version, decision.content_hash) == (told.version, told.content_hash)
    assert (decision.note_to_teller, decision.note_to_colleagues) == ("Thank you.", "Calm.")
    assert decision.rubric == ALL_YES_RUBRIC
    claim.refresh_from_db()
    assert claim.ending == ClaimEnding.DECIDED
    notice = Notice.objects.to_person(bo).get()
    job = Job.objects.for_subject(notice.pk).get()
    assert (job.kind, job.owner_key) == ("moderation.tell_teller", str(bo.pk))
    assert (notice.story, notice.kind) == (told, Notice.Kind.PUBLISHED)


def test_a_moderator_cannot_decide_on_their_own_story(
    mo: User, nia: User, the_conversation: Challenge
) -> None:
    own = create_story_in_review(mo, the_conversation)
    claim = claim_for_reviewer(own, by=nia)

    with pytest.raises(CannotReviewOwnStory):
        decisions.approve_story(own, approving_submission(claim), by=mo)
    assert not decisions.may_decide(own, mo)
    assert_nothing_changed(own, claim)


def test_a_stranger_learns_nothing_by_trying_to_decide(told: Story, mo: User, sam: User) -> None:
    claim = claim_for_reviewer(told, by=mo)

    with pytest.raises(NotAReviewer):
        decisions.approve_story(told, ReviewSubmission("wrong", 99, "wrong"), by=sam)
    assert_nothing_changed(told, claim)


def test_who_holds_the_story_may_decide_and_nobody_else(
    told: Story, bo: User, mo: User, nia: User, sam: User
) -> None:
    assert not decisions.may_decide(told, mo)
    claim = claim_for_reviewer(told, by=mo)

    assert decisions.may_decide(told, mo)
    assert not any(decisions.may_decide(told, person) for person in (bo, nia, sam))
    expire_lease(claim)
    assert not decisions.may_decide(told, mo)


def test_a_decision_about_a_stale_version_is_refused_with_the_fresh_story(
    told: Story, bo: User, mo: User
) -> None:
    claim = claim_for_reviewer(told, by=mo)
    review = approving_submission(claim)
    publishing.set_story_hidden(told, by=bo, hidden=True)

    with pytest.raises(StoryVersionConflict) as refused:
        decisions.approve_story(told, review, by=mo)
    assert refused.value.story.version == told.version + 1
    assert_nothing_changed(told, claim)


@pytest.mark.parametrize("verdict", Verdict)
def test_a_decision_about_other_content_is_refused(told: Story, mo: User, verdict: Verdict) -> None:
    claim = claim_for_reviewer(told, by=mo)
    fitting: dict[Verdict, dict[str, object]] = {
        Verdict.CHANGES: {"reasons": REASON_CODES},
        Verdict.DECLINE: {"reasons": REASON_CODES},
        Verdict.ESCALATE: {"note_to_colleagues": "Please look."},
    }
    review = approving_submission(claim, content_hash="0" * 64, **fitting.get(verdict, {}))

    with pytest.raises(ContentChanged) as refused:
        decisions.decide_story(told, verdict, review, by=mo)
    assert refused.value.story == told
    assert_nothing_changed(told, claim)


def test_captions_changed_behind_a_reviewers_back_are_not_approved(told: Story, mo: User) -> None:
    claim = claim_for_reviewer(told, by=mo)
    review = approving_submission(claim)
    assert told.video is not None
    told.video.captions.create(language="de", vtt="WEBVTT\n\n00:00.000 --> 00:01.000\nOther words\n", cues=1)

    with pytest.raises(ContentChanged):
        decisions.approve_story(told, review, by=mo)
    assert_nothing_changed(told, claim)


def test_a_claim_has_to_be_ones_own_standing_and_named_by_its_token(told: Story, mo: User, nia: User) -> None:
    claim = claim_for_reviewer(told, by=mo)

    for person, token in ((mo, "guessed"), (mo, ""), (mo, "ключ"), (mo, "\ud800"), (nia, claim.token)):
        with pytest.raises(StaleClaim) as refused:
            decisions.approve_story(told, approving_submission(claim, claim_token=token), by=person)
        assert refused.value.story == told
    assert_nothing_changed(told, claim)


def test_a_lease_that_ran_out_decides_nothing_even_if_nobody_took_over(told: Story, mo: User) -> None:
    claim = claim_for_reviewer(told, by=mo)
    expire_lease(claim)

    with pytest.raises(StaleClaim):
        decisions.approve_story(told, approving_submission(claim), by=mo)
    assert_nothing_changed(told, claim)


def test_after_a_takeover_only_the_new_holder_decides(told: Story, mo: User, nia: User) -> None:
    lost = claim_for_reviewer(told, by=mo)
    expire_lease(lost)
    standing = claim_for_reviewer(told, by=nia)

    with pytest.raises(StaleClaim):
        decisions.approve_story(told, approving_submission(lost), by=mo)
    with pytest.raises(StaleClaim):
        decisions.approve_story(told, approving_submission(lost), by=nia)
    assert (
        decisions.approve_story(told, approving_submission(standing), by=nia).story.state
        == StoryState.PUBLISHED
    )


def test_a_claim_from_before_an_escalation_is_used_up(told: Story, mo: User, sen: User) -> None:
    claim = claim_for_reviewer(told, by=sen)
    review = approving_submission(claim, note_to_colleagues="Please look.")
    decisions.escalate_story(told, review, by=sen)

    with pytest.raises(ReservedForAnotherReviewer):
        decisions.escalate_story(told, review, by=sen)
    with pytest.raises(ReservedForAnotherReviewer):
        decisions.approve_story(told, approving_submission(claim), by=mo)
    assert Decision.objects.count() == 1


def test_a_withdrawn_story_cannot_be_decided(told: Story, bo: User, mo: User) -> None:
    claim = claim_for_reviewer(told, by=mo)
    review = approving_submission(claim)
    publishing.withdraw_story(told, by=bo)

    with pytest.raises(StoryVersionConflict):
        decisions.approve_story(told, review, by=mo)
    with pytest.raises(NotInReview):
        decisions.approve_story(told, approving_submission(claim), by=mo)
    assert not Decision.objects.exists()


def test_the_database_itself_keeps_a_teller_from_being_turned_away_without_a_reason(
    told: Story, mo: User
) -> None:
    with pytest.raises(IntegrityError, match="never_turned_away"), transaction.atomic():
        Decision.objects.create(
            story=told, by=mo, verdict=Verdict.DECLINE, version=1, content_hash=told.content_hash
        )


def assert_nothing_changed(story: Story, claim: Claim) -> None:
    """The refusal left the story, its version, the claim and the teller's notices as they were."""
    assert Story.objects.get(pk=story.pk).state == StoryState.IN_REVIEW
    assert not Decision.objects.exists()
    assert not Notice.objects.exists()
    claim.refresh_from_db()
    assert claim.ended_at is None
