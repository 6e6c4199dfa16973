"""How long one ranking takes, and whether it is right: the scan against scikit-learn's brute force.

    python -m tests.benchmarks.matching_scale [--stories N ...] [--queries N] [--data PATH]

Both run in this process on the same seeded tellers and viewers; processor time is that of all threads together. `--data` takes a CSV file (or a zip of
one) of real profiles in place of the made-up ones; its columns become traits. Not part of the test suite.
"""

import argparse
import csv
import io
import platform
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from scipy.sparse import csr_array

from accounts.traits import CATALOGUE
from matching.engines.reference import SklearnEngine
from matching.engines.scan import ScanEngine
from matching.similarity import Query, expected_similarity, weigh
from matching.traits import Answer, CategoryTrait, NumericTrait, SetTrait, Trait, TraitCatalogue

K = 20
WARM = 3
MOST_LEVELS = 400
Person = dict[str, Answer]


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure one ranking, and check it against the oracle.")
    parser.add_argument("--stories", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--queries", type=int, default=40)
    parser.add_argument("--data", type=Path, help="a CSV file of profiles, or a zip of one")
    chosen = parser.parse_args()
    catalogue, people = profiles(chosen.data) if chosen.data else (CATALOGUE, [])
    say(f"{processor()}, Python {platform.python_version()}, numpy {np.__version__}, k = {K}")
    say(
        f"{len(catalogue)} traits; {len(people) or 'made-up'} profiles; CPU ms a query, median (95th percentile)"
    )
    say(f"{'stories':>8}  {'scan':>16}  {'scan, 6 %':>16}  {'scikit-learn':>18}  {'ratio':>6}  {'recall':>6}")
    for count in chosen.stories:
        rng = np.random.default_rng(count)
        tellers = [people[place] for place in rng.integers(len(people), size=count)] if people else []
        tellers = tellers or made_up(catalogue, count, missing=0.4, rng=rng)
        viewers = made_up(catalogue, chosen.queries, missing=0.2, rng=rng)
        if people:
            viewers = [people[place] for place in rng.integers(len(people), size=chosen.queries)]
        say(measured(catalogue, tellers, viewers))


def measured(catalogue: TraitCatalogue, tellers: list[Person], viewers: list[Person]) -> str:
    scan, oracle = ScanEngine(catalogue), SklearnEngine(catalogue)
    keys = range(len(tellers))
    scan.add(keys, tellers)
    oracle.add(keys, tellers)
    asked = [weigh(viewer, catalogue=catalogue, base={}, own={}) for viewer in viewers]
    found = [set(scan.search(query, k=K).keys) for query in asked]
    truth = [set(oracle.search(query, k=K).keys) for query in asked]
    recall = np.mean([len(ours & theirs) / len(theirs) for ours, theirs in zip(found, truth, strict=True)])
    some = scan.select(range(0, len(tellers), 17))
    ours = timed(lambda query: scan.search(query, k=K), asked)
    filtered = timed(lambda query: scan.search(query, k=K, among=some), asked)
    theirs = timed_neighbours(oracle, asked)
    ratio = np.median(theirs) / np.median(ours)
    figures = f"{spread(ours):>16}  {spread(filtered):>16}  {spread(theirs):>18}"
    return f"{len(tellers):>8,}  {figures}  {ratio:>6.1f}  {recall:>6.3f}"


def timed(search: Callable[[Query], object], asked: Sequence[Query]) -> list[float]:
    for query in asked[:WARM]:
        search(query)
    spent = []
    for query in asked:
        start = time.process_time()
        search(query)
        spent.append((time.process_time() - start) * 1_000)
    return spent


def timed_neighbours(oracle: SklearnEngine, asked: Sequence[Query]) -> list[float]:
    """Time scikit-learn's part alone: its search, without our making of the query or settling of ties."""
    fitted = oracle._fit()
    vectors = []
    for query in asked:
        expected = {
            key: expected_similarity(fitted.catalogue[key], query.answers[key], fitted.counts[key])
            for key in query.weights
        }
        vectors.append(csr_array(oracle._vector(fitted, query, expected)[None, :]))
    spent = []
    for vector in vectors[:WARM] + vectors:
        start = time.process_time()
        fitted.neighbours.kneighbors(vector, n_neighbors=K)
        spent.append((time.process_time() - start) * 1_000)
    return spent[WARM:]


def made_up(
    catalogue: TraitCatalogue, count: int, *, missing: float, rng: np.random.Generator
) -> list[Person]:
    """Make people whose answers are uneven, as people's are, and who leave out some traits more than others."""
    people: list[Person] = [{} for _ in range(count)]
    for trait in catalogue:
        left_out = rng.beta(2, 2 / missing - 2)
        answers = _answers(trait, count, rng)
        for person, answer, hidden in zip(people, answers, rng.random(count) < left_out, strict=True):
            if not hidden:
                person[trait.key] = answer
    return people


def _answers(trait: Trait, count: int, rng: np.random.Generator) -> list[Answer]:
    if isinstance(trait, SetTrait):
        wanted = rng.random((count, len(trait.levels))) < rng.beta(1, 4, size=len(trait.levels))
        wanted[np.arange(count), rng.integers(len(trait.levels), size=count)] = True
        names = [key for key, _ in trait.levels]
        return [frozenset(names[place] for place in np.flatnonzero(row)) for row in wanted]
    odds = rng.dirichlet(np.ones(len(trait.values)))
    return [trait.values[place] for place in rng.choice(len(trait.values), size=count, p=odds)]


def profiles(path: Path) -> tuple[TraitCatalogue, list[Person]]:
    """Read people from a CSV file: columns of numbers become numeric traits, the others categories."""
    rows = list(csv.DictReader(io.StringIO(_text(path))))
    traits = [trait for name in rows[0] if (trait := _trait(name, [row[name] for row in rows]))]
    catalogue = TraitCatalogue(traits)
    people = []
    for row in rows:
        raw = {trait.key: _value(trait, row[trait.key]) for trait in traits}
        people.append({key: value for key, value in raw.items() if value is not None})
    return catalogue, people


def _text(path: Path) -> str:
    if path.suffix != ".zip":
        return path.read_text(encoding="utf-8")
    with zipfile.ZipFile(path) as archive:
        return archive.read(archive.namelist()[0]).decode("utf-8")


def _trait(name: str, values: list[str]) -> Trait | None:
    common = [value for value, _ in Counter(value for value in values if value).most_common(MOST_LEVELS)]
    numbers = [int(value) for value in common if value.lstrip("-").isdigit()]
    if len(numbers) == len(common) and max(numbers) - min(numbers) <= MOST_LEVELS:
        return NumericTrait(
            key=name, label=name, question="", minimum=min(numbers), maximum=max(numbers), unit=""
        )
    if len(common) < 2:
        return None
    return CategoryTrait(key=name, label=name, question="", levels=tuple((value, value) for value in common))


def _value(trait: Trait, text: str) -> Answer | None:
    if isinstance(trait, NumericTrait):
        return int(text) if text and trait.minimum <= int(text) <= trait.maximum else None
    return text if text in trait.values else None


def processor() -> str:
    described = Path("/proc/cpuinfo")
    lines = described.read_text(encoding="utf-8").splitlines() if described.exists() else []
    return next(
        (line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.machine()
    )


def spread(milliseconds: Sequence[float]) -> str:
    return f"{np.median(milliseconds):.2f} ({np.percentile(milliseconds, 95):.2f})"


def say(line: str) -> None:
    print(line, flush=True)  # noqa: T201  # a command that reports to a terminal


if __name__ == "__main__":
    main()
