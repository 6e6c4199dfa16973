"""Fairness between groups; a person belongs to a group only by their own answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matching.engine_contract import Floats
from matching.evaluation.intervals import Estimate, bootstrap_estimate, estimate_mean

# A smaller group could identify its members.
MIN_GROUP_SIZE = 20


@dataclass(frozen=True)
class Unfairness:
    """Differences in prediction error between two groups (Yao and Huang, 2017), on the scale of the reports.

    Attributes
    ----------
    value, absolute
        The difference of mean signed and of mean absolute errors.
    under, over
        The difference of mean underestimates and of mean overestimates.
    """

    value: float
    absolute: float
    under: float
    over: float


def measure_unfairness(residuals: Floats, first: NDArray[np.bool_], second: NDArray[np.bool_]) -> Unfairness:
    """Compare two groups by residuals (report minus prediction); 0 is fair."""
    return Unfairness(
        value=abs(float(residuals[first].mean() - residuals[second].mean())),
        absolute=abs(float(np.abs(residuals[first]).mean() - np.abs(residuals[second]).mean())),
        under=abs(float(np.maximum(residuals[first], 0).mean() - np.maximum(residuals[second], 0).mean())),
        over=abs(float(np.maximum(-residuals[first], 0).mean() - np.maximum(-residuals[second], 0).mean())),
    )


def masks_of_large_groups(
    groups: Sequence[str | None], *, min_size: int = MIN_GROUP_SIZE
) -> Mapping[str, NDArray[np.bool_]]:
    """Return the members of each group that is large enough to report; None is no group."""
    names = np.array([name or "" for name in groups])
    masks = {name: names == name for name in sorted(set(names.tolist()) - {""})}
    return {name: members for name, members in masks.items() if members.sum() >= min_size}


@dataclass(frozen=True)
class NeighbourGap:
    mean_similarity_by_group: Mapping[str, Estimate]
    largest_difference: Estimate


def measure_neighbour_gap(
    similarities: Floats, groups: Sequence[str | None], *, seed: int = 0, min_size: int = MIN_GROUP_SIZE
) -> NeighbourGap | None:
    """Compare people's mean similarity to the stories shown to them, shape (n,), between groups.

    Returns None with fewer than two large groups.
    """
    members = masks_of_large_groups(groups, min_size=min_size)
    if len(members) < 2:  # noqa: PLR2004  # a gap needs two groups
        return None
    means = {name: estimate_mean(similarities[mask]) for name, mask in members.items()}
    highest = max(means, key=lambda name: means[name].value)
    lowest = min(means, key=lambda name: means[name].value)
    first, second = similarities[members[highest]], similarities[members[lowest]]
    pooled = np.concatenate([first, second])

    def mean_difference(rows: NDArray[np.intp]) -> float:
        is_first = rows < len(first)
        if is_first.all() or not is_first.any():
            return 0.0
        return float(pooled[rows[is_first]].mean() - pooled[rows[~is_first]].mean())

    return NeighbourGap(means, bootstrap_estimate(mean_difference, clusters=range(len(pooled)), seed=seed))
