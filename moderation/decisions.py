"""Decisions about a story under review: approve, request changes, decline, or escalate to a senior.

A decision is one transaction: it moves the story, ends the claim, writes the decision and its audit event, and enqueues
the teller's notice. Locks are taken in the same order everywhere (story, claim, audit chain), so that decisions do not
deadlock with claims or withdrawals. The story is locked once.
"""

from typing import assert_never

from django.conf import settings
from django.db import transaction
from django.utils import translation

from accounts.models import User
from audit import trail
from moderation import notices, queue, review_permissions
from moderation.models import Claim, ClaimEnding, Decision, Verdict
from moderation.rubric import reason_labels
from moderation.submission import ReviewSubmission, validate_submission
from stories import lifecycle, publishing
from stories.lifecycle import LockedStory
from stories.models import Story


def may_decide(story: Story, person: User) -> bool:
    """Return whether this person may review the story and holds its claim."""
    return (
        review_permissions.may_review(story, person)
        and Claim.objects.active().for_story(story).held_by(person).exists()
    )


def approve_story(story: Story, review: ReviewSubmission, *, by: User) -> Decision:
    """Open the story to members. Raises the same as `decide_story`."""
    return decide_story(story, Verdict.APPROVE, review, by=by)


def request_changes(story: Story, review: ReviewSubmission, *, by: User) -> Decision:
    """Return the story to its teller with reasons. Raises the same as `decide_story`."""
    return decide_story(story, Verdict.CHANGES, review, by=by)


def decline_story(story: Story, review: ReviewSubmission, *, by: User) -> Decision:
    """Decline the story with reasons. Raises the same as `decide_story`."""
    return decide_story(story, Verdict.DECLINE, review, by=by)


def escalate_story(story: Story, review: ReviewSubmission, *, by: User) -> Decision:
    """Leave the decision to a senior; the story stays in review. Raises the same as `decide_story`."""
    return decide_story(story, Verdict.ESCALATE, review, by=by)


def decide_story(story: Story, verdict: Verdict, review: ReviewSubmission, *, by: User) -> Decision:
    """Make one decision about the content that the reviewer saw, under their claim.

    Raises InvalidReview (or its subclass ReasonsMissing), NotAReviewer, CannotReviewOwnStory, StoryVersionConflict,
    NotInReview, ReservedForAnotherReviewer, ContentChanged, StaleClaim.
    """
    review_permissions.check_reviewer(
        by, story
    )  # first, because other people must not learn the current version
    validate_submission(verdict, review)
    with transaction.atomic():
        locked = lifecycle.lock_story(story, expected_version=review.seen)
        review_permissions.check_may_review(locked, by=by)
        if review.content_hash != locked.content_hash:
            raise publishing.ContentChanged(locked)
        claim = queue.lock_active_claim(locked, by=by, token=review.claim_token)
        queue.end_claim(claim, ClaimEnding.DECIDED, by=by)
        decided = _apply_verdict(locked, verdict, review, by=by)
        decision = _record_decision(decided, verdict, review, claim=claim)
        notices.notify_teller(decision)
    return decision


def _apply_verdict(
    story: LockedStory, verdict: Verdict, review: ReviewSubmission, *, by: User
) -> LockedStory:
    match verdict:
        case Verdict.APPROVE:
            return publishing.publish_locked(story, by=by, content_hash=review.content_hash)
        case Verdict.CHANGES:
            return publishing.request_changes(story, by=by, reason=_event_reason(review))
        case Verdict.DECLINE:
            return publishing.decline_story(story, by=by, reason=_event_reason(review))
        case Verdict.ESCALATE:
            return story
        case _:
            assert_never(verdict)


def _event_reason(review: ReviewSubmission) -> str:
    """Return the reason that the story's history stores; not in the reviewer's language, because tellers read it."""
    with translation.override(settings.LANGUAGE_CODE):
        return reason_labels(review.reasons)


def _record_decision(story: Story, verdict: Verdict, review: ReviewSubmission, *, claim: Claim) -> Decision:
    decision = Decision.objects.create(
        story=story,
        claim=claim,
        by=claim.reviewer,
        verdict=verdict,
        version=review.seen,
        content_hash=review.content_hash,
        reasons=list(review.reasons),
        note_to_teller=review.note_to_teller.strip(),
        note_to_colleagues=review.note_to_colleagues.strip(),
        rubric=dict(review.rubric),
    )
    trail.record_event(
        f"review.{verdict.value}",
        story,
        by=claim.reviewer,
        details={
            "decision": str(decision.pk),
            "claim": str(claim.pk),
            "seen": review.seen,
            "content_hash": review.content_hash,
            "reasons": list(review.reasons),
        },
    )
    return decision
