"""Composes the slate of a viewer on a challenge, and reuses the stored slate while its inputs are unchanged."""

import uuid
from collections.abc import Collection, Mapping
from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.traits.catalogue import TRAIT_CATALOGUE
from challenges.models import Reading
from domain_errors.categories import ConflictError
from matching.explanations import Explanation
from matching.slate_policy import ComposedSlate, SlatePolicy, slate_seed
from practice.models import ExperimentArm, Slate, SlateItem
from recommendations import explanations
from recommendations.inputs import (
    CandidateSet,
    SlateInputs,
    annotate_slate_inputs,
    build_candidate_set,
    collect_slate_inputs,
    load_candidates,
)
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
    """Return the viewer's latest reading on an offered challenge, annotated with the inputs of a slate.

    Raises NoReadingYet.
    """
    readings = Reading.objects.by_person(viewer).filter(challenge__slug=slug, challenge__offered=True)
    readings = readings.select_related("challenge__domain", "person__profile").newest_first()
    latest_reading = annotate_slate_inputs(readings).first()
    if latest_reading is None:
        raise NoReadingYet(slug)
    return latest_reading


def get_or_create_slate(reading: Reading, *, now: datetime) -> Slate:
    """Return today's slate for a reading from `reading_for_slate`; it is composed only if its inputs have changed.

    A scarce slate also expires when the set of published stories changes.
    """
    inputs = collect_slate_inputs(reading, now=now)
    return _stored_slate(inputs) or _compose_slate(inputs)


def visible_slate_items(slate: Slate, *, viewer: User) -> list[SlateItem]:
    """Return the slate's stories that the viewer may still see, in order, with the relations of a card (one query)."""
    if slate.viewer_id != viewer.pk:
        return []
    return list(
        slate.items.filter(story__in=Story.objects.visible_to(viewer)).select_related(
            "story__challenge", "story__teller", "story__video"
        )
    )


def _stored_slate(inputs: SlateInputs) -> Slate | None:
    digests = [_digest(inputs, scarce=False), _digest(inputs, scarce=True)]
    slates = Slate.objects.for_viewer(inputs.reading.person, inputs.reading.challenge).filter(
        basis__in=digests
    )
    return min(slates, key=lambda slate: digests.index(slate.basis), default=None)


def _digest(inputs: SlateInputs, *, scarce: bool) -> str:
    return inputs.digest(policy=POLICY.version, catalogue=inputs.catalogue_version if scarce else 0)


def _compose_slate(inputs: SlateInputs) -> Slate:
    """Compose and store a slate; concurrent requests return the slate that was stored first."""
    reading = inputs.reading
    candidate_set = build_candidate_set(inputs)
    shortlist = POLICY.build_shortlist(
        candidate_set.candidates,
        viewer=candidate_set.viewer,
        seed=slate_seed(reading.person_id, reading.challenge_id, inputs.requested_at.date()),
    )
    stories, shown_traits = load_candidates(candidate_set, shortlist.rows)
    composed = POLICY.compose_slate(shortlist, stories, less_like=candidate_set.less_like)
    slate = _new_slate(inputs, composed, is_discouraged=candidate_set.viewer.is_discouraged)
    items = _new_items(slate, composed, _explanations(candidate_set, composed, inputs, shown_traits))
    with transaction.atomic():
        if _insert_if_absent(slate):
            SlateItem.objects.bulk_create(items)
            return slate
    return Slate.objects.get(viewer=reading.person, challenge=reading.challenge, basis=slate.basis)


def _new_slate(inputs: SlateInputs, composed: ComposedSlate, *, is_discouraged: bool) -> Slate:
    arm = ExperimentArm(composed.arm.value)
    return Slate(
        viewer_id=inputs.reading.person_id,
        challenge_id=inputs.reading.challenge_id,
        reading=inputs.reading,
        arm=arm,
        eligible=composed.eligible_count,
        refused={reason.value: count for reason, count in composed.excluded_counts.items()},
        policy_version=composed.version,
        weights_version=weights.weights_version(inputs.weight_set),
        seed=composed.seed,
        nearer=is_discouraged,
        basis=_digest(inputs, scarce=arm == ExperimentArm.SCARCE),
        created_at=inputs.requested_at,
    )


def _explanations(
    candidate_set: CandidateSet,
    composed: ComposedSlate,
    inputs: SlateInputs,
    shown_traits: Mapping[uuid.UUID, Collection[str]],
) -> Mapping[uuid.UUID, Explanation]:
    ranked = candidate_set.story_scores.explained_matches([item.key for item in composed.items])
    return explanations.explain_matches(ranked, inputs, shown_traits=shown_traits)


def _new_items(
    slate: Slate, composed: ComposedSlate, explanation_by_story: Mapping[uuid.UUID, Explanation]
) -> list[SlateItem]:
    # A story without an explanation was withdrawn while the slate was composed.
    items = [item for item in composed.items if item.key in explanation_by_story]
    return [
        SlateItem(
            slate=slate,
            story_id=item.key,
            position=position,
            score=item.similarity,
            propensity=item.propensity,
            shared=list(explanation_by_story[item.key].shared),
            differs=list(explanation_by_story[item.key].differs),
        )
        for position, item in enumerate(items, start=1)
    ]


def _insert_if_absent(slate: Slate) -> bool:
    """Insert the slate unless one with the same basis exists; return whether it was inserted.

    `bulk_create(ignore_conflicts=True)` does not return that, and `get_or_create` takes four statements.
    """
    fields = Slate._meta.concrete_fields
    columns = ", ".join(f'"{field.column}"' for field in fields)
    placeholders = ", ".join(["%s"] * len(fields))
    values = [field.get_db_prep_save(getattr(slate, field.attname), connection) for field in fields]
    with connection.cursor() as cursor:
        cursor.execute(
            f"insert into {Slate._meta.db_table} ({columns}) values ({placeholders})"  # noqa: S608  # our own names
            " on conflict (viewer_id, challenge_id, basis) do nothing returning id",
            values,
        )
        return cursor.fetchone() is not None
