"""Real profiles with questions left open: does the ranking hold, and is anybody shown to everybody?

PATH is the table of the OkCupid profiles (Kim and Escobedo-Land, revision of 2021), as CSV or a zip of it. Figures only.
"""

import csv
import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matching.matcher import Matcher

from matching.evaluation.list_metrics import Exposure, measure_exposure
from matching.traits import Answer, Answers, CategoryTrait, NumericTrait, Trait, TraitCatalogue
from tests.benchmarks.matching_evaluation.robustness import Robustness, measure_robustness

NUMERIC_RANGES = {"age": (18, 70), "height": (55, 80)}
MAX_LEVELS = 250
# Who left at most two of nineteen questions open: their full answers are the truth that hiding is measured against.
MIN_DENSE_ANSWERS = 17
HIDDEN_SHARES = (0.1, 0.2, 0.3, 0.4, 0.5)
LIST_SIZE = 20


@dataclass(frozen=True)
class ProfileResults:
    """What the profiles showed: by share of hidden answers, and of the lists of real, gappy profiles."""

    person_count: int
    dense_person_count: int
    by_share: Mapping[float, Robustness]
    exposure: Exposure


def evaluate_profiles(path: Path, *, viewers: int) -> ProfileResults:
    catalogue, people = load_profiles(path)
    dense = [person for person in people if len(person) >= MIN_DENSE_ANSWERS]
    by_share = {
        share: measure_robustness(catalogue, dense, viewers=viewers, missing_share=share)
        for share in HIDDEN_SHARES
    }
    return ProfileResults(len(people), len(dense), by_share, _list_exposure(catalogue, people, viewers))


def _list_exposure(catalogue: TraitCatalogue, people: Sequence[Answers], viewers: int) -> Exposure:
    """Show twenty of all others to people drawn from everybody, open questions and all."""
    rng = np.random.default_rng(0)
    matcher = Matcher(catalogue).fit(range(len(people)), people)
    asking = rng.choice(len(people), size=viewers, replace=False).tolist()
    lists = [
        [match.key for match in matcher.rank(people[place], k=LIST_SIZE + 1) if match.key != place][
            :LIST_SIZE
        ]
        for place in asking
    ]
    return measure_exposure(lists, available=range(len(people)))


def load_profiles(path: Path) -> tuple[TraitCatalogue, list[Answers]]:
    rows = list(csv.DictReader(io.StringIO(_read_text(path))))
    catalogue = TraitCatalogue(_infer_traits(rows))
    return catalogue, [dict(_answers(catalogue, row)) for row in rows]


def _read_text(path: Path) -> str:
    if path.suffix != ".zip":
        return path.read_text(encoding="utf-8")
    with zipfile.ZipFile(path) as archive:
        return archive.read(archive.namelist()[0]).decode("utf-8")


def _infer_traits(rows: Sequence[Mapping[str, str]]) -> Iterator[Trait]:
    for name in rows[0]:
        if name in NUMERIC_RANGES:
            low, high = NUMERIC_RANGES[name]
            yield NumericTrait(key=name, label=name, question="", minimum=low, maximum=high, unit="")
            continue
        told = [row[name] for row in rows if _is_answered(row[name])]
        counts = dict.fromkeys(told, 0)
        for value in told:
            counts[value] += 1
        common = sorted(counts, key=lambda value: (-counts[value], value))[:MAX_LEVELS]
        yield CategoryTrait(
            key=name, label=name, question="", levels=tuple((value, value) for value in common)
        )


def _answers(catalogue: TraitCatalogue, row: Mapping[str, str]) -> Iterator[tuple[str, Answer]]:
    for trait in catalogue:
        text = row[trait.key]
        if not _is_answered(text):
            continue
        if isinstance(trait, NumericTrait):
            if trait.minimum <= float(text) <= trait.maximum:
                yield trait.key, int(float(text))
        elif text in trait.values:
            yield trait.key, text


def _is_answered(text: str) -> bool:
    return text not in {"", "-1", "NA"}
