"""Choose a few stories for a viewer and a challenge, keep why, and show them again as long as they may be seen."""

from datetime import datetime

from django.db import transaction

from accounts.models import User
from accounts.traits import CATALOGUE
from challenges.models import Challenge, Reading
from matching import Slate as Composed
from matching import SlatePolicy, slate_seed
from practice import candidates, reasons, weights, wording
from practice.candidates import Basis
from practice.index import Likeness, index_in_use
from practice.models import Arm, Slate, SlateItem
from stories.models import Story

POLICY = SlatePolicy(CATALOGUE)


class RateFirst(Exception):
    """A slate rests on how sure the viewer is of each rung; there is no reading on this challenge yet."""

    def __init__(self, slug: str) -> None:
        super().__init__("Say first how sure you are of each rung.")
        self.slug = slug


def standing(viewer: User, slug: str) -> Reading:
    """Return the viewer's newest reading on an offered challenge, with challenge and profile. Raises RateFirst."""
    readings = Reading.objects.by(viewer).filter(challenge__slug=slug, challenge__offered=True)
    found = readings.select_related("challenge__domain", "person__profile").newest_first()
    newest = wording.with_words(weights.with_weights_in_use(found)).first()
    if newest is None:
        raise RateFirst(slug)
    return newest


def slate_for(reading: Reading, *, now: datetime) -> Slate:
    """Return today's slate for whoever stands where this reading says, composed now if its basis has changed.

    A slate that came out scarce is composed anew as soon as the set of published stories has changed.
    """
    viewer, challenge = reading.person, reading.challenge
    basis = candidates.basis_of(reading, now=now)
    kept = Slate.objects.of(viewer, challenge)
    return (
        kept.filter(basis=basis.digest(policy=POLICY.version)).first()
        or kept.filter(basis=basis.digest(policy=POLICY.version, catalogue=index_in_use().version())).first()
        or _compose(viewer, challenge, basis)
    )


def items_of(slate: Slate, *, viewer: User) -> list[SlateItem]:
    """Return the slate's stories that the viewer may still see, in order, with what a card needs (one query)."""
    if slate.viewer_id != viewer.pk:
        return []
    return list(
        slate.items.filter(story__in=Story.objects.visible_to(viewer)).select_related(
            "story__challenge", "story__teller", "story__video"
        )
    )


def _compose(viewer: User, challenge: Challenge, basis: Basis) -> Slate:
    """Rank, gate, compose and keep a slate; of two requests at once, one composes and both get the same."""
    catalogue = index_in_use().version()
    field = candidates.field_for(basis)
    composed = POLICY.compose(
        field.candidates,
        viewer=field.viewer,
        seed=slate_seed(viewer.pk, challenge.pk, basis.at.date()),
        less_like=field.less_like,
    )
    arm = Arm(composed.arm.value)
    with transaction.atomic():
        slate, created = Slate.objects.get_or_create(
            viewer=viewer,
            challenge=challenge,
            basis=basis.digest(policy=POLICY.version, catalogue=catalogue if arm == Arm.SCARCE else 0),
            defaults={
                "reading": basis.reading,
                "arm": arm,
                "eligible": composed.eligible,
                "refused": {reason.value: count for reason, count in composed.refused.items()},
                "policy_version": composed.version,
                "weights_version": weights.version_of(basis.weights),
                "seed": composed.seed,
                "nearer": field.viewer.shaken,
                "created_at": basis.at,
            },
        )
        if created:
            _keep_items(slate, composed, field.likeness, basis)
    return slate


def _keep_items(slate: Slate, composed: Composed, likeness: Likeness, basis: Basis) -> None:
    said = reasons.said_of(likeness.reasons([item.key for item in composed.items]), basis)
    SlateItem.objects.bulk_create(
        SlateItem(
            slate=slate,
            story_id=item.key,
            position=position,
            score=item.similarity,
            propensity=min(1.0, item.propensity),
            shared=list(said[item.key].shared),
            differs=list(said[item.key].differs),
        )
        for position, item in enumerate(
            (item for item in composed.items if item.key in said),  # not what was withdrawn just now
            start=1,
        )
    )
