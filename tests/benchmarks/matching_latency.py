"""How long one ranking takes, and whether it is right: our engines and others, side by side.

    python -m tests.benchmarks.matching_latency [--stories N ...] [--queries N] [--data PATH] [--keep FILE]

All run in this process on the same seeded tellers and viewers. Times are processor time of all threads together, in
milliseconds a query; the ratio to scikit-learn, measured beside, tells machines apart. `--data` adds a CSV file (or a zip of
one) of real profiles; its columns become traits. `--keep` adds the figures to a file, from which `matching_page` makes the
page and the plot. Not part of the test suite.
"""

import argparse
import gc
import os
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
from scipy.sparse import csr_array

from accounts.traits.catalogue import TRAIT_CATALOGUE
from matching.engines.asked import compare
from matching.engines.codes import Codebook, Codes, MaskBook
from matching.engines.contract import Among, Rows
from matching.engines.order import best
from matching.engines.scan import ScanEngine
from matching.engines.searching import PLAIN, Search, load_search
from matching.similarity import WeightedQuery, build_weighted_query
from matching.traits.catalogue import TraitCatalogue
from tests.benchmarks import matching_latency_page
from tests.benchmarks.cpu_timing import REPEATS, BenchmarkResult, best_times_ms, print_line
from tests.benchmarks.nearest_neighbour_baselines import Baseline, Vectors, build_baselines, missing_packages
from tests.benchmarks.profile_data import PersonAnswers, generate_people, load_profiles

TOP_K = 20
POOL_SIZE = 20_000
SHARES = (0.06, 0.017, 0.003)
DATA_VARIABLE = "SAMEBOAT_BENCH_DATA"
# What 32-bit sums may differ by.
NOISE = 1e-5


@dataclass(frozen=True)
class BenchmarkWorld:
    """Tellers, as codes of a book, and viewers."""

    name: str
    catalogue: TraitCatalogue
    book: Codebook
    codes: Codes
    keys: Sequence[UUID]
    asked: Sequence[WeightedQuery]


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure one ranking, and check it against the oracle.")
    parser.add_argument("--stories", type=int, nargs="*", default=[10_000, 100_000])
    parser.add_argument("--queries", type=int, default=40)
    parser.add_argument(
        "--data", type=Path, help=f"a CSV file of profiles, or a zip of one (else ${DATA_VARIABLE})"
    )
    parser.add_argument(
        "--beside", nargs="*", help="which others to ask: faiss, hnswlib, pgvector (else all)"
    )
    parser.add_argument("--keep", type=Path, help="a file to which to add the figures")
    chosen = parser.parse_args()
    data = chosen.data or (Path(os.environ[DATA_VARIABLE]) if os.environ.get(DATA_VARIABLE) else None)
    if missing_packages():
        print_line(
            f"not installed, so left out: {', '.join(missing_packages())} (pyproject.toml, extra bench)"
        )
    for world in worlds(chosen.stories, chosen.queries, data):
        figures = list(measured(world, wanted=chosen.beside))
        print_line(matching_latency_page.results_table(figures))
        if chosen.keep:
            matching_latency_page.save_results(chosen.keep, figures)
        gc.collect()


def worlds(sizes: Sequence[int], queries: int, data: Path | None) -> Iterator[BenchmarkWorld]:
    for count in sizes:
        rng = np.random.default_rng(count)
        book = Codebook(TRAIT_CATALOGUE, sets=MaskBook)
        pool = book.encode(generate_people(TRAIT_CATALOGUE, min(count, POOL_SIZE), missing=0.4, rng=rng))
        # Made-up people answer each question for itself, so larger crowds can be drawn from a smaller one's answers.
        codes = np.stack([rng.choice(column, size=count) for column in pool.T], axis=1)
        viewers = generate_people(TRAIT_CATALOGUE, queries, missing=0.2, rng=rng)
        yield _world(f"{count:,}", TRAIT_CATALOGUE, codes, viewers)
    if data is not None:
        catalogue, people = load_profiles(data)
        drawn = np.random.default_rng(len(people)).integers(len(people), size=queries)
        codes = Codebook(catalogue, sets=MaskBook).encode(people)
        yield _world(f"{len(people):,} real", catalogue, codes, [people[place] for place in drawn])


def _world(
    name: str, catalogue: TraitCatalogue, codes: Codes, viewers: Sequence[PersonAnswers]
) -> BenchmarkWorld:
    rng = np.random.default_rng(1)
    return BenchmarkWorld(
        name,
        catalogue,
        Codebook(catalogue, sets=MaskBook),
        codes,
        [UUID(bytes=rng.bytes(16)) for _ in codes],
        [
            build_weighted_query(one, catalogue=catalogue, base_weights={}, viewer_weights={})
            for one in viewers
        ],
    )


def measured(world: BenchmarkWorld, *, wanted: Sequence[str] | None) -> Iterator[BenchmarkResult]:
    print_line(f"{world.name} stories")
    yield from beside(world, wanted)
    searches = {"numpy": PLAIN} if load_search() is PLAIN else {"numba": load_search(), "numpy": PLAIN}
    for name, search in searches.items():
        began = time.process_time()
        engine = ScanEngine(world.catalogue, search=search)
        engine.add_coded(world.keys, world.codes, by=world.book)
        built = time.process_time() - began
        print_line(
            f"  scan, {name}: built in {built:.1f} s, {held(engine) / len(world.keys):.1f} bytes a story"
        )
        yield from scanned(world, engine, name)
        if search is not PLAIN:
            yield BenchmarkResult(
                world.name,
                len(world.keys),
                f"scan, {name}, two threads",
                in_batch(engine, world.asked),
                elapsed=True,
            )


def scanned(world: BenchmarkWorld, engine: ScanEngine, name: str) -> Iterator[BenchmarkResult]:
    for share in (None, *SHARES):
        among = None if share is None else engine.select(world.keys[:: round(1 / share)])
        found = [engine.search(query, k=TOP_K, among=among).keys for query in world.asked]
        true = [truth(engine, query, among) for query in world.asked]
        right = np.mean([ours == keys for ours, keys in zip(found, true, strict=True)])
        yield BenchmarkResult(
            world.name,
            len(world.keys),
            f"scan, {name}" if share is None else f"scan, {name}, {share:.1%} pass",
            best_times_ms(partial(engine.search, k=TOP_K, among=among), world.asked),
            float(right),
        )


def truth(engine: ScanEngine, query: WeightedQuery, among: Among) -> tuple[UUID, ...]:
    """Rank by every row's own score, passing over nobody; its own tests hold this against scikit-learn."""
    now, blocks = engine._chosen(among)
    compared = compare(
        query, book=engine._book, tally=now.tally, answered=now.answered, starts=now.layout.starts
    )
    search: Search = PLAIN
    tables = search.tabulate(compared.similarities, compared.shares, compared.columns, now.layout)
    everybody: Rows = blocks.positions if len(blocks.positions) else np.arange(blocks.size)
    rows, _ = best(everybody, search.score_all(blocks, now.people, tables), k=TOP_K, keys=now.keys)
    return tuple(now.keys.at(rows))


def held(engine: ScanEngine) -> int:
    """Count the bytes of everything that an index holds, its spare room too."""
    now = engine._now
    parts: list[np.ndarray[Any, Any]] = [
        now.settled.planes,
        now.settled.summary,
        now.settled.uniform,
        now.fine,
        now.died,
        now.tally,
        now.keys.high,
        now.keys.low,
        now.keys._order,
    ]
    return sum(part.nbytes for part in parts)


def beside(world: BenchmarkWorld, wanted: Sequence[str] | None) -> Iterator[BenchmarkResult]:
    """Ask the others, given the finished query; what each finds counts as right if it scores with the k best."""
    rooms = np.array(world.book.rooms)
    starts = np.cumsum(rooms) - rooms
    told = (world.codes + starts).astype(np.int32)
    times = np.bincount(told.ravel(), minlength=rooms.sum())
    # Answers that nobody gave would only make their vectors longer.
    given = np.flatnonzero(times)
    onehot = csr_array(
        (
            np.ones(told.size, dtype=np.float32),
            np.searchsorted(given, told.ravel()),
            np.arange(len(told) + 1) * told.shape[1],
        ),
        shape=(len(told), len(given)),
    )
    tally = times.astype(np.float64)
    tally[starts] = 0
    answered = np.add.reduceat(tally, starts)
    queries = []
    for query in world.asked:
        compared = compare(query, book=world.book, tally=tally, answered=answered, starts=starts)
        shares = np.zeros(len(rooms))
        shares[compared.columns] = compared.shares
        queries.append((np.repeat(shares, rooms) * compared.similarities)[given].astype(np.float32))
    last = []
    for vector in queries:
        scores = onehot @ vector
        last.append(np.partition(scores, len(scores) - TOP_K)[len(scores) - TOP_K])
    began = time.process_time()
    for peer in build_baselines(onehot, names=wanted):
        print_line(f"  {peer.name}: {len(given):,} values, built in {time.process_time() - began:.1f} s")
        found = [peer.ask(vector, TOP_K) for vector in queries]
        right = [
            onehot[rows] @ vector >= level - NOISE
            for rows, vector, level in zip(found, queries, last, strict=True)
        ]
        spent = best_times_ms(partial(asked_of, peer), queries, clock=peer.clock)
        elapsed = peer.clock is time.perf_counter
        yield BenchmarkResult(world.name, len(world.keys), peer.name, spent, float(np.mean(right)), elapsed)
        began = time.process_time()


def asked_of(peer: Baseline, query: Vectors) -> object:
    return peer.ask(query, TOP_K)


def in_batch(engine: ScanEngine, asked: Sequence[WeightedQuery]) -> list[float]:
    """Give the time on the clock of a query when two threads share them."""
    with ThreadPoolExecutor(2) as threads:
        runs = []
        for _ in range(REPEATS):
            start = time.perf_counter()
            list(threads.map(partial(engine.search, k=TOP_K), asked))
            runs.append((time.perf_counter() - start) * 1_000 / len(asked))
    return runs


if __name__ == "__main__":
    main()
