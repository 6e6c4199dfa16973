import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from challenges.models import Challenge
from moderation import decisions
from moderation.models import Claim, Decision, Notice, Verdict
from moderation.queue import StaleClaim
from moderation.review_permissions import (
    CannotReviewOwnStory,
    NotAReviewer,
    NotInReview,
    ReservedForAnotherReviewer,
)
from moderation.submission import ReasonsMissing, ReviewSubmission
from stories import publishing
from stories.lifecycle import StoryVersionConflict
from stories.models import Story, StoryEvent, StoryState
from stories.publishing import ContentChanged
from tests.moderation.scenarios import (
    approving_submission,
    claim_for_reviewer,
    escalate_story,
    expire_lease,
)
from tests.story_factories import create_story_in_review

pytestmark = pytest.mark.django_db
REASON_CODES = ["setback_missing"]


def test_an_approved_story_is_open_to_members(submitted_story: Story, ana: User, mo: User) -> None:
    decision = decisions.approve_story(
        submitted_story, approving_submission(claim_for_reviewer(submitted_story, by=mo)), by=mo
    )

    assert decision.story.state == StoryState.PUBLISHED
    assert list(Story.objects.visible_to(ana)) == [submitted_story]
    assert decision.story.approved_hash == submitted_story.content_hash


@pytest.mark.parametrize(
    ("verdict", "state"),
    [(Verdict.CHANGES, StoryState.CHANGES_REQUESTED), (Verdict.DECLINE, StoryState.DECLINED)],
)
def test_a_returned_or_declined_story_stays_hidden_and_its_history_has_the_reason(
    submitted_story: Story, ana: User, mo: User, verdict: Verdict, state: StoryState
) -> None:
    review = approving_submission(claim_for_reviewer(submitted_story, by=mo), reasons=REASON_CODES)

    decision = decisions.decide_story(submitted_story, verdict, review, by=mo)

    assert decision.story.state == state
    assert not Story.objects.visible_to(ana).exists()
    assert (
        StoryEvent.objects.filter(story=submitted_story, new=state).get().reason == "The hard part is missing"
    )


@pytest.mark.parametrize("verdict", [Verdict.APPROVE, Verdict.CHANGES, Verdict.DECLINE, Verdict.ESCALATE])
def test_a_decision_locks_the_story_once(submitted_story: Story, mo: User, verdict: Verdict) -> None:
    reasons = [] if verdict in {Verdict.APPROVE, Verdict.ESCALATE} else REASON_CODES
    review = approving_submission(
        claim_for_reviewer(submitted_story, by=mo), reasons=reasons, note_to_colleagues="Please look at 0:12."
    )

    with CaptureQueriesContext(connection) as queries:
        decisions.decide_story(submitted_story, verdict, review, by=mo)

    locks = [query["sql"] for query in queries if 'FOR UPDATE OF "stories_story"' in query["sql"]]
    assert len(locks) == 1


def test_a_story_with_requested_changes_can_be_submitted_again(
    submitted_story: Story, bo: User, mo: User
) -> None:
    review = approving_submission(claim_for_reviewer(submitted_story, by=mo), reasons=REASON_CODES)
    story = decisions.request_changes(submitted_story, review, by=mo).story

    resubmitted = publishing.submit_story(story, by=bo, expected_version=story.version)

    assert resubmitted.state == StoryState.IN_REVIEW
    assert (
        decisions.approve_story(
            resubmitted, approving_submission(claim_for_reviewer(resubmitted, by=mo)), by=mo
        ).story.state
        == "published"
    )


def test_declining_and_requesting_changes_need_a_reason(submitted_story: Story, mo: User) -> None:
    claim = claim_for_reviewer(submitted_story, by=mo)

    for action in (decisions.decline_story, decisions.request_changes):
        with pytest.raises(ReasonsMissing):
            action(submitted_story, approving_submission(claim), by=mo)
    assert_nothing_changed(submitted_story, claim)


def test_an_escalated_story_stays_in_review_and_its_teller_gets_no_notice(
    submitted_story: Story, mo: User, sen: User
) -> None:
    decision = escalate_story(submitted_story, by=mo)

    assert decision.story.state == StoryState.IN_REVIEW
    assert not Notice.objects.exists()
    approved = decisions.approve_story(
        submitted_story, approving_submission(claim_for_reviewer(submitted_story, by=sen)), by=sen
    )
    assert approved.story.state == StoryState.PUBLISHED


def test_a_moderator_cannot_decide_on_their_own_story(
    mo: User, nia: User, the_conversation: Challenge
) -> None:
    own = create_story_in_review(mo, the_conversation)
    claim = claim_for_reviewer(own, by=nia)

    with pytest.raises(CannotReviewOwnStory):
        decisions.approve_story(own, approving_submission(claim), by=mo)
    assert not decisions.may_decide(own, mo)
    assert_nothing_changed(own, claim)


def test_a_person_without_a_reviewer_role_learns_nothing_from_a_refused_decision(
    submitted_story: Story, mo: User, sam: User
) -> None:
    claim = claim_for_reviewer(submitted_story, by=mo)

    with pytest.raises(NotAReviewer):
        decisions.approve_story(submitted_story, ReviewSubmission("wrong", 99, "wrong"), by=sam)
    assert_nothing_changed(submitted_story, claim)


def test_only_the_reviewer_with_an_active_claim_may_decide(
    submitted_story: Story, bo: User, mo: User, nia: User, sam: User
) -> None:
    assert not decisions.may_decide(submitted_story, mo)
    claim = claim_for_reviewer(submitted_story, by=mo)

    assert decisions.may_decide(submitted_story, mo)
    assert not any(decisions.may_decide(submitted_story, person) for person in (bo, nia, sam))
    expire_lease(claim)
    assert not decisions.may_decide(submitted_story, mo)


def test_a_decision_about_an_old_version_is_refused_with_the_current_story(
    submitted_story: Story, bo: User, mo: User
) -> None:
    claim = claim_for_reviewer(submitted_story, by=mo)
    review = approving_submission(claim)
    publishing.set_story_hidden(submitted_story, by=bo, hidden=True)

    with pytest.raises(StoryVersionConflict) as error:
        decisions.approve_story(submitted_story, review, by=mo)
    assert error.value.story.version == submitted_story.version + 1
    assert_nothing_changed(submitted_story, claim)


@pytest.mark.parametrize("verdict", Verdict)
def test_a_decision_about_other_content_is_refused(
    submitted_story: Story, mo: User, verdict: Verdict
) -> None:
    claim = claim_for_reviewer(submitted_story, by=mo)
    required_fields: dict[Verdict, dict[str, object]] = {
        Verdict.CHANGES: {"reasons": REASON_CODES},
        Verdict.DECLINE: {"reasons": REASON_CODES},
        Verdict.ESCALATE: {"note_to_colleagues": "Please look."},
    }
    review = approving_submission(claim, content_hash="0" * 64, **required_fields.get(verdict, {}))

    with pytest.raises(ContentChanged) as error:
        decisions.decide_story(submitted_story, verdict, review, by=mo)
    assert error.value.story == submitted_story
    assert_nothing_changed(submitted_story, claim)


def test_captions_changed_during_the_review_are_not_approved(submitted_story: Story, mo: User) -> None:
    claim = claim_for_reviewer(submitted_story, by=mo)
    review = approving_submission(claim)
    assert submitted_story.video is not None
    submitted_story.video.captions.create(
        language="de", vtt="WEBVTT\n\n00:00.000 --> 00:01.000\nOther words\n", cues=1
    )

    with pytest.raises(ContentChanged):
        decisions.approve_story(submitted_story, review, by=mo)
    assert_nothing_changed(submitted_story, claim)


def test_a_decision_needs_the_token_of_ones_own_active_claim(
    submitted_story: Story, mo: User, nia: User
) -> None:
    claim = claim_for_reviewer(submitted_story, by=mo)

    for person, token in ((mo, "guessed"), (mo, ""), (mo, "ключ"), (mo, "\ud800"), (nia, claim.token)):
        with pytest.raises(StaleClaim) as error:
            decisions.approve_story(
                submitted_story, approving_submission(claim, claim_token=token), by=person
            )
        assert error.value.story == submitted_story
    assert_nothing_changed(submitted_story, claim)


def test_a_decision_under_an_expired_lease_is_refused_even_without_a_takeover(
    submitted_story: Story, mo: User
) -> None:
    claim = claim_for_reviewer(submitted_story, by=mo)
    expire_lease(claim)

    with pytest.raises(StaleClaim):
        decisions.approve_story(submitted_story, approving_submission(claim), by=mo)
    assert_nothing_changed(submitted_story, claim)


def test_after_a_takeover_only_the_new_claim_allows_a_decision(
    submitted_story: Story, mo: User, nia: User
) -> None:
    expired_claim = claim_for_reviewer(submitted_story, by=mo)
    expire_lease(expired_claim)
    active_claim = claim_for_reviewer(submitted_story, by=nia)

    with pytest.raises(StaleClaim):
        decisions.approve_story(submitted_story, approving_submission(expired_claim), by=mo)
    with pytest.raises(StaleClaim):
        decisions.approve_story(submitted_story, approving_submission(expired_claim), by=nia)
    assert (
        decisions.approve_story(submitted_story, approving_submission(active_claim), by=nia).story.state
        == StoryState.PUBLISHED
    )


def test_a_claim_allows_no_second_decision_after_an_escalation(
    submitted_story: Story, mo: User, sen: User
) -> None:
    claim = claim_for_reviewer(submitted_story, by=sen)
    review = approving_submission(claim, note_to_colleagues="Please look.")
    decisions.escalate_story(submitted_story, review, by=sen)

    with pytest.raises(ReservedForAnotherReviewer):
        decisions.escalate_story(submitted_story, review, by=sen)
    with pytest.raises(ReservedForAnotherReviewer):
        decisions.approve_story(submitted_story, approving_submission(claim), by=mo)
    assert Decision.objects.count() == 1


def test_a_withdrawn_story_cannot_be_decided(submitted_story: Story, bo: User, mo: User) -> None:
    claim = claim_for_reviewer(submitted_story, by=mo)
    review = approving_submission(claim)
    publishing.withdraw_story(submitted_story, by=bo)

    with pytest.raises(StoryVersionConflict):
        decisions.approve_story(submitted_story, review, by=mo)
    with pytest.raises(NotInReview):
        decisions.approve_story(submitted_story, approving_submission(claim), by=mo)
    assert not Decision.objects.exists()


def test_the_database_rejects_a_refusal_without_a_reason(submitted_story: Story, mo: User) -> None:
    with pytest.raises(IntegrityError, match="never_turned_away"), transaction.atomic():
        Decision.objects.create(
            story=submitted_story,
            by=mo,
            verdict=Verdict.DECLINE,
            version=1,
            content_hash=submitted_story.content_hash,
        )


def assert_nothing_changed(story: Story, claim: Claim) -> None:
    """Assert that the story is still in review under the same claim, without decisions and notices."""
    assert Story.objects.get(pk=story.pk).state == StoryState.IN_REVIEW
    assert not Decision.objects.exists()
    assert not Notice.objects.exists()
    claim.refresh_from_db()
    assert claim.ended_at is None
