"""Choose a few stories for a viewer and a challenge, keep why, and show them again as long as they may be seen."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.traits.catalogue import TRAIT_CATALOGUE
from challenges.models import Challenge, Reading
from domain_errors.categories import ConflictError
from matching import ComposedSlate as Composed
from matching import SlatePolicy, slate_seed
from practice.models import ExperimentArm, Slate, SlateItem
from recommendations import explanations, free_text, inputs
from recommendations.index.story_index import StoryScores, index_in_use
from recommendations.inputs import SlateInputs
from recommendations.learning import weights
from stories.models import Story

POLICY = SlatePolicy(TRAIT_CATALOGUE)


class NoReadingYet(ConflictError):
    """The viewer has not rated this challenge yet; the ranking needs their confidence on each rung."""

    code = "rate_first"
    message = _("First rate how confident you are about each step of the ladder.")

    def __init__(self, slug: str) -> None:
        super().__init__()
        self.slug = slug


def reading_for_slate(viewer: User, slug: str) -> Reading:
    """Return the viewer's newest reading on an offered challenge, with challenge and profile. Raises RateFirst."""
    readings = Reading.objects.by_person(viewer).filter(challenge__slug=slug, challenge__offered=True)
    found = readings.select_related("challenge__domain", "person__profile").newest_first()
    newest = free_text.annotate_free_text(weights.annotate_weights_in_use(found)).first()
    if newest is None:
        raise NoReadingYet(slug)
    return newest


def get_or_create_slate(reading: Reading, *, now: datetime) -> Slate:
    """Return today's slate for whoever stands where this reading says, composed now if its basis has changed.

    A slate that came out scarce is composed anew as soon as the set of published stories has changed.
    """
    viewer, challenge = reading.person, reading.challenge
    basis = inputs.load_slate_inputs(reading, now=now)
    kept = Slate.objects.for_viewer(viewer, challenge)
    return (
        kept.filter(basis=basis.cache_key(policy_version=POLICY.version)).first()
        or kept.filter(
            basis=basis.cache_key(
                policy_version=POLICY.version, catalogue_version=index_in_use().catalogue_version()
            )
        ).first()
        or _compose_slate(viewer, challenge, basis)
    )


def visible_slate_items(slate: Slate, *, viewer: User) -> list[SlateItem]:
    """Return the slate's stories that the viewer may still see, in order, with what a card needs (one query)."""
    if slate.viewer_id != viewer.pk:
        return []
    return list(
        slate.items.filter(story__in=Story.objects.visible_to(viewer)).select_related(
            "story__challenge", "story__teller", "story__video"
        )
    )


def _compose_slate(viewer: User, challenge: Challenge, basis: SlateInputs) -> Slate:
    """Rank, gate, compose and keep a slate; of two requests at once, one composes and both get the same."""
    catalogue = index_in_use().catalogue_version()
    field = inputs.load_candidates(basis)
    composed = POLICY.compose_slate(
        field.candidates,
        viewer=field.viewer,
        seed=slate_seed(viewer.pk, challenge.pk, basis.composed_at.date()),
        less_like=field.less_like,
    )
    arm = ExperimentArm(composed.arm.value)
    with transaction.atomic():
        slate, created = Slate.objects.get_or_create(
            viewer=viewer,
            challenge=challenge,
            basis=basis.cache_key(
                policy_version=POLICY.version,
                catalogue_version=catalogue if arm == ExperimentArm.SCARCE else 0,
            ),
            defaults={
                "reading": basis.reading,
                "arm": arm,
                "eligible": composed.eligible_count,
                "refused": {reason.value: count for reason, count in composed.excluded_counts.items()},
                "policy_version": composed.version,
                "weights_version": weights.weights_version(basis.weight_set_id),
                "seed": composed.seed,
                "nearer": field.viewer.is_discouraged,
                "created_at": basis.composed_at,
            },
        )
        if created:
            _save_items(slate, composed, field.scores, basis)
    return slate


def _save_items(slate: Slate, composed: Composed, likeness: StoryScores, basis: SlateInputs) -> None:
    said = explanations.explain_matches(
        likeness.explained_matches([item.key for item in composed.items]), basis
    )
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
