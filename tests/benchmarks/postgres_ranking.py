"""What PostgreSQL needs to rank by itself: time to take stories in, time to ask, bytes a story.

    python -m tests.benchmarks.postgres_ranking [--stories N] [--challenges N]

Asks the packaged PostgreSQL, started here, or the one that SAMEBOAT_DATABASE_URL names with `--there`, in a table that is dropped
afterwards. Times are processor time: of the server's process that serves us, which has to be on this machine, and of ours.
"""

import argparse
import os
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import numpy as np
import psycopg

from accounts.traits.catalogue import TRAIT_CATALOGUE
from config.env import PREFIX
from matching.codes import Codebook, Codes
from matching.engine_postgres import PostgresEngine
from matching.postgres_schema import create_tables, drop_tables
from matching.similarity import build_weighted_query
from tests import servers
from tests.benchmarks.cpu_timing import cpu_model, print_line
from tests.benchmarks.profile_data import generate_people

TOP_K, QUERY_COUNT, REPEATS = 20, 8, 5
BATCH_SIZE, POOL_SIZE = 20_000, 20_000


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure ranking inside PostgreSQL.")
    parser.add_argument("--stories", type=int, default=1_000_000)
    parser.add_argument("--challenges", type=int, default=24)
    parser.add_argument("--there", action="store_true", help="ask the server of SAMEBOAT_DATABASE_URL")
    chosen = parser.parse_args()
    running = None if chosen.there else servers.start_test_environment()
    try:
        with psycopg.connect(os.environ[f"{PREFIX}DATABASE_URL"], autocommit=True) as connection:
            for line in run_benchmark(connection, chosen.stories, chosen.challenges):
                print_line(line)
    finally:
        if running is not None:
            running.stop()


def run_benchmark(connection: psycopg.Connection[Any], stories: int, challenges: int) -> Iterator[str]:
    version = connection.info.server_version / 10_000
    yield f"{cpu_model()}, PostgreSQL {version:.0f}: {stories:,} stories, {challenges} challenges"
    table = f"bench_{uuid4().hex}"
    create_tables(connection, TRAIT_CATALOGUE, table=table, keys=UUID)
    try:
        engine = PostgresEngine(TRAIT_CATALOGUE, lambda: nullcontext(connection), table=table)
        yield measure_inserts(connection, engine, stories, challenges)
        connection.execute(f"VACUUM ANALYZE {table}")
        asked = connection.execute(
            "SELECT sum(pg_total_relation_size(inhrelid)) FROM pg_inherits WHERE inhparent = %s::regclass",
            (table,),
        )
        (size,) = asked.fetchone() or (0,)
        yield f"bytes a story, indexes included: {int(size) / stories:.0f}"
        yield from measure_queries(engine, CpuMeter(connection), stories, challenges)
    finally:
        drop_tables(connection, table=table)


class CpuMeter:
    """Counts the processor time of the server's one process at work for us, and of ours, in seconds."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        connection.execute("SET max_parallel_workers_per_gather = 0")
        self._account = Path(f"/proc/{connection.info.backend_pid}/schedstat")

    def cpu_seconds(self) -> tuple[float, float]:
        nanoseconds, *_ = self._account.read_text(encoding="utf-8").split()
        return int(nanoseconds) / 1e9, time.process_time()

    def measure(self, action: Callable[[], object]) -> tuple[float, float]:
        there, here = self.cpu_seconds()
        action()
        there_then, here_then = self.cpu_seconds()
        return there_then - there, here_then - here


def measure_inserts(
    connection: psycopg.Connection[Any], engine: PostgresEngine, stories: int, challenges: int
) -> str:
    rng = np.random.default_rng(stories)
    pool = Codebook(TRAIT_CATALOGUE).encode(generate_people(TRAIT_CATALOGUE, POOL_SIZE, missing=0.4, rng=rng))
    spent = CpuMeter(connection)
    there, here = spent.cpu_seconds()
    for start in range(0, stories, BATCH_SIZE):
        count = min(BATCH_SIZE, stories - start)
        codes: Codes = np.stack([rng.choice(column, size=count) for column in pool.T], axis=1)
        keys = [uuid4() for _ in range(count)]
        parts = np.array_split(np.arange(count), challenges)
        with connection.transaction():
            for challenge, part in enumerate(parts):
                some = [keys[place] for place in part.tolist()]
                engine.within(challenge)._insert(connection, some, codes[part], extra=[()] * len(some))
    there_then, here_then = spent.cpu_seconds()
    return f"taken in: {there_then - there:.1f} s there, {here_then - here:.1f} s here"


def measure_queries(
    engine: PostgresEngine, cpu_meter: CpuMeter, stories: int, challenges: int
) -> Iterator[str]:
    viewers = generate_people(TRAIT_CATALOGUE, QUERY_COUNT, missing=0.2, rng=np.random.default_rng(7))
    asked = [
        build_weighted_query(one, catalogue=TRAIT_CATALOGUE, base_weights={}, viewer_weights={})
        for one in viewers
    ]
    here = engine.within(3)
    each = stories // challenges
    ways: list[tuple[str, Callable[[Any], object]]] = [
        (f"the best {TOP_K} of one challenge ({each:,})", partial(here.search, k=TOP_K)),
        (f"all of one challenge, in order ({each:,})", partial(here.search, k=each)),
        (f"whole rows of one challenge ({each:,})", lambda _: here.read_rows()),
        (f"the best {TOP_K} of all ({stories:,})", partial(engine.search, k=TOP_K)),
    ]
    for name, ask in ways:
        took = [
            min(cpu_meter.measure(partial(ask, query)) for _ in range(REPEATS))
            for query in asked[: len(asked) // len(ways)]
        ]
        served, ours = (1_000 * float(np.median(part)) for part in zip(*took, strict=True))
        yield f"{name}: {served:.1f} ms there, {ours:.1f} ms here"


if __name__ == "__main__":
    main()
