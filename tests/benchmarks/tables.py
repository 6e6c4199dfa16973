"""What PostgreSQL needs to rank by itself: time to take stories in, time to ask, bytes a story.

    python -m tests.benchmarks.tables [--stories N] [--challenges N]

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

from accounts.traits import CATALOGUE
from config.env import PREFIX
from matching.engines.codes import Codebook, Codes, MaskBook
from matching.engines.postgres import PostgresEngine
from matching.engines.schema import create_tables, drop_tables
from matching.similarity import weigh
from tests import servers
from tests.benchmarks.measuring import processor, say
from tests.benchmarks.tellers import made_up

K, QUERIES, TIMES = 20, 8, 5
AT_ONCE, POOL = 20_000, 20_000


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure ranking inside PostgreSQL.")
    parser.add_argument("--stories", type=int, default=1_000_000)
    parser.add_argument("--challenges", type=int, default=24)
    parser.add_argument("--there", action="store_true", help="ask the server of SAMEBOAT_DATABASE_URL")
    chosen = parser.parse_args()
    running = None if chosen.there else servers.begin()
    try:
        with psycopg.connect(os.environ[f"{PREFIX}DATABASE_URL"], autocommit=True) as connection:
            for line in measured(connection, chosen.stories, chosen.challenges):
                say(line)
    finally:
        if running is not None:
            running.stop()


def measured(connection: psycopg.Connection[Any], stories: int, challenges: int) -> Iterator[str]:
    version = connection.info.server_version / 10_000
    yield f"{processor()}, PostgreSQL {version:.0f}: {stories:,} stories, {challenges} challenges"
    table = f"bench_{uuid4().hex}"
    create_tables(connection, CATALOGUE, table=table, keys=UUID)
    try:
        engine = PostgresEngine(CATALOGUE, lambda: nullcontext(connection), table=table)
        yield taken_in(connection, engine, stories, challenges)
        connection.execute(f"VACUUM ANALYZE {table}")
        asked = connection.execute(
            "SELECT sum(pg_total_relation_size(inhrelid)) FROM pg_inherits WHERE inhparent = %s::regclass",
            (table,),
        )
        (size,) = asked.fetchone() or (0,)
        yield f"bytes a story, indexes included: {int(size) / stories:.0f}"
        yield from asking(engine, Spent(connection), stories, challenges)
    finally:
        drop_tables(connection, table=table)


class Spent:
    """Counts the processor time of the server's one process at work for us, and of ours, in seconds."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        connection.execute("SET max_parallel_workers_per_gather = 0")
        self._account = Path(f"/proc/{connection.info.backend_pid}/schedstat")

    def by_now(self) -> tuple[float, float]:
        nanoseconds, *_ = self._account.read_text(encoding="utf-8").split()
        return int(nanoseconds) / 1e9, time.process_time()

    def on(self, act: Callable[[], object]) -> tuple[float, float]:
        there, here = self.by_now()
        act()
        there_then, here_then = self.by_now()
        return there_then - there, here_then - here


def taken_in(
    connection: psycopg.Connection[Any], engine: PostgresEngine, stories: int, challenges: int
) -> str:
    rng = np.random.default_rng(stories)
    pool = Codebook(CATALOGUE, sets=MaskBook).encode(made_up(CATALOGUE, POOL, missing=0.4, rng=rng))
    spent = Spent(connection)
    there, here = spent.by_now()
    for start in range(0, stories, AT_ONCE):
        count = min(AT_ONCE, stories - start)
        codes: Codes = np.stack([rng.choice(column, size=count) for column in pool.T], axis=1)
        keys = [uuid4() for _ in range(count)]
        parts = np.array_split(np.arange(count), challenges)
        with connection.transaction():
            for challenge, part in enumerate(parts):
                some = [keys[place] for place in part.tolist()]
                engine.within(challenge)._enter(connection, some, codes[part], beside=[()] * len(some))
    there_then, here_then = spent.by_now()
    return f"taken in: {there_then - there:.1f} s there, {here_then - here:.1f} s here"


def asking(engine: PostgresEngine, spent: Spent, stories: int, challenges: int) -> Iterator[str]:
    viewers = made_up(CATALOGUE, QUERIES, missing=0.2, rng=np.random.default_rng(7))
    asked = [weigh(one, catalogue=CATALOGUE, base={}, own={}) for one in viewers]
    here = engine.within(3)
    each = stories // challenges
    ways: list[tuple[str, Callable[[Any], object]]] = [
        (f"the best {K} of one challenge ({each:,})", partial(here.search, k=K)),
        (f"all of one challenge, in order ({each:,})", partial(here.search, k=each)),
        (f"whole rows of one challenge ({each:,})", lambda _: here.everybody()),
        (f"the best {K} of all ({stories:,})", partial(engine.search, k=K)),
    ]
    for name, ask in ways:
        took = [
            min(spent.on(partial(ask, query)) for _ in range(TIMES))
            for query in asked[: len(asked) // len(ways)]
        ]
        served, ours = (1_000 * float(np.median(part)) for part in zip(*took, strict=True))
        yield f"{name}: {served:.1f} ms there, {ours:.1f} ms here"


if __name__ == "__main__":
    main()
