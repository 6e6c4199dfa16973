"""Hand stories out to reviewers, one holder at a time, and take them back when a lease runs out.

Whoever takes a claim locks the story first and looks at its claims only then; the database adds that a story
never has two claims that have not ended. Leases run on the database's clock.
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
from moderation import policy
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
    message = _("You no longer have this story. You can take it again if it is still waiting.")

    def __init__(self, story: Story) -> None:
        super().__init__(subject=story)
        self.story = story


class ClaimedByAnotherReviewer(ConflictError):
    code = "held_by_somebody_else"
    message = _("Another moderator is reviewing this story at the moment.")

    def __init__(self, story: Story) -> None:
        super().__init__(subject=story)
        self.story = story


@dataclass(frozen=True)
class QueueItem:
    """One line of the queue's page; `claim` is whoever's claim stands on the story."""

    story: Story
    claim: Claim | None
    escalated: bool


@dataclass(frozen=True)
class QueueOverview:
    """What a reviewer sees of the queue; `held` is the claim that they have held the longest, if any."""

    items: Sequence[QueueItem]
    held_claim: Claim | None


def queue_overview(by: User, *, limit: int = MAX_QUEUE_ITEMS) -> QueueOverview:
    """Return what `by` may review, in the order in which it is handed out, and who holds what, in two queries."""
    passed_on = Exists(policy.escalations_of_same_content())
    stories = list(policy.reviewable_stories(by).with_card_relations().annotate(passed_on=passed_on)[:limit])
    known = Claim.objects.active().filter(Q(story__in=stories) | Q(reviewer=by))
    claims = {claim.story_id: claim for claim in known.oldest_first().select_related("story")}
    lines = [QueueItem(story, claims.get(story.pk), story.passed_on) for story in stories]  # type: ignore[attr-defined]  # annotated above
    return QueueOverview(
        lines, next((claim for claim in claims.values() if claim.reviewer_id == by.pk), None)
    )


def oldest_claim_of(person: User) -> Claim | None:
    """Return the claim that this person has held the longest, if it still stands."""
    return Claim.objects.active().held_by(person).oldest_first().select_related("story").first()


def claim_next_story(*, by: User, now: datetime) -> Claim | None:
    """Take the next story; what one already holds comes first, so that reloading a page hoards nothing.

    Returns None when nothing is left for this person. Raises NotAReviewer.
    """
    if not by.is_reviewer:
        raise policy.NotAReviewer(by)
    held = oldest_claim_of(by)
    if held is not None and _extend_lease(held, by=by):
        return held
    skipped = Skip.objects.by_person(by).filter(story=OuterRef("pk"), until__gt=now)
    taken = Claim.objects.active().filter(story=OuterRef("pk"))
    free = policy.reviewable_stories(by).exclude(Exists(skipped)).exclude(Exists(taken))
    while True:
        with transaction.atomic():
            story = free.select_for_update(of=("self",), skip_locked=True).first()
            if story is None:
                return None
            claim = _create_claim(story, by=by, now=now)
        if claim is not None:
            return claim
        # Somebody took it between our look and our lock; their claim is committed, so the next look skips it.


def claim_story(story: Story, *, by: User, now: datetime) -> Claim:
    """Take one certain story; a claim that one already holds on it is prolonged.

    Raises NotAReviewer, OwnStory, NotInReview, ForAnotherReviewer, HeldBySomebodyElse.
    """
    with transaction.atomic():
        fresh = lifecycle.lock_story(story)
        policy.check_may_review(fresh, by=by)
        mine = Claim.objects.active().for_story(fresh).held_by(by).first()
        if mine is not None:
            return renew_claim(mine, by=by)
        taken = _create_claim(fresh, by=by, now=now)
        if taken is None:
            raise ClaimedByAnotherReviewer(fresh)
        return taken


def renew_claim(claim: Claim, *, by: User) -> Claim:
    """Start the ten minutes anew, for somebody still at work. Raises StaleClaim once the claim is lost."""
    if not _extend_lease(claim, by=by):
        raise StaleClaim(claim.story)
    return claim


def release_claim(claim: Claim, *, by: User) -> None:
    """Give a story back to the queue. Raises StaleClaim when it is no longer one's own to give."""
    with transaction.atomic():
        end_claim(claim, ClaimEnding.RELEASED, by=by)
        trail.record_event("review.released", claim.story, by=by, details={"claim": str(claim.pk)})


def skip_story(claim: Claim, *, by: User, now: datetime) -> None:
    """Give a story back and not be offered it again for some hours; no reason is asked for. Raises StaleClaim."""
    with transaction.atomic():
        end_claim(claim, ClaimEnding.SKIPPED, by=by)
        Skip.objects.update_or_create(story=claim.story, person=by, defaults={"until": now + SKIP_DURATION})
        trail.record_event("review.skipped", claim.story, by=by, details={"claim": str(claim.pk)})


def expire_claims() -> int:
    """End every claim that ran out or whose story left review, and return how many. Safe at any time."""
    return Claim.objects.lapsed().update(ended_at=Now(), ending=ClaimEnding.EXPIRED)


def lock_active_claim(story: Story, *, by: User, token: str) -> Claim:
    """Return one's standing claim on a story, locked until the transaction ends. Raises StaleClaim."""
    claim = Claim.objects.active().for_story(story).held_by(by).select_for_update(of=("self",)).first()
    if claim is None or not secrets.compare_digest(claim.token.encode(), token.encode(errors="replace")):
        raise StaleClaim(story)
    return claim


def end_claim(claim: Claim, ending: ClaimEnding, *, by: User) -> None:
    """End a standing claim of one's own. Raises StaleClaim."""
    standing = Claim.objects.active().held_by(by).filter(pk=claim.pk)
    if not standing.update(ended_at=Now(), ending=ending):
        raise StaleClaim(claim.story)


def _extend_lease(claim: Claim, *, by: User) -> bool:
    standing = Claim.objects.active().held_by(by).filter(pk=claim.pk)
    prolonged = standing.update(lease_until=Now() + LEASE_DURATION)
    claim.refresh_from_db(fields=["lease_until", "ended_at", "ending"])
    return bool(prolonged)


def _create_claim(story: Story, *, by: User, now: datetime) -> Claim | None:
    """Claim a story whose row is locked; None when a claim stands on it after all."""
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
