"""The base weights that rank slates: the prior, or a learned set that was promoted and not rolled back."""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache

from django.db import transaction
from django.utils.translation import gettext

from accounts.models import User
from accounts.traits.catalogue import TRAIT_CATALOGUE
from audit import trail
from recommendations.models import WeightSet, WeightTrialVerdict

PRIOR_VERSION = "prior-1"
ALL_DOMAINS = ""


class WeightsNotBetter(Exception):
    """Only weights that are better for held-out viewers may be promoted."""

    def __init__(self, weights: WeightSet) -> None:
        super().__init__(gettext("These weights are not better, so we do not use them."))
        self.weights = weights


class WeightsNotInUse(Exception):
    """Only the set in use can be rolled back."""

    def __init__(self, weights: WeightSet) -> None:
        super().__init__(gettext("These weights are not in use."))
        self.weights = weights


def weights_version(weights: int | None) -> str:
    return PRIOR_VERSION if weights is None else WeightSet(pk=weights).version


def base_weights(weights: int | None, *, domain: str) -> Mapping[str, float]:
    """Return trait -> weight in a domain; missing traits weigh 1. Empty for the prior."""
    if weights is None:
        return {}
    by_domain = _load_weights(weights)
    return drop_unknown_traits(by_domain.get(domain, by_domain.get(ALL_DOMAINS, {})))


@lru_cache(maxsize=8)
def _load_weights(pk: int) -> Mapping[str, Mapping[str, float]]:
    """Load a set once per process; sets are never edited."""
    weights: Mapping[str, Mapping[str, float]] = WeightSet.objects.values_list("weights", flat=True).get(
        pk=pk
    )
    return weights


def drop_unknown_traits(by_trait: Mapping[str, float]) -> dict[str, float]:
    """Return the weights of traits that are still in the catalogue."""
    return {key: weight for key, weight in by_trait.items() if key in TRAIT_CATALOGUE}


def promote_weights(weights: WeightSet, *, by: User | str, now: datetime) -> None:
    """Put a weight set in use. Raises WeightsNotBetter."""
    if weights.verdict != WeightTrialVerdict.BETTER:
        raise WeightsNotBetter(weights)
    with transaction.atomic():
        WeightSet.objects.filter(pk=weights.pk).update(promoted_at=now, rolled_back_at=None)
        trail.record_event("weights.promoted", weights, by=by)
    weights.refresh_from_db()


def roll_back_weights(weights: WeightSet, *, by: User | str, now: datetime) -> None:
    """Return to the weights that were in use before this set. Raises WeightsNotInUse."""
    with transaction.atomic():
        in_use = WeightSet.objects.select_for_update().in_use().first()
        if in_use is None or in_use.pk != weights.pk:
            raise WeightsNotInUse(weights)
        WeightSet.objects.filter(pk=weights.pk).update(rolled_back_at=now)
        trail.record_event("weights.rolled_back", weights, by=by)
    weights.refresh_from_db()
