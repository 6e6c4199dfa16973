"""Review queue: assigns stories to reviewers under time-limited claims.

The story is locked before its claims are read, and a database constraint allows one unended claim per story. Leases use
the database clock.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from audit import trail
from domain_errors.categories import ConflictError
from moderation import review_permissions
from moderation.models import Claim, ClaimEnding, Skip
from stories import lifecycle
from stories.models import Story

LEASE_DURATION = timedelta(minutes=10)
SKIP_DURATION = timedelta(hours=4)
MAX_QUEUE_ITEMS = 100
TOKEN_BYTES = 32


class StaleClaim(ConflictError):
    """The claim has expired, was released, or is held by another reviewer."""

    code = "claim_lost"
    message = _("You no longer hold this story. Take it again if it is still waiting for review.")

    def __init__(self, story: Story) -> None:
        super().__init__(subject=story)
        self.story = story


class ClaimedByAnotherReviewer(ConflictError):
    code = "held_by_somebody_else"
    message = _("Another reviewer is reviewing this story at the moment.")

    def __init__(self, story: Story) -> None:
        super().__init__(subject=story)
        self.story = story


@dataclass(frozen=True)
class QueueItem:
    """A story in the queue and its active claim, by any reviewer."""

    story: Story
    claim: Claim | None
    escalated: bool


@dataclass(frozen=True)
class QueueOverview:
    """The queue as one reviewer sees it; `held_claim` is their oldest active claim."""

    items: Sequence[QueueItem]
    held_claim: Claim | None


def queue_overview(by: User, *, limit: int = MAX_QUEUE_ITEMS) -> QueueOverview:
    """Return the stories that `by` may review, in queue order, with their claims (two queries)."""
    is_escalated = Exists(review_permissions.escalations_of_same_content())
    stories = list(
        review_permissions.reviewable_stories(by)
        .with_card_relations()
        .annotate(is_escalated=is_escalated)[:limit]
    )
    active_claims = Claim.objects.active().filter(Q(story__in=stories) | Q(reviewer=by))
    claims = {claim.story_id: claim for claim in active_claims.oldest_first().select_related("story")}
    items = [QueueItem(story, claims.get(story.pk), story.is_escalated) for story in stories]  # type: ignore[attr-defined]  # annotated above
    return QueueOverview(
        items, next((claim for claim in claims.values() if claim.reviewer_id == by.pk), None)
    )


def oldest_claim_of(person: User) -> Claim | None:
    """Return this person's oldest active claim."""
    return Claim.objects.active().held_by(person).oldest_first().select_related("story").first()


def claim_next_story(*, by: User, now: datetime) -> Claim | None:
    """Claim the next story; a reviewer who holds one gets it again, so that reloading a page claims no second one.

    Returns None if no story is left for this person. Raises NotAReviewer.
    """
    if not by.is_reviewer:
        raise review_permissions.NotAReviewer(by)
    active_claim = oldest_claim_of(by)
    if active_claim is not None and _extend_lease(active_claim, by=by):
        return active_claim
    skipped = Skip.objects.by_person(by).filter(story=OuterRef("pk"), until__gt=now)
    claimed = Claim.objects.active().filter(story=OuterRef("pk"))
    available = review_permissions.reviewable_stories(by).exclude(Exists(skipped)).exclude(Exists(claimed))
    while True:
        with transaction.atomic():
            story = available.select_for_update(of=("self",), skip_locked=True).first()
            if story is None:
                return None
            claim = _create_claim(story, by=by, now=now)
        if claim is not None:
            return claim
        # Another reviewer claimed it between the query and the lock; the next query sees their claim.


def claim_story(story: Story, *, by: User, now: datetime) -> Claim:
    """Claim a story, or renew one's own claim on it.

    Raises NotAReviewer, CannotReviewOwnStory, NotInReview, ReservedForAnotherReviewer, ClaimedByAnotherReviewer.
    """
    with transaction.atomic():
        locked = lifecycle.lock_story(story)
        review_permissions.check_may_review(locked, by=by)
        active_claim = Claim.objects.active().for_story(locked).held_by(by).first()
        if active_claim is not None:
            return renew_claim(active_claim, by=by)
        claim = _create_claim(locked, by=by, now=now)
        if claim is None:
            raise ClaimedByAnotherReviewer(locked)
        return claim


def renew_claim(claim: Claim, *, by: User) -> Claim:
    """Extend the lease to its full duration from now. Raises StaleClaim."""
    if not _extend_lease(claim, by=by):
        raise StaleClaim(claim.story)
    return claim


def release_claim(claim: Claim, *, by: User) -> None:
    """Return a story to the queue. Raises StaleClaim."""
    with transaction.atomic():
        end_claim(claim, ClaimEnding.RELEASED, by=by)
        trail.record_event("review.released", claim.story, by=by, details={"claim": str(claim.pk)})


def skip_story(claim: Claim, *, by: User, now: datetime) -> None:
    """Return a story to the queue, which offers it to this reviewer again after SKIP_DURATION. Raises StaleClaim."""
    with transaction.atomic():
        end_claim(claim, ClaimEnding.SKIPPED, by=by)
        Skip.objects.update_or_create(story=claim.story, person=by, defaults={"until": now + SKIP_DURATION})
        trail.record_event("review.skipped", claim.story, by=by, details={"claim": str(claim.pk)})


def expire_claims() -> int:
    """End claims with expired leases or with stories that left review; return how many. Idempotent."""
    return Claim.objects.lapsed().update(ended_at=Now(), ending=ClaimEnding.EXPIRED)


def lock_active_claim(story: Story, *, by: User, token: str) -> Claim:
    """Return one's active claim on a story, locked until the transaction ends. Raises StaleClaim."""
    claim = Claim.objects.active().for_story(story).held_by(by).select_for_update(of=("self",)).first()
    if claim is None or not secrets.compare_digest(claim.token.encode(), token.encode(errors="replace")):
        raise StaleClaim(story)
    return claim


def end_claim(claim: Claim, ending: ClaimEnding, *, by: User) -> None:
    """End one's own active claim. Raises StaleClaim."""
    active_claims = Claim.objects.active().held_by(by).filter(pk=claim.pk)
    if not active_claims.update(ended_at=Now(), ending=ending):
        raise StaleClaim(claim.story)


def _extend_lease(claim: Claim, *, by: User) -> bool:
    active_claims = Claim.objects.active().held_by(by).filter(pk=claim.pk)
    updated = active_claims.update(lease_until=Now() + LEASE_DURATION)
    claim.refresh_from_db(fields=["lease_until", "ended_at", "ending"])
    return bool(updated)


def _create_claim(story: Story, *, by: User, now: datetime) -> Claim | None:
    """Claim a story whose row is locked; None if it has an active claim."""
    if Claim.objects.active().for_story(story).exists():
        return None
    Claim.objects.unended().for_story(story).update(ended_at=Now(), ending=ClaimEnding.EXPIRED)
    claim = Claim.objects.create(
        story=story,
        reviewer=by,
        token=secrets.token_urlsafe(TOKEN_BYTES),
        taken_at=now,
        lease_until=Now() + LEASE_DURATION,
    )
    claim.refresh_from_db(fields=["lease_until"])
    trail.record_event(
        "review.claimed", story, by=by, details={"claim": str(claim.pk), "version": story.version}
    )
    return claim
