"""People who met, and how much they felt to have in common: the only open labels for perceived similarity.

    python -m tests.benchmarks.proof.meetings --data PATH

PATH is the speed-dating table of Fisman and Iyengar as CSV, one row for each side of each meeting. Whoever rated is the viewer, whoever was met is the
teller, and `shar` (0 to 10) is the report. Weights are learned from all evenings but one and tried on that one, in turn.
"""

import argparse
import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from matching.evaluation.intervals import Estimate, resampled
from matching.learning import POOLED, Evidence, Kind, Told, Trial, Verdict, WeightLearner, gather, hold_trial
from matching.learning.folds import folded, rank_agreement
from matching.learning.parts import Parts
from matching.learning.weights import scores_under
from matching.traits import Answers, CategoryTrait, NumericTrait, Trait, TraitCatalogue

Row = Mapping[str, str]
INTERESTS = [
    "sports",
    "tvsports",
    "exercise",
    "dining",
    "museums",
    "art",
    "hiking",
    "gaming",
    "clubbing",
    "reading",
    "tv",
    "theater",
    "movies",
    "concerts",
    "music",
    "shopping",
    "yoga",
]
NUMBERS = ["age", "imprace", "imprelig", "date", "go_out", "exphappy", *INTERESTS]
NUMBERS += [f"{trait}1_1" for trait in ("attr", "sinc", "intel", "fun", "amb", "shar")]
NUMBERS += [f"{trait}3_1" for trait in ("attr", "sinc", "fun", "intel", "amb")]
CHOICES = ["race", "field_cd", "goal", "career_c"]
UNKNOWN = {"", "NA"}


@dataclass(frozen=True)
class Meetings:
    """The table, read: who is who, and each report with the evening it was made on."""

    catalogue: TraitCatalogue
    told: tuple[Told, ...]
    evenings: Mapping[str, str]


def main() -> None:
    parser = argparse.ArgumentParser(description="Learn weights from people who met, and try them on others.")
    parser.add_argument("--data", type=Path, required=True)
    evidence, evenings = read(parser.parse_args().data)
    trial = hold_trial(evidence, present=even(evidence), left_out_together=evenings)
    if trial is not None:
        for line in lines(trial, by_evening(evidence, evenings)):
            print(line)  # noqa: T201  # a command that reports to a terminal


def lines(trial: Trial, by_evening: Estimate) -> Iterator[str]:
    yield f"{trial.viewers} people, {trial.reports:,} reports; Spearman within each person's evening"
    yield f"all traits alike      {trial.present}"
    yield f"learned, left out     {trial.learned}"
    yield f"gain, same people     {trial.gain}   {'better' if trial.verdict == Verdict.BETTER else 'not shown'}"
    yield f"gain, by evening      {by_evening}"
    yield f"popularity            {trial.popularity}"
    heaviest = sorted(trial.weights[POOLED].items(), key=lambda one: -one[1])[:6]
    yield f"heaviest of {len(trial.weights[POOLED])}: " + ", ".join(
        f"{key} {weight:.1f}" for key, weight in heaviest
    )


def read(path: Path) -> tuple[Evidence, np.ndarray]:
    """Give the evidence, and for each report the number of its evening."""
    meetings = _meetings(path)
    evidence = gather(meetings.told, traits=[trait.key for trait in meetings.catalogue])
    viewers = sorted({one.viewer for one in meetings.told})
    evening = np.array([int(meetings.evenings[viewers[place]]) for place in evidence.viewer])
    return evidence, evening


def even(evidence: Evidence) -> dict[str, dict[str, float]]:
    return {POOLED: dict.fromkeys(evidence.traits, 1.0)}


def by_evening(evidence: Evidence, evenings: np.ndarray) -> Estimate:
    """Give the gain with an interval over evenings: people of one evening met the same others."""
    scores = np.zeros(len(evidence))
    for train, test in folded(evenings, count=len(np.unique(evenings)), seed=0):
        scores[test] = WeightLearner().fit(evidence.among(train)).predict(evidence.among(test))
    gains = rank_agreement(scores, evidence) - rank_agreement(
        scores_under(even(evidence), evidence), evidence
    )
    _, firsts = np.unique(evidence.viewer, return_index=True)
    some = ~np.isnan(gains)
    kept = gains[some]
    return resampled(lambda rows: float(kept[rows].mean()), clusters=list(evenings[firsts][some]), seed=0)


def _meetings(path: Path) -> Meetings:
    with path.open(encoding="latin-1", newline="") as file:
        rows = list(csv.DictReader(file))
    first_of = {row["iid"]: row for row in rows}
    catalogue = TraitCatalogue([*_numbers(list(first_of.values())), *_choices(list(first_of.values()))])
    people = {key: _answers(catalogue, row) for key, row in first_of.items()}
    parts = Parts(catalogue, people.values())
    told = []
    for row in rows:
        if row["shar"] in UNKNOWN or row["pid"] not in people:
            continue
        made_of = parts.of(people[row["iid"]], people[row["pid"]], own={})
        told.append(Told(row["iid"], row["pid"], "", Kind.LIKENESS, made_of, float(row["shar"])))
    return Meetings(catalogue, tuple(told), {key: row["wave"] for key, row in first_of.items()})


def _numbers(rows: Sequence[Row]) -> Iterator[Trait]:
    for name in NUMBERS:
        known = [round(float(row[name])) for row in rows if row[name] not in UNKNOWN]
        yield NumericTrait(key=name, label=name, question="", minimum=min(known), maximum=max(known), unit="")


def _choices(rows: Sequence[Row]) -> Iterator[Trait]:
    for name in CHOICES:
        known = sorted({row[name] for row in rows} - UNKNOWN)
        yield CategoryTrait(key=name, label=name, question="", levels=tuple((key, key) for key in known))


def _answers(catalogue: TraitCatalogue, row: Row) -> Answers:
    given = {trait.key: row[trait.key] for trait in catalogue if row[trait.key] not in UNKNOWN}
    return catalogue.clean({key: float(value) if key in NUMBERS else value for key, value in given.items()})


if __name__ == "__main__":
    main()
