"""The PostgreSQL engine beyond the common contract: challenges, extra columns, transactions and concurrent writers."""

import os
import threading
import uuid
from collections.abc import Iterator
from contextlib import nullcontext
from functools import partial
from typing import Any

import numpy as np
import psycopg
import pytest

from config.env import PREFIX
from matching.codes import Codebook
from matching.engine_contract import KeyMissing, KeyTaken, from_grid
from matching.engine_postgres import PostgresEngine
from matching.oracle_sklearn import SklearnEngine
from matching.postgres_schema import create_tables, drop_tables
from matching.similarity import build_weighted_query
from tests.matching.conftest import Build
from tests.matching.random_people import CATALOGUE, random_answers, random_people, random_viewer_weights


@pytest.fixture
def engine(in_postgres: Build) -> PostgresEngine:
    engine = in_postgres(CATALOGUE)
    assert isinstance(engine, PostgresEngine)
    return engine


def on_own_connection(engine: PostgresEngine) -> PostgresEngine:
    """Return the same index with connections of its own."""
    connect: Any = partial(psycopg.connect, os.environ[f"{PREFIX}DATABASE_URL"])
    return PostgresEngine(CATALOGUE, connect, table=engine._name, keys=int)


def test_a_challenge_is_searched_alone_with_expectations_of_the_whole_index(
    engine: PostgresEngine,
) -> None:
    first, second = engine.within(1), engine.within(2)
    first.add([1, 2], [{"age": 16}, {}])
    second.add([3], [{"age": 96}])
    query = build_weighted_query({"age": 16}, catalogue=CATALOGUE, base_weights={}, viewer_weights={})
    assert (len(engine), len(first), len(second)) == (3, 2, 1)
    assert first.search(query, k=5).keys == (1, 2)
    assert first.search(query, k=5).scores.tolist() == pytest.approx([1, 0.5])
    assert engine.search(query, k=5).keys == (1, 2, 3)
    assert 3 in second
    assert 3 not in first
    with pytest.raises(KeyMissing):
        first.remove(3)
    with pytest.raises(KeyTaken):
        first.add([3], [{}])


def test_an_edit_stays_in_its_challenge(engine: PostgresEngine) -> None:
    engine.within(7).add([1], [{"age": 30}])
    engine.replace(1, {"age": 40})
    query = build_weighted_query({"age": 40}, catalogue=CATALOGUE, base_weights={}, viewer_weights={})
    assert engine.within(7).search(query, k=1).scores.tolist() == [1]


def test_each_search_sees_one_snapshot_during_writes(engine: PostgresEngine) -> None:
    """Both tellers are at one end of the range or the other, so the expected similarity equals the mean of their scores."""
    engine.add([1, 2, 3], [{"age": 16}, {"age": 16}, {}])
    writer, reader = on_own_connection(engine), on_own_connection(engine)
    done = threading.Event()
    deviations: set[float] = set()

    def read() -> None:
        query = build_weighted_query({"age": 16}, catalogue=CATALOGUE, base_weights={}, viewer_weights={})
        while not done.is_set():
            ranking = reader.search(query, k=3)
            expected = (ranking.scores.sum() - ranking.scores[list(ranking.keys).index(3)]) / 2
            deviations.add(round(float(abs(ranking.scores[list(ranking.keys).index(3)] - expected)), 6))

    thread = threading.Thread(target=read)
    thread.start()
    for turn in range(40):
        writer.replace(1 + turn % 2, {"age": 96 if turn % 4 < 2 else 16})
    done.set()
    thread.join()
    assert deviations == {0.0}


def test_concurrent_writers_add_each_key_exactly_once(engine: PostgresEngine) -> None:
    refused: list[int] = []

    def write(start: int) -> None:
        own_engine = on_own_connection(engine)
        for key in range(start, start + 30):
            try:
                own_engine.add([key], [{"age": 30}])
            except KeyTaken:
                refused.append(key)

    threads = [threading.Thread(target=write, args=(start,)) for start in (0, 15)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(engine) == 45
    assert sorted(refused) == list(range(15, 30))


def test_3000_stories_in_three_challenges_equal_the_oracle(engine: PostgresEngine) -> None:
    rng = np.random.default_rng(21)
    people = random_people(3_000, seed=21)
    oracle = SklearnEngine(CATALOGUE)
    oracle.add(range(len(people)), people)
    for challenge in range(3):
        engine.within(challenge).add(range(challenge, 3_000, 3), people[challenge::3])
    for _ in range(20):
        query = build_weighted_query(
            random_answers(rng, missing=0.3),
            catalogue=CATALOGUE,
            base_weights={},
            viewer_weights=random_viewer_weights(rng),
        )
        expected = oracle.search(query, k=20, among=range(1, 3_000, 3))
        ranking = engine.within(1).search(query, k=20)
        assert ranking.keys == expected.keys
        assert (ranking.scores == expected.scores).all()


EXTRA = {"teller": "uuid", "rung": "smallint"}


@pytest.fixture
def engine_with_extra(in_postgres: Build, database: psycopg.Connection[Any]) -> Iterator[PostgresEngine]:
    name = f"facts_{uuid.uuid4().hex}"
    create_tables(database, CATALOGUE, table=name, keys=uuid.UUID, extra_columns=EXTRA)
    yield PostgresEngine(CATALOGUE, lambda: nullcontext(database), table=name, extra_columns=EXTRA)
    drop_tables(database, table=name)


def test_extra_columns_are_read_and_survive_a_replace(engine_with_extra: PostgresEngine) -> None:
    people = random_people(300, seed=22)
    keys = [uuid.UUID(int=number << 64) for number in range(300)]
    by_key = dict(zip(keys, people, strict=True))
    engine_with_extra.within(1).add(keys[:200], people[:200], extra=[(key, 3) for key in keys[:200]])
    engine_with_extra.within(2).add(keys[200:], people[200:], extra=[(key, 4) for key in keys[200:]])
    engine_with_extra.replace(keys[7], people[8])
    by_key[keys[7]] = people[8]
    codebook = Codebook(CATALOGUE)

    rows = engine_with_extra.read_rows()

    assert sorted(rows["key"].tolist()) == sorted(key.bytes.rstrip(b"\0") for key in keys)
    assert rows["key"].tolist() == rows["teller"].tolist()
    assert {(row["challenge"], row["rung"]) for row in rows} == {(1, 3), (2, 4)}
    for row in rows:
        answers = codebook.decode([int(row[f"t{number}"]) for number in range(len(CATALOGUE))])
        assert answers == by_key[uuid.UUID(bytes=row["key"].ljust(16, b"\0"))]
    assert len(engine_with_extra.within(2).read_rows()) == 100
    assert len(engine_with_extra.read_rows(among=keys[190:210])) == 20


def test_read_rows_returns_the_scores_of_a_search(engine_with_extra: PostgresEngine) -> None:
    rng = np.random.default_rng(25)
    keys = [uuid.UUID(int=number << 64) for number in range(300)]
    engine_with_extra.within(1).add(
        keys[:200], random_people(200, seed=25), extra=[(key, 3) for key in keys[:200]]
    )
    engine_with_extra.within(2).add(
        keys[200:], random_people(100, seed=26), extra=[(key, 4) for key in keys[200:]]
    )
    for _ in range(5):
        query = build_weighted_query(
            random_answers(rng, missing=0.3),
            catalogue=CATALOGUE,
            base_weights={},
            viewer_weights=random_viewer_weights(rng),
        )
        ranking = engine_with_extra.within(1).search(query, k=200)
        rows = engine_with_extra.within(1).read_rows(query=query)
        scores = dict(zip(rows["key"].tolist(), from_grid(rows["score"]).tolist(), strict=True))
        expected = zip(ranking.keys, ranking.scores.tolist(), strict=True)
        assert scores == {key.bytes.rstrip(b"\0"): score for key, score in expected}
        assert len(engine_with_extra.read_rows(query=query, among=keys[190:210])) == 20


def test_inside_a_transaction_a_search_sees_uncommitted_rows(
    engine_with_extra: PostgresEngine, database: psycopg.Connection[Any]
) -> None:
    query = build_weighted_query({"age": 30}, catalogue=CATALOGUE, base_weights={}, viewer_weights={})
    key = uuid.UUID(int=1)
    with database.transaction(force_rollback=True):
        engine_with_extra.add([key], [{"age": 30}], extra=[(key, 1)])
        assert engine_with_extra.search(query, k=1).keys == (key,)
    assert engine_with_extra.search(query, k=1).keys == ()
