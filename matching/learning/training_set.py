"""Viewers' reports as arrays, with the contributions to each match's score.

There are two kinds of report: "this person is like me", and the change of confidence. Both are compared within one viewer
only, because people use a scale differently, and scaled to the same spread, so that neither dominates.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from matching.engine_contract import Floats, Key
from matching.similarity import Contribution

Indices = NDArray[np.intp]


class ReportKind(StrEnum):
    LIKENESS = "likeness"
    CONFIDENCE = "confidence"


@dataclass(frozen=True)
class TrainingExample:
    """One report: `contributions` to the match's score under the prior; `value` on any scale."""

    viewer: Key
    teller: Key
    domain: str
    kind: ReportKind
    contributions: Sequence[Contribution]
    value: float

    @property
    def comparison_group(self) -> tuple[str, str, str]:
        return str(self.viewer), self.domain, self.kind


@dataclass(frozen=True)
class TrainingSet:
    """n reports as arrays, centred within each viewer.

    Attributes
    ----------
    traits
        The f traits of the columns of `contributions`.
    viewer_index, teller_index, domain_index
        Shape (n,); `domain_index` is a position in `domains`.
    comparison_group
        Shape (n,): one viewer's reports of one kind in one domain; only these are compared.
    contributions
        Shape (n, f): each trait's contribution under the prior, minus the mean of the comparison group.
    values
        Shape (n,): the reports, minus the mean of the comparison group, with a root mean square of 1 for each kind.
    """

    traits: tuple[str, ...]
    domains: tuple[str, ...]
    viewer_index: Indices
    teller_index: Indices
    domain_index: Indices
    comparison_group: Indices
    kinds: tuple[ReportKind, ...]
    contributions: Floats
    values: Floats

    def __len__(self) -> int:
        return len(self.values)

    @property
    def viewer_count(self) -> int:
        return len(np.unique(self.viewer_index))

    def mask_of_kind(self, kind: ReportKind) -> NDArray[np.bool_]:
        return np.array([report_kind == kind for report_kind in self.kinds], dtype=bool)

    def select_rows(self, mask: NDArray[np.bool_]) -> "TrainingSet":
        """Return a subset; it must have whole comparison groups, because values are centred within them."""
        return TrainingSet(
            self.traits,
            self.domains,
            self.viewer_index[mask],
            self.teller_index[mask],
            self.domain_index[mask],
            self.comparison_group[mask],
            tuple(kind for kind, is_selected in zip(self.kinds, mask, strict=True) if is_selected),
            self.contributions[mask],
            self.values[mask],
        )


def build_training_set(examples: Iterable[TrainingExample], *, traits: Sequence[str]) -> TrainingSet:
    """Convert reports to arrays, without comparison groups of one report."""
    compared = _drop_single_reports(list(examples))
    column_by_trait = {trait: column for column, trait in enumerate(traits)}
    contributions = np.zeros((len(compared), len(traits)))
    for row, example in enumerate(compared):
        for contribution in example.contributions:
            contributions[row, column_by_trait[contribution.trait]] = contribution.amount
    _, group = _encode_labels([example.comparison_group for example in compared])
    domains, domain_index = _encode_labels([example.domain for example in compared])
    values = centre_by_group(np.array([[example.value] for example in compared], dtype=float), group)
    kinds = tuple(example.kind for example in compared)
    return TrainingSet(
        tuple(traits),
        tuple(domains),
        _encode_labels([example.viewer for example in compared])[1],
        _encode_labels([example.teller for example in compared])[1],
        domain_index,
        group,
        kinds,
        centre_by_group(contributions, group),
        _scale_by_kind(values.ravel(), kinds),
    )


def centre_by_group(columns: Floats, group: Indices) -> Floats:
    """Subtract the mean of its group from each row; shape (n, m)."""
    if not len(columns):
        return columns
    sizes = np.bincount(group)
    sums = np.zeros((len(sizes), columns.shape[1]))
    np.add.at(sums, group, columns)
    return columns - (sums / np.maximum(sizes, 1)[:, None])[group]


def _drop_single_reports(examples: list[TrainingExample]) -> list[TrainingExample]:
    sizes = Counter(example.comparison_group for example in examples)
    return [example for example in examples if sizes[example.comparison_group] > 1]


def _scale_by_kind(values: Floats, kinds: Sequence[ReportKind]) -> Floats:
    scaled = values.copy()
    for kind in ReportKind:
        rows = np.array([report_kind == kind for report_kind in kinds], dtype=bool)
        root_mean_square = float(np.sqrt(np.mean(values[rows] ** 2))) if rows.any() else 0.0
        if root_mean_square > 0:
            scaled[rows] = values[rows] / root_mean_square
    return scaled


def _encode_labels(labels: Sequence[Key]) -> tuple[list[Key], Indices]:
    """Return the sorted labels and each label's position, so that arrays do not depend on the order of reports."""
    distinct = sorted(set(labels))
    index_by_label = {label: index for index, label in enumerate(distinct)}
    return distinct, np.array([index_by_label[label] for label in labels], dtype=np.intp)
