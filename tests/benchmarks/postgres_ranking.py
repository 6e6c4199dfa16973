"""Measures ranking inside PostgreSQL: time to insert stories, time to search, bytes per story.

    python -m tests.benchmarks.postgres_ranking [--stories N] [--challenges N]

Uses the packaged PostgreSQL, started here, or with `--existing-server` the one of SAMEBOAT_DATABASE_URL, in a table that is
dropped afterwards. Times are processor time of the server's backend process, which has to be on this machine, and of ours.
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
    parser.add_argument(
        "--existing-server", action="store_true", help="use the server of SAMEBOAT_DATABASE_URL"
    )
    options = parser.parse_args()
    test_environment = None if options.existing_server else servers.start_test_environment()
    try:
        with psycopg.connect(os.environ[f"{PREFIX}DATABASE_URL"], autocommit=True) as connection:
            for line in run_benchmark(connection, options.stories, options.challenges):
                print_line(line)
    finally:
        if test_environment is not None:
            test_environment.stop()


def run_benchmark(connection: psycopg.Connection[Any], stories: int, challenges: int) -> Iterator[str]:
    version = connection.info.server_version / 10_000
    yield f"{cpu_model()}, PostgreSQL {version:.0f}: {stories:,} stories, {challenges} challenges"
    table = f"bench_{uuid4().hex}"
    create_tables(connection, TRAIT_CATALOGUE, table=table, keys=UUID)
    try:
        engine = PostgresEngine(TRAIT_CATALOGUE, lambda: nullcontext(connection), table=table)
        yield measure_inserts(connection, engine, stories, challenges)
        connection.execute(f"VACUUM ANALYZE {table}")
        total_size = connection.execute(
            "SELECT sum(pg_total_relation_size(inhrelid)) FROM pg_inherits WHERE inhparent = %s::regclass",
            (table,),
        )
        (size,) = total_size.fetchone() or (0,)
        yield f"bytes per story, indexes included: {int(size) / stories:.0f}"
        yield from measure_queries(engine, CpuMeter(connection), stories, challenges)
    finally:
        drop_tables(connection, table=table)


class CpuMeter:
    """Measures the processor time of the server's backend process and of ours, in seconds."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        connection.execute("SET max_parallel_workers_per_gather = 0")
        self._schedstat = Path(f"/proc/{connection.info.backend_pid}/schedstat")

    def cpu_seconds(self) -> tuple[float, float]:
        nanoseconds, *_ = self._schedstat.read_text(encoding="utf-8").split()
        return int(nanoseconds) / 1e9, time.process_time()

    def measure(self, action: Callable[[], object]) -> tuple[float, float]:
        server_start, client_start = self.cpu_seconds()
        action()
        server_end, client_end = self.cpu_seconds()
        return server_end - server_start, client_end - client_start


def measure_inserts(
    connection: psycopg.Connection[Any], engine: PostgresEngine, stories: int, challenges: int
) -> str:
    rng = np.random.default_rng(stories)
    pool = Codebook(TRAIT_CATALOGUE).encode(generate_people(TRAIT_CATALOGUE, POOL_SIZE, missing=0.4, rng=rng))
    meter = CpuMeter(connection)
    server_start, client_start = meter.cpu_seconds()
    for start in range(0, stories, BATCH_SIZE):
        count = min(BATCH_SIZE, stories - start)
        codes: Codes = np.stack([rng.choice(column, size=count) for column in pool.T], axis=1)
        keys = [uuid4() for _ in range(count)]
        parts = np.array_split(np.arange(count), challenges)
        with connection.transaction():
            for challenge, part in enumerate(parts):
                part_keys = [keys[index] for index in part.tolist()]
                engine.within(challenge)._insert(
                    connection, part_keys, codes[part], extra=[()] * len(part_keys)
                )
    server_end, client_end = meter.cpu_seconds()
    return (
        f"inserted: {server_end - server_start:.1f} s in the server, {client_end - client_start:.1f} s here"
    )


def measure_queries(
    engine: PostgresEngine, cpu_meter: CpuMeter, stories: int, challenges: int
) -> Iterator[str]:
    viewers = generate_people(TRAIT_CATALOGUE, QUERY_COUNT, missing=0.2, rng=np.random.default_rng(7))
    queries = [build_weighted_query(viewer, catalogue=TRAIT_CATALOGUE) for viewer in viewers]
    one_challenge = engine.within(3)
    count = stories // challenges
    searches: list[tuple[str, Callable[[Any], object]]] = [
        (f"top {TOP_K} of one challenge ({count:,})", partial(one_challenge.search, k=TOP_K)),
        (f"all of one challenge, in order ({count:,})", partial(one_challenge.search, k=count)),
        (f"whole rows of one challenge ({count:,})", lambda _: one_challenge.read_rows()),
        (f"top {TOP_K} of all ({stories:,})", partial(engine.search, k=TOP_K)),
    ]
    for name, search in searches:
        times = [
            min(cpu_meter.measure(partial(search, query)) for _ in range(REPEATS))
            for query in queries[: len(queries) // len(searches)]
        ]
        server_ms, client_ms = (1_000 * float(np.median(part)) for part in zip(*times, strict=True))
        yield f"{name}: {server_ms:.1f} ms in the server, {client_ms:.1f} ms here"


if __name__ == "__main__":
    main()
