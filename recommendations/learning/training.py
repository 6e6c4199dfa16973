"""Learns base weights from viewers' reports, and promotes them if a trial shows that they are better."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from math import isfinite
from typing import Any

from django.db import transaction

from accounts.traits.catalogue import TRAIT_CATALOGUE
from matching.evaluation.intervals import Estimate
from matching.learning.training_set import TrainingSet, build_training_set
from matching.learning.weight_trial import WeightTrial, run_weight_trial
from recommendations.learning import training_data, weights
from recommendations.models import WeightSet, WeightTrialVerdict

TRIAL_FIGURES = ("present", "learned", "popularity", "gain")


def train_weights(*, now: datetime, promote: bool = True) -> WeightSet:
    """Learn weights, compare them with the weights in use, store the result, and promote better weights.

    With `promote` False, only the result is stored.
    """
    training_set = build_training_set(
        training_data.training_examples(), traits=[trait.key for trait in TRAIT_CATALOGUE]
    )
    in_use = WeightSet.objects.in_use().first()
    trial = run_weight_trial(training_set, current_weights=_current_weights(in_use))
    with transaction.atomic():
        learned = WeightSet.objects.create(
            weights=_weights_json(trial), learned_at=now, **_trial_result(trial, training_set, in_use)
        )
        if promote and learned.verdict == WeightTrialVerdict.BETTER:
            weights.promote_weights(learned, by="learn_weights", now=now)
    return learned


def _current_weights(in_use: WeightSet | None) -> Mapping[str, Mapping[str, float]]:
    prior = dict.fromkeys((trait.key for trait in TRAIT_CATALOGUE), 1.0)
    learned = {} if in_use is None else in_use.weights
    return {
        weights.ALL_DOMAINS: prior,
        **{
            domain: {**prior, **weights.drop_unknown_traits(by_trait)} for domain, by_trait in learned.items()
        },
    }


def _weights_json(trial: WeightTrial | None) -> dict[str, dict[str, float]]:
    return {} if trial is None else {domain: dict(by_trait) for domain, by_trait in trial.weights.items()}


def _trial_result(
    trial: WeightTrial | None, training_set: TrainingSet, in_use: WeightSet | None
) -> dict[str, Any]:
    """Return the fields `verdict` and `report`; without a trial, the report has only the amount of data."""
    report: dict[str, Any] = {
        "compared_with": weights.weights_version(None if in_use is None else in_use.pk),
        "viewers": training_set.viewer_count,
        "reports": len(training_set),
    }
    if trial is None:
        return {"verdict": WeightTrialVerdict.TOO_FEW, "report": report}
    report |= {name: estimate_json(getattr(trial, name)) for name in TRIAL_FIGURES}
    report["gain_by_kind"] = {kind.value: estimate_json(gain) for kind, gain in trial.gain_by_kind.items()}
    report["strength"] = trial.strength
    return {"verdict": WeightTrialVerdict(trial.verdict.value), "report": report}


def estimate_json(estimate: Estimate) -> dict[str, float | int | None]:
    """Return an estimate as JSON; infinite bounds become None."""
    return {name: value if isfinite(value) else None for name, value in asdict(estimate).items()}
