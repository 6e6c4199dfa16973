"""Is it as good for one group as for another? Groups are told apart only where people said who they are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matching.engines.contract import Floats
from matching.evaluation.intervals import Estimate, mean_of, resampled

# A figure about fewer people could be a figure about somebody.
SMALLEST_GROUP = 20


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


def unfairness(left: Floats, first: NDArray[np.bool_], second: NDArray[np.bool_]) -> Unfairness:
    """Compare two groups by reports less predictions; 0 is fair."""
    return Unfairness(
        value=abs(float(left[first].mean() - left[second].mean())),
        absolute=abs(float(np.abs(left[first]).mean() - np.abs(left[second]).mean())),
        under=abs(float(np.maximum(left[first], 0).mean() - np.maximum(left[second], 0).mean())),
        over=abs(float(np.maximum(-left[first], 0).mean() - np.maximum(-left[second], 0).mean())),
    )


def large_enough(
    groups: Sequence[str | None], *, smallest: int = SMALLEST_GROUP
) -> Mapping[str, NDArray[np.bool_]]:
    """Give the members of each group that is large enough to be spoken of; None is nobody's group."""
    names = np.array([name or "" for name in groups])
    masks = {name: names == name for name in sorted(set(names.tolist()) - {""})}
    return {name: members for name, members in masks.items() if members.sum() >= smallest}


@dataclass(frozen=True)
class Gap:
    """How near the nearest are, by group, and the widest difference between any two groups."""

    nearest: Mapping[str, Estimate]
    widest: Estimate


def neighbour_gap(
    likeness: Floats, groups: Sequence[str | None], *, seed: int = 0, smallest: int = SMALLEST_GROUP
) -> Gap | None:
    """Compare how alike people's best matches are between groups; None where fewer than two can be spoken of.

    Parameters
    ----------
    likeness
        Shape (n,): each person's mean similarity to those shown to them.
    """
    members = large_enough(groups, smallest=smallest)
    if len(members) < 2:  # noqa: PLR2004  # a gap is between two
        return None
    nearest = {name: mean_of(likeness[rows]) for name, rows in members.items()}
    high = max(nearest, key=lambda name: nearest[name].value)
    low = min(nearest, key=lambda name: nearest[name].value)
    one, other = likeness[members[high]], likeness[members[low]]
    both, ones = np.concatenate([one, other]), len(one)

    def gap(rows: NDArray[np.intp]) -> float:
        firsts = rows < ones
        return (
            float(both[rows[firsts]].mean() - both[rows[~firsts]].mean())
            if 0 < firsts.sum() < len(rows)
            else 0.0
        )

    return Gap(nearest, resampled(gap, clusters=range(len(both)), seed=seed))
