"""How long one ranking takes, and whether it is right: our engines and others, side by side.

    python -m tests.benchmarks.matching_scale [--stories N ...] [--queries N] [--data PATH] [--write FOLDER]

All run in this process on the same seeded tellers and viewers. Times are processor time of all threads together, in milliseconds a
query; the ratio to scikit-learn, measured beside, tells machines apart. `--data` takes a CSV file (or a zip of one) of real
profiles in place of the made-up ones; its columns become traits. `--write` leaves a table, and a picture where matplotlib is
installed. Not part of the test suite.
"""

import argparse
import platform
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np

from accounts.traits import CATALOGUE
from matching.engines.asked import compare
from matching.engines.order import best
from matching.engines.reference import SklearnEngine
from matching.engines.scan import ScanEngine
from matching.engines.searching import PLAIN, search_in_use
from matching.similarity import Query, expected_similarity, weigh
from matching.traits import TraitCatalogue
from tests.benchmarks.peers import Peer, Rows, Vectors, missing, peers
from tests.benchmarks.tellers import Person, made_up, profiles

K = 20
WARM, REPEATS = 3, 5
SHARES = (0.06, 0.017, 0.003)
# With more, the vectors of the others would fill the memory of a usual machine.
ORACLE = 200_000
REFERENCE = "scikit-learn, brute"
# What 32-bit sums may differ by.
NOISE = 1e-5
PACKAGES = {
    "numpy": "numpy",
    "scikit-learn": "sklearn",
    "numba": "numba",
    "faiss-cpu": "faiss",
    "hnswlib": "hnswlib",
}
HEAD = "| stories | | median ms | 95th percentile | times as quick as scikit-learn | recall |\n|---|---|---|---|---|---|"


@dataclass(frozen=True)
class Figure:
    """What one way of ranking took, in milliseconds a query, and how much of the truth it found."""

    stories: int
    name: str
    spent: Sequence[float]
    recall: float | None = None

    @property
    def median(self) -> float:
        return float(np.median(self.spent))


@dataclass(frozen=True)
class World:
    """Tellers and viewers, and who is truly nearest to each viewer."""

    catalogue: TraitCatalogue
    keys: Sequence[UUID]
    tellers: Sequence[Person]
    asked: Sequence[Query]


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure one ranking, and check it against the oracle.")
    parser.add_argument("--stories", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--queries", type=int, default=40)
    parser.add_argument("--data", type=Path, help="a CSV file of profiles, or a zip of one")
    parser.add_argument("--write", type=Path, help="a folder for the table and the picture")
    chosen = parser.parse_args()
    about = (
        f"{processor()}, Python {platform.python_version()}, {versions()}; k = {K}, {chosen.queries} queries"
    )
    say(about)
    if missing():
        say(
            f"not installed, so left out: {', '.join(missing())} (uv pip install -r pyproject.toml --extra bench)"
        )
    say(HEAD)
    figures: list[Figure] = []
    for world in worlds(chosen.stories, chosen.queries, chosen.data):
        for figure in measured(world):
            say(line(figure, figures))
            figures.append(figure)
    if chosen.write:
        leave(chosen.write, figures, about=about)


def worlds(sizes: Sequence[int], queries: int, data: Path | None) -> Iterator[World]:
    catalogue, people = profiles(data) if data else (CATALOGUE, [])
    for count in sizes:
        rng = np.random.default_rng(count)
        keys = [UUID(bytes=rng.bytes(16)) for _ in range(count)]
        if people:
            drawn = rng.integers(len(people), size=count + queries)
            tellers, viewers = (
                [people[place] for place in places] for places in (drawn[:count], drawn[count:])
            )
        else:
            tellers = made_up(catalogue, count, missing=0.4, rng=rng)
            viewers = made_up(catalogue, queries, missing=0.2, rng=rng)
        yield World(
            catalogue,
            keys,
            tellers,
            [weigh(viewer, catalogue=catalogue, base={}, own={}) for viewer in viewers],
        )


def measured(world: World) -> Iterator[Figure]:
    count = len(world.keys)
    if count <= ORACLE:
        yield from beside(world)
    searches = {"numba": search_in_use(), "numpy": PLAIN}
    if search_in_use() is PLAIN:
        del searches["numba"]
    for name, search in searches.items():
        engine = ScanEngine(world.catalogue, search=search)
        began = time.process_time()
        engine.add(world.keys, world.tellers)
        say(f"{count:>9,}  index built in {time.process_time() - began:.1f} s")
        found = [engine.search(query, k=K).keys for query in world.asked]
        right = np.mean(
            [truth(engine, query) == keys for query, keys in zip(world.asked, found, strict=True)]
        )
        spent = timed(partial(engine.search, k=K), world.asked)
        yield Figure(count, f"scan, {name}", spent, float(right))
        for share in SHARES:
            chosen = engine.select(world.keys[:: round(1 / share)])
            spent = timed(partial(engine.search, k=K, among=chosen), world.asked)
            yield Figure(count, f"scan, {name}, {share:.1%} pass", spent)
        if name == "numba":
            yield Figure(count, "scan, numba, two threads, elapsed", in_batch(engine, world.asked))


def truth(engine: ScanEngine, query: Query) -> tuple[UUID, ...]:
    """Rank by every row's own score, passing over nobody; its own tests hold this against scikit-learn."""
    now = engine._now
    compared = compare(
        query, book=engine._book, tally=now.tally, answered=now.answered, starts=now.layout.starts
    )
    tables = PLAIN.tabulate(compared.similarities, compared.shares, compared.columns, now.layout)
    grid = PLAIN.score_all(now.blocks, now.people, tables)
    rows, _ = best(np.arange(now.rows), grid, k=K, keys=now.keys)
    return now.keys.at(rows)


def beside(world: World) -> Iterator[Figure]:
    """Ask the others, given the finished query; what each finds counts as right if it scores with the k best."""
    oracle = SklearnEngine(world.catalogue)
    oracle.add(range(len(world.keys)), world.tellers)
    fitted = oracle._fit()
    queries = []
    for query in world.asked:
        expected = {
            key: expected_similarity(world.catalogue[key], query.answers[key], fitted.counts[key])
            for key in query.weights
        }
        queries.append(oracle._vector(fitted, query, expected).astype(np.float32))
    exact = [fitted.onehot @ query for query in queries]
    last = [np.partition(scores, len(scores) - K)[len(scores) - K] for scores in exact]
    for peer in peers(fitted.onehot):
        found = [peer.ask(query, K) for query in queries]
        right = [
            scores[rows] >= level - NOISE for rows, scores, level in zip(found, exact, last, strict=True)
        ]
        spent = timed(partial(asked_of, peer), queries)
        yield Figure(len(world.keys), peer.name, spent, float(np.mean(right)))


def asked_of(peer: Peer, query: Vectors) -> Rows:
    return peer.ask(query, K)


def timed(search: Callable[[Any], object], asked: Sequence[Any]) -> list[float]:
    """Give the least processor time of several runs of each query: whoever else is at work only ever adds to it."""
    for query in asked[:WARM]:
        search(query)
    spent = []
    for query in asked:
        runs = []
        for _ in range(REPEATS):
            start = time.process_time()
            search(query)
            runs.append(time.process_time() - start)
        spent.append(min(runs) * 1_000)
    return spent


def in_batch(engine: ScanEngine, asked: Sequence[Query]) -> list[float]:
    """Give the time on the clock of a query when two threads share them."""
    with ThreadPoolExecutor(2) as threads:
        runs = []
        for _ in range(REPEATS):
            start = time.perf_counter()
            list(threads.map(partial(engine.search, k=K), asked))
            runs.append((time.perf_counter() - start) * 1_000 / len(asked))
    return runs


def line(figure: Figure, before: Sequence[Figure]) -> str:
    reference = [one for one in (*before, figure) if one.stories == figure.stories and one.name == REFERENCE]
    ratio = f"{reference[0].median / figure.median:,.1f}" if reference else ""
    recall = "" if figure.recall is None else f"{figure.recall:.3f}"
    late = np.percentile(figure.spent, 95)
    return f"| {figure.stories:,} | {figure.name} | {figure.median:.3f} | {late:.3f} | {ratio} | {recall} |"


def leave(folder: Path, figures: Sequence[Figure], *, about: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    table = [HEAD, *(line(figure, figures) for figure in figures)]
    (folder / "matching.md").write_text(f"{about}\n\n" + "\n".join(table) + "\n", encoding="utf-8")
    if find_spec("matplotlib"):
        draw(folder / "matching.svg", figures)


def draw(path: Path, figures: Sequence[Figure]) -> None:
    pyplot = import_module("matplotlib.pyplot")
    picture, axes = pyplot.subplots(figsize=(8, 5))
    for name in dict.fromkeys(figure.name for figure in figures if "pass" not in figure.name):
        points = sorted((figure.stories, figure.median) for figure in figures if figure.name == name)
        axes.plot(*zip(*points, strict=True), marker="o", label=name)
    axes.set(xscale="log", yscale="log", xlabel="stories", ylabel="milliseconds a query (median)")
    axes.grid(visible=True, which="both", alpha=0.3)
    axes.legend(fontsize=8)
    picture.tight_layout()
    picture.savefig(path, metadata={"Date": None})


def versions() -> str:
    return ", ".join(f"{name} {version(name)}" for name in PACKAGES if find_spec(PACKAGES[name]))


def processor() -> str:
    described = Path("/proc/cpuinfo")
    lines = described.read_text(encoding="utf-8").splitlines() if described.exists() else []
    return next(
        (line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.machine()
    )


def say(line: str) -> None:
    print(line, flush=True)  # noqa: T201  # a command that reports to a terminal


if __name__ == "__main__":
    main()
