"""What viewers reported, beside what each of their matches was made of.

Two kinds of report count: "this person is like me", and how far confidence moved. Both are compared within one viewer
only, because people use a scale differently; and both are brought to the same spread, so that neither drowns the other.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from matching.engine_contract import Floats, Key
from matching.similarity import Contribution

Indices = NDArray[np.intp]


class ReportKind(StrEnum):
    """What a viewer reported."""

    LIKENESS = "likeness"
    CONFIDENCE = "confidence"


@dataclass(frozen=True)
class TrainingExample:
    """One report: `parts` is what the match's score was made of, under the prior; `value` is on any scale."""

    viewer: Key
    teller: Key
    domain: str
    kind: ReportKind
    contributions: Sequence[Contribution]
    value: float


@dataclass(frozen=True)
class TrainingSet:
    """Many reports as arrays, already compared within each viewer.

    Attributes
    ----------
    traits
        The f traits that stand behind the columns of `parts`.
    domains
        The names that `domain` counts in.
    viewer, teller, domain
        Shape (n,): who reported, about whom, in which part of life.
    sitting
        Shape (n,): one viewer's reports of one kind in one domain, within which alone reports are compared.
    parts
        Shape (n, f): each trait's part in the score under the prior, less its mean over the sitting.
    values
        Shape (n,): the reports, less their mean over the sitting, with a spread of one for each kind.
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

    def of_kind(self, kind: ReportKind) -> "TrainingSet":
        return self.select_rows(np.array([one == kind for one in self.kinds], dtype=bool))

    def select_rows(self, mask: NDArray[np.bool_]) -> "TrainingSet":
        """Keep some of the reports; whole sittings only, or comparisons would be off."""
        return TrainingSet(
            self.traits,
            self.domains,
            self.viewer_index[mask],
            self.teller_index[mask],
            self.domain_index[mask],
            self.comparison_group[mask],
            tuple(kind for kind, kept in zip(self.kinds, mask, strict=True) if kept),
            self.contributions[mask],
            self.values[mask],
        )


def build_training_set(examples: Iterable[TrainingExample], *, traits: Sequence[str]) -> TrainingSet:
    """Put reports into arrays. A sitting of one report has nothing to be compared with and is left out."""
    reports = _drop_single_reports(list(examples))
    column = {trait: place for place, trait in enumerate(traits)}
    parts = np.zeros((len(reports), len(traits)))
    for row, one in enumerate(reports):
        for part in one.contributions:
            parts[row, column[part.trait]] = part.amount
    _, sitting = _encode_labels([(str(one.viewer), one.domain, one.kind) for one in reports])
    domains, domain = _encode_labels([one.domain for one in reports])
    values = centre_by_group(np.array([one.value for one in reports], dtype=float)[:, None], sitting)[:, 0]
    kinds = tuple(one.kind for one in reports)
    return TrainingSet(
        tuple(traits),
        tuple(domains),
        _encode_labels([one.viewer for one in reports])[1],
        _encode_labels([one.teller for one in reports])[1],
        domain,
        sitting,
        kinds,
        centre_by_group(parts, sitting),
        _scale_by_kind(values, kinds),
    )


def centre_by_group(columns: Floats, group: Indices) -> Floats:
    """Take from each row the mean of its group; shape (n, m) as given."""
    if not len(columns):
        return columns
    sizes = np.bincount(group)
    sums = np.zeros((len(sizes), columns.shape[1]))
    np.add.at(sums, group, columns)
    return columns - (sums / np.maximum(sizes, 1)[:, None])[group]


def _drop_single_reports(examples: list[TrainingExample]) -> list[TrainingExample]:
    _, sitting = _encode_labels([(str(one.viewer), one.domain, one.kind) for one in examples])
    sizes = np.bincount(sitting, minlength=1)
    return [one for one, place in zip(examples, sitting, strict=True) if sizes[place] > 1]


def _scale_by_kind(values: Floats, kinds: Sequence[ReportKind]) -> Floats:
    spread = values.copy()
    for kind in ReportKind:
        rows = np.array([one == kind for one in kinds], dtype=bool)
        size = float(np.sqrt(np.mean(values[rows] ** 2))) if rows.any() else 0.0
        if size > 0:
            spread[rows] = values[rows] / size
    return spread


def _encode_labels(names: Sequence[Key]) -> tuple[list[Key], Indices]:
    """Number names by their order, so that the same reports give the same arrays in whatever order they came."""
    distinct = sorted(set(names))
    place = {name: number for number, name in enumerate(distinct)}
    return distinct, np.array([place[name] for name in names], dtype=np.intp)
