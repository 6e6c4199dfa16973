"""What only the engine in PostgreSQL has to prove: challenges, and moments seen by others."""

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
from matching.engines.codes import Codebook, MaskBook
from matching.engines.contract import KeyMissing, KeyTaken, from_grid
from matching.engines.postgres import PostgresEngine
from matching.engines.reference import SklearnEngine
from matching.engines.schema import create_tables, drop_tables
from matching.similarity import build_weighted_query
from tests.matching.engines.conftest import Build
from tests.matching.random_people import CATALOGUE, random_answers, random_people, random_viewer_weights


@pytest.fixture
def engine(in_postgres: Build) -> PostgresEngine:
    made = in_postgres(CATALOGUE)
    assert isinstance(made, PostgresEngine)
    return made


def apart(engine: PostgresEngine) -> PostgresEngine:
    """Give the same index over connections of its own."""
    connect: Any = partial(psycopg.connect, os.environ[f"{PREFIX}DATABASE_URL"])
    return PostgresEngine(CATALOGUE, connect, table=engine._name, keys=int)


def test_a_challenge_keeps_to_its_stories_and_expects_what_the_whole_index_does(
    engine: PostgresEngine,
) -> None:
    one, other = engine.within(1), engine.within(2)
    one.add([1, 2], [{"age": 16}, {}])
    other.add([3], [{"age": 96}])
    asked = build_weighted_query({"age": 16}, catalogue=CATALOGUE, base_weights={}, viewer_weights={})
    assert (len(engine), len(one), len(other)) == (3, 2, 1)
    assert one.search(asked, k=5).keys == (1, 2)
    assert one.search(asked, k=5).scores.tolist() == pytest.approx([1, 0.5])
    assert engine.search(asked, k=5).keys == (1, 2, 3)
    assert 3 in other
    assert 3 not in one
    with pytest.raises(KeyMissing):
        one.remove(3)
    with pytest.raises(KeyTaken):
        one.add([3], [{}])


def test_an_edit_stays_in_its_challenge(engine: PostgresEngine) -> None:
    engine.within(7).add([1], [{"age": 30}])
    engine.replace(1, {"age": 40})
    asked = build_weighted_query({"age": 40}, catalogue=CATALOGUE, base_weights={}, viewer_weights={})
    assert engine.within(7).search(asked, k=1).scores.tolist() == [1]


def test_each_search_sees_one_moment_while_others_write(engine: PostgresEngine) -> None:
    """Both people stand at one end of the range or at the other, so an open answer is worth 0 or 1."""
    engine.add([1, 2, 3], [{"age": 16}, {"age": 16}, {}])
    writer, reader = apart(engine), apart(engine)
    done = threading.Event()
    met: set[float] = set()

    def read() -> None:
        asked = build_weighted_query({"age": 16}, catalogue=CATALOGUE, base_weights={}, viewer_weights={})
        while not done.is_set():
            found = reader.search(asked, k=3)
            expected = (found.scores.sum() - found.scores[list(found.keys).index(3)]) / 2
            met.add(round(float(abs(found.scores[list(found.keys).index(3)] - expected)), 6))

    thread = threading.Thread(target=read)
    thread.start()
    for turn in range(40):
        writer.replace(1 + turn % 2, {"age": 96 if turn % 4 < 2 else 16})
    done.set()
    thread.join()
    assert met == {0.0}


def test_two_writers_at_once_neither_lose_nor_double_anybody(engine: PostgresEngine) -> None:
    refused: list[int] = []

    def write(start: int) -> None:
        mine = apart(engine)
        for key in range(start, start + 30):
            try:
                mine.add([key], [{"age": 30}])
            except KeyTaken:
                refused.append(key)

    threads = [threading.Thread(target=write, args=(start,)) for start in (0, 15)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(engine) == 45
    assert sorted(refused) == list(range(15, 30))


def test_a_larger_world_in_challenges_agrees_with_the_oracle(engine: PostgresEngine) -> None:
    rng = np.random.default_rng(21)
    people = random_people(3_000, seed=21)
    oracle = SklearnEngine(CATALOGUE)
    oracle.add(range(len(people)), people)
    for challenge in range(3):
        engine.within(challenge).add(range(challenge, 3_000, 3), people[challenge::3])
    for _ in range(20):
        asked = build_weighted_query(
            random_answers(rng, missing=0.3),
            catalogue=CATALOGUE,
            base_weights={},
            viewer_weights=random_viewer_weights(rng),
        )
        truth = oracle.search(asked, k=20, among=range(1, 3_000, 3))
        found = engine.within(1).search(asked, k=20)
        assert found.keys == truth.keys
        assert (found.scores == truth.scores).all()


BESIDE = {"teller": "uuid", "rung": "smallint"}


@pytest.fixture
def with_facts(in_postgres: Build, database: psycopg.Connection[Any]) -> Iterator[PostgresEngine]:
    name = f"facts_{uuid.uuid4().hex}"
    create_tables(database, CATALOGUE, table=name, keys=uuid.UUID, beside=BESIDE)
    yield PostgresEngine(CATALOGUE, lambda: nullcontext(database), table=name, beside=BESIDE)
    drop_tables(database, table=name)


def test_what_stands_beside_comes_along_and_stays_through_an_edit(with_facts: PostgresEngine) -> None:
    people = random_people(300, seed=22)
    keys = [uuid.UUID(int=number << 64) for number in range(300)]
    by_key = dict(zip(keys, people, strict=True))
    with_facts.within(1).add(keys[:200], people[:200], beside=[(key, 3) for key in keys[:200]])
    with_facts.within(2).add(keys[200:], people[200:], beside=[(key, 4) for key in keys[200:]])
    with_facts.replace(keys[7], people[8])
    by_key[keys[7]] = people[8]
    book = Codebook(CATALOGUE, sets=MaskBook)

    rows = with_facts.everybody()

    assert sorted(rows["key"].tolist()) == sorted(key.bytes.rstrip(b"\0") for key in keys)
    assert rows["key"].tolist() == rows["teller"].tolist()
    assert {(row["challenge"], row["rung"]) for row in rows} == {(1, 3), (2, 4)}
    for row in rows:
        answers = book.answers([int(row[f"t{number}"]) for number in range(len(CATALOGUE))])
        assert answers == by_key[uuid.UUID(bytes=row["key"].ljust(16, b"\0"))]
    assert len(with_facts.within(2).everybody()) == 100
    assert len(with_facts.everybody(among=keys[190:210])) == 20


def test_whole_rows_come_with_the_score_that_a_search_gives(with_facts: PostgresEngine) -> None:
    rng = np.random.default_rng(25)
    keys = [uuid.UUID(int=number << 64) for number in range(300)]
    with_facts.within(1).add(keys[:200], random_people(200, seed=25), beside=[(key, 3) for key in keys[:200]])
    with_facts.within(2).add(keys[200:], random_people(100, seed=26), beside=[(key, 4) for key in keys[200:]])
    for _ in range(5):
        asked = build_weighted_query(
            random_answers(rng, missing=0.3),
            catalogue=CATALOGUE,
            base_weights={},
            viewer_weights=random_viewer_weights(rng),
        )
        found = with_facts.within(1).search(asked, k=200)
        rows = with_facts.within(1).everybody(scored=asked)
        scores = dict(zip(rows["key"].tolist(), from_grid(rows["score"]).tolist(), strict=True))
        expected = zip(found.keys, found.scores.tolist(), strict=True)
        assert scores == {key.bytes.rstrip(b"\0"): score for key, score in expected}
        assert len(with_facts.everybody(scored=asked, among=keys[190:210])) == 20


def test_within_a_transaction_the_caller_decides_what_one_moment_is(
    with_facts: PostgresEngine, database: psycopg.Connection[Any]
) -> None:
    asked = build_weighted_query({"age": 30}, catalogue=CATALOGUE, base_weights={}, viewer_weights={})
    key = uuid.UUID(int=1)
    with database.transaction(force_rollback=True):
        with_facts.add([key], [{"age": 30}], beside=[(key, 1)])
        assert with_facts.search(asked, k=1).keys == (key,)
    assert with_facts.search(asked, k=1).keys == ()
