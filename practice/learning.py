"""Learn the base weights from what viewers reported, and put them to use if they prove better."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from math import isfinite
from typing import Any

from django.db import transaction

from accounts.traits import CATALOGUE
from matching.evaluation.intervals import Estimate
from matching.learning import Evidence, Trial, gather, hold_trial
from practice import gathering, weights
from practice.models import Verdict, WeightSet

NAMED_FIGURES = ("present", "learned", "popularity", "gain")


def learn(*, now: datetime, promoting: bool = True) -> WeightSet:
    """Learn, hold a trial against the weights in use, and keep both; better weights are used from now on.

    With `promoting` False the outcome is kept and nothing else changes.
    """
    evidence = gather(gathering.told(), traits=[trait.key for trait in CATALOGUE])
    using = WeightSet.objects.in_use().first()
    trial = hold_trial(evidence, present=_present(using))
    with transaction.atomic():
        learned = WeightSet.objects.create(
            weights=_plain(trial), learned_at=now, **_outcome(trial, evidence, using)
        )
        if promoting and learned.verdict == Verdict.BETTER:
            weights.promote(learned, by="learn_weights", now=now)
    return learned


def _present(using: WeightSet | None) -> Mapping[str, Mapping[str, float]]:
    even = dict.fromkeys((trait.key for trait in CATALOGUE), 1.0)
    known = {} if using is None else using.weights
    return {
        weights.ALL_DOMAINS: even,
        **{domain: {**even, **weights.still_asked(by_trait)} for domain, by_trait in known.items()},
    }


def _plain(trial: Trial | None) -> dict[str, dict[str, float]]:
    return {} if trial is None else {domain: dict(by_trait) for domain, by_trait in trial.weights.items()}


def _outcome(trial: Trial | None, evidence: Evidence, using: WeightSet | None) -> dict[str, Any]:
    """Return verdict and report as they are kept; a report without a trial says how much there is so far."""
    report: dict[str, Any] = {
        "compared_with": weights.version_of(None if using is None else using.pk),
        "viewers": evidence.viewers,
        "reports": len(evidence),
    }
    if trial is None:
        return {"verdict": Verdict.TOO_FEW, "report": report}
    report |= {name: plain(getattr(trial, name)) for name in NAMED_FIGURES}
    report["gain_by_kind"] = {kind.value: plain(gain) for kind, gain in trial.gain_by_kind.items()}
    report["strength"] = trial.strength
    return {"verdict": Verdict(trial.verdict.value), "report": report}


def plain(estimate: Estimate) -> dict[str, float | int | None]:
    """Return an estimate as JSON can hold it: an end that is open is None."""
    return {name: value if isfinite(value) else None for name, value in asdict(estimate).items()}
