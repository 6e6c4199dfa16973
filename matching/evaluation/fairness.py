"""Is it as good for one group as for another? Groups are told apart only where people said who they are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matching.engine_contract import Floats
from matching.evaluation.intervals import Estimate, bootstrap_estimate, estimate_mean

# A figure about fewer people could be a figure about somebody.
MIN_GROUP_SIZE = 20


@dataclass(frozen=True)
class Unfairness:
    """How differently two groups are served, after Yao and Huang (2017), on the reports' own scale.

    Attributes
    ----------
    value
        The difference of signed errors: one group is promised too much, the other too little.
    absolute
        The difference of the sizes of error: it works better for one group.
    under, over
        The difference of what falls short, and of what goes beyond.
    """

    value: float
    absolute: float
    under: float
    over: float


def measure_unfairness(residuals: Floats, first: NDArray[np.bool_], second: NDArray[np.bool_]) -> Unfairness:
    """Compare two groups by reports less predictions; 0 is fair."""
    return Unfairness(
        value=abs(float(residuals[first].mean() - residuals[second].mean())),
        absolute=abs(float(np.abs(residuals[first]).mean() - np.abs(residuals[second]).mean())),
        under=abs(float(np.maximum(residuals[first], 0).mean() - np.maximum(residuals[second], 0).mean())),
        over=abs(float(np.maximum(-residuals[first], 0).mean() - np.maximum(-residuals[second], 0).mean())),
    )


def masks_of_large_groups(
    groups: Sequence[str | None], *, min_size: int = MIN_GROUP_SIZE
) -> Mapping[str, NDArray[np.bool_]]:
    """Give the members of each group that is large enough to be spoken of; None is nobody's group."""
    names = np.array([name or "" for name in groups])
    masks = {name: names == name for name in sorted(set(names.tolist()) - {""})}
    return {name: members for name, members in masks.items() if members.sum() >= min_size}


@dataclass(frozen=True)
class NeighbourGap:
    """How near the nearest are, by group, and the widest difference between any two groups."""

    mean_similarity_by_group: Mapping[str, Estimate]
    largest_difference: Estimate


def measure_neighbour_gap(
    similarities: Floats, groups: Sequence[str | None], *, seed: int = 0, min_size: int = MIN_GROUP_SIZE
) -> NeighbourGap | None:
    """Compare how alike people's best matches are between groups; None where fewer than two can be spoken of.

    Parameters
    ----------
    likeness
        Shape (n,): each person's mean similarity to those shown to them.
    """
    members = masks_of_large_groups(groups, min_size=min_size)
    if len(members) < 2:  # noqa: PLR2004  # a gap is between two
        return None
    nearest = {name: estimate_mean(similarities[rows]) for name, rows in members.items()}
    high = max(nearest, key=lambda name: nearest[name].value)
    low = min(nearest, key=lambda name: nearest[name].value)
    one, other = similarities[members[high]], similarities[members[low]]
    both, ones = np.concatenate([one, other]), len(one)

    def gap(rows: NDArray[np.intp]) -> float:
        firsts = rows < ones
        return (
            float(both[rows[firsts]].mean() - both[rows[~firsts]].mean())
            if 0 < firsts.sum() < len(rows)
            else 0.0
        )

    return NeighbourGap(nearest, bootstrap_estimate(gap, clusters=range(len(both)), seed=seed))
