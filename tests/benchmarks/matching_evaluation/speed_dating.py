"""Weight learning on speed dates, the only public labels for perceived similarity.

    python -m tests.benchmarks.matching_evaluation.speed_dating --data PATH

PATH is the speed-dating table of Fisman and Iyengar as CSV, one row for each side of each date. The rater is the viewer, the
partner is the teller, and `shar` (0 to 10) is the report. Weights are learned from all evenings but one and tested on that one.
"""

import argparse
import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from matching.evaluation.intervals import Estimate, bootstrap_estimate
from matching.learning.contributions import ContributionCalculator
from matching.learning.cross_validation import group_k_fold, spearman_by_viewer
from matching.learning.training_set import ReportKind, TrainingExample, TrainingSet, build_training_set
from matching.learning.weight_trial import TrialVerdict, WeightTrial, run_weight_trial
from matching.learning.weights import ALL_DOMAINS, WeightLearner, score_with_weights
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
NUMERIC_COLUMNS = ["age", "imprace", "imprelig", "date", "go_out", "exphappy", *INTERESTS]
NUMERIC_COLUMNS += [f"{trait}1_1" for trait in ("attr", "sinc", "intel", "fun", "amb", "shar")]
NUMERIC_COLUMNS += [f"{trait}3_1" for trait in ("attr", "sinc", "fun", "intel", "amb")]
CATEGORY_COLUMNS = ["race", "field_cd", "goal", "career_c"]
MISSING_VALUES = {"", "NA"}


@dataclass(frozen=True)
class SpeedDatingData:
    catalogue: TraitCatalogue
    training_examples: tuple[TrainingExample, ...]
    evening_by_person: Mapping[str, str]


def main() -> None:
    parser = argparse.ArgumentParser(
        description="Learn weights from speed dates, and test them on other evenings."
    )
    parser.add_argument("--data", type=Path, required=True)
    training_set, evenings = load_training_set(parser.parse_args().data)
    trial = run_weight_trial(training_set, current_weights=equal_weights(training_set), fold_groups=evenings)
    if trial is not None:
        for line in report_lines(trial, gain_by_evening(training_set, evenings)):
            print(line)  # noqa: T201  # a command-line program


def report_lines(trial: WeightTrial, by_evening: Estimate) -> Iterator[str]:
    yield f"{trial.viewers} people, {trial.reports:,} reports; Spearman within each person's evening"
    yield f"all traits equal      {trial.present}"
    yield f"learned, left out     {trial.learned}"
    yield f"gain, same people     {trial.gain}   {'better' if trial.verdict == TrialVerdict.BETTER else 'not shown'}"
    yield f"gain, by evening      {by_evening}"
    yield f"popularity            {trial.popularity}"
    heaviest = sorted(trial.weights[ALL_DOMAINS].items(), key=lambda item: -item[1])[:6]
    yield f"heaviest of {len(trial.weights[ALL_DOMAINS])}: " + ", ".join(
        f"{key} {weight:.1f}" for key, weight in heaviest
    )


def load_training_set(path: Path) -> tuple[TrainingSet, np.ndarray]:
    """Return the training set, and the evening of each report."""
    data = _load_data(path)
    training_set = build_training_set(data.training_examples, traits=[trait.key for trait in data.catalogue])
    viewers = sorted({example.viewer for example in data.training_examples})
    evening = np.array([int(data.evening_by_person[viewers[index]]) for index in training_set.viewer_index])
    return training_set, evening


def equal_weights(training_set: TrainingSet) -> dict[str, dict[str, float]]:
    return {ALL_DOMAINS: dict.fromkeys(training_set.traits, 1.0)}


def gain_by_evening(training_set: TrainingSet, evenings: np.ndarray) -> Estimate:
    """Return the gain with an interval over evenings, because people of one evening met the same others."""
    scores = np.zeros(len(training_set))
    for train, test in group_k_fold(evenings, count=len(np.unique(evenings)), seed=0):
        scores[test] = (
            WeightLearner().fit(training_set.select_rows(train)).predict(training_set.select_rows(test))
        )
    gains = spearman_by_viewer(scores, training_set) - spearman_by_viewer(
        score_with_weights(equal_weights(training_set), training_set), training_set
    )
    _, firsts = np.unique(training_set.viewer_index, return_index=True)
    valid = ~np.isnan(gains)
    valid_gains = gains[valid]
    return bootstrap_estimate(
        lambda rows: float(valid_gains[rows].mean()), clusters=list(evenings[firsts][valid]), seed=0
    )


def _load_data(path: Path) -> SpeedDatingData:
    with path.open(encoding="latin-1", newline="") as file:
        rows = list(csv.DictReader(file))
    row_by_person = {row["iid"]: row for row in rows}
    catalogue = TraitCatalogue(
        [*_numeric_traits(list(row_by_person.values())), *_category_traits(list(row_by_person.values()))]
    )
    people = {key: _answers(catalogue, row) for key, row in row_by_person.items()}
    calculator = ContributionCalculator(catalogue, people.values())
    examples = []
    for row in rows:
        if row["shar"] in MISSING_VALUES or row["pid"] not in people:
            continue
        contributions = calculator.calculate_contributions(
            people[row["iid"]], people[row["pid"]], viewer_weights={}
        )
        report = float(row["shar"])
        examples.append(
            TrainingExample(row["iid"], row["pid"], "", ReportKind.LIKENESS, contributions, report)
        )
    return SpeedDatingData(
        catalogue, tuple(examples), {key: row["wave"] for key, row in row_by_person.items()}
    )


def _numeric_traits(rows: Sequence[Row]) -> Iterator[Trait]:
    for name in NUMERIC_COLUMNS:
        known = [round(float(row[name])) for row in rows if row[name] not in MISSING_VALUES]
        yield NumericTrait(key=name, label=name, question="", minimum=min(known), maximum=max(known), unit="")


def _category_traits(rows: Sequence[Row]) -> Iterator[Trait]:
    for name in CATEGORY_COLUMNS:
        known = sorted({row[name] for row in rows} - MISSING_VALUES)
        yield CategoryTrait(key=name, label=name, question="", levels=tuple((key, key) for key in known))


def _answers(catalogue: TraitCatalogue, row: Row) -> Answers:
    raw = {trait.key: row[trait.key] for trait in catalogue if row[trait.key] not in MISSING_VALUES}
    return catalogue.clean(
        {key: float(value) if key in NUMERIC_COLUMNS else value for key, value in raw.items()}
    )


if __name__ == "__main__":
    main()
