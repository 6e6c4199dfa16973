"""People to measure with: generated from a seed, or real profiles from a file."""

import csv
import io
import zipfile
from collections import Counter
from pathlib import Path

import numpy as np

from matching.traits import Answer, CategoryTrait, NumericTrait, SetTrait, Trait, TraitCatalogue

MAX_LEVELS = 400
PersonAnswers = dict[str, Answer]


def generate_people(
    catalogue: TraitCatalogue, count: int, *, missing: float, rng: np.random.Generator
) -> list[PersonAnswers]:
    """Generate people with unevenly distributed answers, who skip some traits more often than others."""
    people: list[PersonAnswers] = [{} for _ in range(count)]
    for trait in catalogue:
        missing_share = rng.beta(2, 2 / missing - 2)
        answers = _random_answers(trait, count, rng)
        for person, answer, hidden in zip(people, answers, rng.random(count) < missing_share, strict=True):
            if not hidden:
                person[trait.key] = answer
    return people


def _random_answers(trait: Trait, count: int, rng: np.random.Generator) -> list[Answer]:
    if isinstance(trait, SetTrait):
        membership = rng.random((count, len(trait.levels))) < rng.beta(1, 4, size=len(trait.levels))
        membership[np.arange(count), rng.integers(len(trait.levels), size=count)] = True
        names = [key for key, _ in trait.levels]
        return [frozenset(names[index] for index in np.flatnonzero(row)) for row in membership]
    probabilities = rng.dirichlet(np.ones(len(trait.values)))
    return [trait.values[index] for index in rng.choice(len(trait.values), size=count, p=probabilities)]


def load_profiles(path: Path) -> tuple[TraitCatalogue, list[PersonAnswers]]:
    """Read people from a CSV file: columns of numbers become numeric traits, the others categories."""
    rows = list(csv.DictReader(io.StringIO(_read_text(path))))
    traits = [trait for name in rows[0] if (trait := _infer_trait(name, [row[name] for row in rows]))]
    catalogue = TraitCatalogue(traits)
    people = []
    for row in rows:
        raw = {trait.key: _parse_value(trait, row[trait.key]) for trait in traits}
        people.append({key: value for key, value in raw.items() if value is not None})
    return catalogue, people


def _read_text(path: Path) -> str:
    if path.suffix != ".zip":
        return path.read_text(encoding="utf-8")
    with zipfile.ZipFile(path) as archive:
        return archive.read(archive.namelist()[0]).decode("utf-8")


def _infer_trait(name: str, values: list[str]) -> Trait | None:
    common = [value for value, _ in Counter(value for value in values if value).most_common(MAX_LEVELS)]
    numbers = [int(value) for value in common if value.lstrip("-").isdigit()]
    if len(numbers) == len(common) and max(numbers) - min(numbers) <= MAX_LEVELS:
        return NumericTrait(
            key=name, label=name, question="", minimum=min(numbers), maximum=max(numbers), unit=""
        )
    if len(common) < 2:
        return None
    return CategoryTrait(key=name, label=name, question="", levels=tuple((value, value) for value in common))


def _parse_value(trait: Trait, text: str) -> Answer | None:
    if isinstance(trait, NumericTrait):
        return int(text) if text and trait.minimum <= int(text) <= trait.maximum else None
    return text if text in trait.values else None
