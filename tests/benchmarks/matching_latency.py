"""Measures latency and recall of ranking: the engine beside other nearest-neighbour searches.

    python -m tests.benchmarks.matching_latency [--stories N ...] [--queries N] [--data PATH] [--keep FILE]

All run in this process on the same seeded tellers and viewers. Times are processor time of all threads, in milliseconds per
query; the ratio to scikit-learn makes machines comparable. `--data` adds a CSV file (or a zip of one) of real profiles, whose
columns become traits. `--keep` adds the results to a file, from which `matching_latency_page` writes the page and the plot.
"""

import argparse
import gc
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from uuid import UUID

import numpy as np
from scipy.sparse import csr_array

from accounts.traits.catalogue import TRAIT_CATALOGUE
from matching.codes import Codebook, Codes, QueryTables, expected_similarities, query_tables
from matching.engine import InMemoryEngine
from matching.engine_contract import Floats
from matching.keys import UuidArray, key_array
from matching.similarity import WeightedQuery, build_weighted_query
from matching.traits import TraitCatalogue
from tests.benchmarks import matching_latency_page
from tests.benchmarks.cpu_timing import BenchmarkResult, best_times_ms, print_line
from tests.benchmarks.nearest_neighbour_baselines import Baseline, Vectors, build_baselines, missing_packages
from tests.benchmarks.profile_data import PersonAnswers, generate_people, load_profiles

TOP_K = 20
POOL_SIZE = 20_000
FILTER_SHARE = 0.06
DATA_VARIABLE = "SAMEBOAT_BENCH_DATA"
# 32-bit sums differ by up to this.
SCORE_TOLERANCE = 1e-5


@dataclass(frozen=True)
class BenchmarkWorld:
    """Tellers as codes, shape (stories, traits), and viewers' queries."""

    name: str
    catalogue: TraitCatalogue
    codes: Codes
    keys: UuidArray
    queries: Sequence[WeightedQuery]


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the latency and recall of ranking.")
    parser.add_argument("--stories", type=int, nargs="*", default=[4_167, 41_667, 100_000])
    parser.add_argument("--queries", type=int, default=40)
    parser.add_argument(
        "--data", type=Path, help=f"a CSV file of profiles, or a zip of one (else ${DATA_VARIABLE})"
    )
    parser.add_argument(
        "--baselines", nargs="*", help="baselines to measure: faiss, hnswlib, pgvector (default: all)"
    )
    parser.add_argument("--keep", type=Path, help="add the results to this file")
    options = parser.parse_args()
    data = options.data or (Path(os.environ[DATA_VARIABLE]) if os.environ.get(DATA_VARIABLE) else None)
    if missing_packages():
        print_line(
            f"Not installed, so not measured: {', '.join(missing_packages())} (pyproject.toml, extra bench)"
        )
    for world in build_worlds(options.stories, options.queries, data):
        results = list(measure_world(world, baselines=options.baselines))
        print_line(matching_latency_page.results_table(results))
        if options.keep:
            matching_latency_page.save_results(options.keep, results)
        gc.collect()


def build_worlds(sizes: Sequence[int], queries: int, data: Path | None) -> Iterator[BenchmarkWorld]:
    for count in sizes:
        rng = np.random.default_rng(count)
        pool = Codebook(TRAIT_CATALOGUE).encode(
            generate_people(TRAIT_CATALOGUE, min(count, POOL_SIZE), missing=0.4, rng=rng)
        )
        # Generated answers are independent of each other, so a large population can be drawn from a smaller one.
        codes = np.stack([rng.choice(column, size=count) for column in pool.T], axis=1)
        yield _world(
            f"{count:,}",
            TRAIT_CATALOGUE,
            codes,
            generate_people(TRAIT_CATALOGUE, queries, missing=0.2, rng=rng),
        )
    if data is not None:
        catalogue, people = load_profiles(data)
        sample = np.random.default_rng(len(people)).integers(len(people), size=queries)
        viewers = [people[index] for index in sample]
        yield _world(f"{len(people):,} real", catalogue, Codebook(catalogue).encode(people), viewers)


def _world(
    name: str, catalogue: TraitCatalogue, codes: Codes, viewers: Sequence[PersonAnswers]
) -> BenchmarkWorld:
    rng = np.random.default_rng(1)
    keys = sorted(UUID(bytes=rng.bytes(16)) for _ in codes)
    queries = [build_weighted_query(viewer, catalogue=catalogue) for viewer in viewers]
    return BenchmarkWorld(name, catalogue, codes, UuidArray(key_array(keys)), queries)


def measure_world(world: BenchmarkWorld, *, baselines: Sequence[str] | None) -> Iterator[BenchmarkResult]:
    print_line(f"{world.name} stories")
    result = partial(BenchmarkResult, world.name, len(world.keys))
    start = time.process_time()
    engine = InMemoryEngine(world.catalogue)
    engine.add_codes(world.keys, world.codes)
    print_line(
        f"  engine: built in {time.process_time() - start:.2f} s, {stored_bytes(engine) / len(world.keys):.1f} bytes a story"
    )
    plain = PlainScores(world)
    exact_scores = [plain(query) for query in world.queries]
    for query, scores in zip(world.queries, exact_scores, strict=True):
        assert np.abs(engine.scores(query) - scores).max() <= 1e-9
    yield result("numpy, ten lines, all scores", best_times_ms(plain, world.queries))
    yield result("engine, all scores", best_times_ms(engine.scores, world.queries))
    search = partial(engine.search, k=TOP_K)
    correct = [
        _is_top(search(query).keys, world.keys, scores)
        for query, scores in zip(world.queries, exact_scores, strict=True)
    ]
    yield result(f"engine, top {TOP_K}", best_times_ms(search, world.queries), float(np.mean(correct)))
    filtered = partial(engine.search, k=TOP_K, among=list(world.keys)[:: round(1 / FILTER_SHARE)])
    yield result(f"engine, top {TOP_K}, {FILTER_SHARE:.0%} pass", best_times_ms(filtered, world.queries))
    yield from measure_baselines(world, exact_scores, plain, baselines)


class PlainScores:
    """Scores in plain numpy over contiguous codes, one look-up per trait: the baseline for `InMemoryEngine.scores`."""

    def __init__(self, world: BenchmarkWorld) -> None:
        self.codebook = Codebook(world.catalogue)
        self.columns = [np.ascontiguousarray(column) for column in world.codes.T]
        self.counts = []
        for column, size in zip(self.columns, self.codebook.sizes, strict=True):
            counts = np.bincount(column, minlength=size).astype(np.float64)
            counts[0] = 0
            self.counts.append(counts)
        self.cached_tables: dict[tuple[int, int], Floats | None] = {}

    def tables(self, query: WeightedQuery) -> QueryTables:
        return query_tables(query, self.codebook, self._similarity_table)

    def __call__(self, query: WeightedQuery) -> Floats:
        tables = self.tables(query)
        scores = np.zeros(len(self.columns[0]))
        for column, share, similarities in zip(
            tables.columns, tables.shares, tables.similarities, strict=True
        ):
            scores += (share * similarities)[self.columns[column]]
        return scores

    def _similarity_table(self, column: int, code: int) -> Floats | None:
        if (column, code) not in self.cached_tables:
            similarities = self.codebook.similarities(column, code)
            self.cached_tables[column, code] = expected_similarities(similarities, self.counts[column])
        return self.cached_tables[column, code]


def _is_top(keys: Sequence[UUID], all_keys: UuidArray, scores: Floats) -> bool:
    """Compare with a stable sort of all scores on the grid of the contract."""
    order = np.argsort(-np.floor(scores * 1e9 + (3 - 5**0.5) / 2), kind="stable")[:TOP_K]
    return list(keys) == [all_keys[row] for row in order.tolist()]


def stored_bytes(engine: InMemoryEngine) -> int:
    snapshots = engine._state.snapshots.values()
    return sum(snapshot.keys.nbytes + snapshot.codes.nbytes for snapshot in snapshots)


def measure_baselines(
    world: BenchmarkWorld, exact_scores: Sequence[Floats], plain: PlainScores, names: Sequence[str] | None
) -> Iterator[BenchmarkResult]:
    """Measure the baselines on prepared query vectors; a result is correct if its score is among the k best."""
    onehot, used = one_hot(world.codes, plain.codebook.sizes)
    vectors = [query_vector(plain.tables(query), plain.codebook.sizes)[used] for query in world.queries]
    kth_best = [np.partition(scores, -TOP_K)[-TOP_K] for scores in exact_scores]
    start = time.process_time()
    for baseline in build_baselines(onehot, names=names):
        print_line(f"  {baseline.name}: {len(used):,} values, built in {time.process_time() - start:.1f} s")
        correct = [
            scores[baseline.search(vector, TOP_K)] >= threshold - SCORE_TOLERANCE
            for vector, scores, threshold in zip(vectors, exact_scores, kth_best, strict=True)
        ]
        times_ms = best_times_ms(_top_k_of(baseline), vectors, clock=baseline.clock)
        is_wall_clock = baseline.clock is time.perf_counter
        yield BenchmarkResult(
            world.name, len(world.keys), baseline.name, times_ms, float(np.mean(correct)), is_wall_clock
        )
        start = time.process_time()


def one_hot(
    codes: Codes, sizes: Sequence[int]
) -> tuple[csr_array, np.ndarray[tuple[int], np.dtype[np.intp]]]:
    """Return shape (stories, used values), and the used values; unused ones would only lengthen the vectors."""
    starts = np.cumsum(sizes) - sizes
    values = (codes + starts).astype(np.int32)
    used = np.flatnonzero(np.bincount(values.ravel(), minlength=sum(sizes)))
    ends = np.arange(len(values) + 1) * values.shape[1]
    columns = np.searchsorted(used, values.ravel())
    matrix = csr_array(
        (np.ones(values.size, dtype=np.float32), columns, ends), shape=(len(values), len(used))
    )
    return matrix, used


def query_vector(tables: QueryTables, sizes: Sequence[int]) -> Vectors:
    parts = [np.zeros(size, dtype=np.float32) for size in sizes]
    for column, share, similarities in zip(tables.columns, tables.shares, tables.similarities, strict=True):
        parts[column] = (share * similarities).astype(np.float32)
    return np.concatenate(parts)


def _top_k_of(baseline: Baseline) -> Callable[[Vectors], object]:
    return lambda vector: baseline.search(vector, TOP_K)


if __name__ == "__main__":
    main()
