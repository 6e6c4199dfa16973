"""Decide about a story under review: approve it, ask for changes, decline it, or pass it to a senior.

Everything that a decision does happens in one transaction: the story moves, the claim ends, the decision and its
audit event are written, and the teller's notice is on its way. Locks are taken in one order everywhere (story,
claim, audit chain), so that deciding never deadlocks with claiming or withdrawing.
"""

from typing import assert_never

from django.db import transaction

from accounts.models import User
from audit import trail
from moderation import notices, queue, reviewing
from moderation.models import Claim, Decision, Ending, Verdict
from moderation.review import Review, check
from moderation.rubric import labels
from stories import lifecycle, publishing
from stories.models import Story


def may_decide(story: Story, person: User) -> bool:
    """Return whether this person may decide about the story now: they may review it, and they hold it."""
    return reviewing.may_review(story, person) and Claim.objects.standing().on(story).of(person).exists()


def approve(story: Story, review: Review, *, by: User) -> Decision:
    """Open the story to members. Raises what `decide` raises."""
    return decide(story, Verdict.APPROVE, review, by=by)


def ask_for_changes(story: Story, review: Review, *, by: User) -> Decision:
    """Give the story back to its teller with what to change. Raises what `decide` raises."""
    return decide(story, Verdict.CHANGES, review, by=by)


def decline(story: Story, review: Review, *, by: User) -> Decision:
    """Refuse the story, with reasons. Raises what `decide` raises."""
    return decide(story, Verdict.DECLINE, review, by=by)


def escalate(story: Story, review: Review, *, by: User) -> Decision:
    """Leave the decision to a senior; the story goes on waiting, for them only. Raises what `decide` raises."""
    return decide(story, Verdict.ESCALATE, review, by=by)


def decide(story: Story, verdict: Verdict, review: Review, *, by: User) -> Decision:
    """Make one decision about the content that was seen, under one's claim; its `story` is the fresh one.

    Raises BadReview (ReasonsMissing among them), NotAReviewer, OwnStory, StoryMoved, NotInReview,
    ForAnotherReviewer, ContentChanged, StaleClaim.
    """
    reviewing.check_person(by, story)  # first of all: to others, not even the version is said
    check(verdict, review)
    with transaction.atomic():
        fresh = lifecycle.lock(story, seen=review.seen)
        reviewing.check(fresh, by=by)
        if review.content_hash != fresh.content_hash:
            raise publishing.ContentChanged(fresh)
        claim = queue.standing_claim(fresh, by=by, token=review.claim_token)
        queue.end(claim, Ending.DECIDED, by=by)
        moved = _carry_out(fresh, verdict, review, by=by)
        decision = _keep(moved, verdict, review, claim=claim)
        notices.tell(decision)
    return decision


def _carry_out(story: Story, verdict: Verdict, review: Review, *, by: User) -> Story:
    match verdict:
        case Verdict.APPROVE:
            return publishing.publish(story, by=by, seen=review.seen, content_hash=review.content_hash)
        case Verdict.CHANGES:
            return publishing.ask_for_changes(story, by=by, seen=review.seen, reason=labels(review.reasons))
        case Verdict.DECLINE:
            return publishing.decline(story, by=by, seen=review.seen, reason=labels(review.reasons))
        case Verdict.ESCALATE:
            return story
        case _:
            assert_never(verdict)


def _keep(story: Story, verdict: Verdict, review: Review, *, claim: Claim) -> Decision:
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
    trail.record(
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
