"""Robustness and exposure on real profiles with unanswered questions.

PATH is the table of the OkCupid profiles (Kim and Escobedo-Land, revision of 2021), as CSV or a zip of it. Only aggregates are reported.
"""

import csv
import io
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from matching.engine import InMemoryEngine
from matching.evaluation.list_metrics import Exposure, measure_exposure
from matching.similarity import build_weighted_query
from matching.traits import Answer, Answers, CategoryTrait, NumericTrait, Trait, TraitCatalogue
from tests.benchmarks.matching_evaluation.robustness import Robustness, measure_robustness

NUMERIC_RANGES = {"age": (18, 70), "height": (55, 80)}
MAX_LEVELS = 250
# Nearly complete profiles: at most two of 19 questions unanswered. Their answers are the ground truth.
MIN_DENSE_ANSWERS = 17
HIDDEN_SHARES = (0.1, 0.2, 0.3, 0.4, 0.5)
LIST_SIZE = 20


@dataclass(frozen=True)
class ProfileResults:
    """Robustness by share of hidden answers, and the exposure in lists of all profiles."""

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
    """Show 20 other profiles to a random sample of all people."""
    rng = np.random.default_rng(0)
    engine = InMemoryEngine(catalogue).fit(people)
    lists = []
    for viewer in rng.choice(len(people), size=viewers, replace=False).tolist():
        query = build_weighted_query(people[viewer], catalogue=catalogue)
        ranking = engine.search(query, k=LIST_SIZE + 1)
        lists.append([key for key in ranking.keys if key != viewer][:LIST_SIZE])
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
        counts = Counter(row[name] for row in rows if _is_answered(row[name]))
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
