"""Learn the base weights from what viewers reported, and put them to use if they prove better."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from math import isfinite
from typing import Any

from django.db import transaction

from accounts.traits.catalogue import TRAIT_CATALOGUE
from matching.evaluation.intervals import Estimate
from matching.learning import TrainingSet, WeightTrial, build_training_set, run_weight_trial
from recommendations.learning import training_data, weights
from recommendations.models import WeightSet, WeightTrialVerdict

TRIAL_FIGURES = ("present", "learned", "popularity", "gain")


def train_weights(*, now: datetime, promote: bool = True) -> WeightSet:
    """Learn, hold a trial against the weights in use, and keep both; better weights are used from now on.

    With `promoting` False the outcome is kept and nothing else changes.
    """
    evidence = build_training_set(
        training_data.training_examples(), traits=[trait.key for trait in TRAIT_CATALOGUE]
    )
    using = WeightSet.objects.in_use().first()
    trial = run_weight_trial(evidence, current_weights=_current_weights(using))
    with transaction.atomic():
        learned = WeightSet.objects.create(
            weights=_weights_json(trial), learned_at=now, **_trial_result(trial, evidence, using)
        )
        if promote and learned.verdict == WeightTrialVerdict.BETTER:
            weights.promote_weights(learned, by="learn_weights", now=now)
    return learned


def _current_weights(using: WeightSet | None) -> Mapping[str, Mapping[str, float]]:
    even = dict.fromkeys((trait.key for trait in TRAIT_CATALOGUE), 1.0)
    known = {} if using is None else using.weights
    return {
        weights.ALL_DOMAINS: even,
        **{domain: {**even, **weights.drop_unknown_traits(by_trait)} for domain, by_trait in known.items()},
    }


def _weights_json(trial: WeightTrial | None) -> dict[str, dict[str, float]]:
    return {} if trial is None else {domain: dict(by_trait) for domain, by_trait in trial.weights.items()}


def _trial_result(
    trial: WeightTrial | None, evidence: TrainingSet, using: WeightSet | None
) -> dict[str, Any]:
    """Return verdict and report as they are kept; a report without a trial says how much there is so far."""
    report: dict[str, Any] = {
        "compared_with": weights.weights_version(None if using is None else using.pk),
        "viewers": evidence.viewer_count,
        "reports": len(evidence),
    }
    if trial is None:
        return {"verdict": WeightTrialVerdict.TOO_FEW, "report": report}
    report |= {name: estimate_json(getattr(trial, name)) for name in TRIAL_FIGURES}
    report["gain_by_kind"] = {kind.value: estimate_json(gain) for kind, gain in trial.gain_by_kind.items()}
    report["strength"] = trial.strength
    return {"verdict": WeightTrialVerdict(trial.verdict.value), "report": report}


def estimate_json(estimate: Estimate) -> dict[str, float | int | None]:
    """Return an estimate as JSON can hold it: an end that is open is None."""
    return {name: value if isfinite(value) else None for name, value in asdict(estimate).items()}
