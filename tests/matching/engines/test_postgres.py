"""What only the engine in PostgreSQL has to prove: challenges, and moments seen by others."""

import os
import threading
from functools import partial
from typing import Any

import numpy as np
import psycopg
import pytest

from config.env import PREFIX
from matching.engines.contract import KeyMissing, KeyTaken
from matching.engines.postgres import PostgresEngine
from matching.engines.reference import SklearnEngine
from matching.similarity import weigh
from tests.matching.engines.conftest import Build
from tests.matching.worlds import CATALOGUE, everyone, some_weights, someone


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
    asked = weigh({"age": 16}, catalogue=CATALOGUE, base={}, own={})
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
    asked = weigh({"age": 40}, catalogue=CATALOGUE, base={}, own={})
    assert engine.within(7).search(asked, k=1).scores.tolist() == [1]


def test_each_search_sees_one_moment_while_others_write(engine: PostgresEngine) -> None:
    """Both people stand at one end of the range or at the other, so an open answer is worth 0 or 1."""
    engine.add([1, 2, 3], [{"age": 16}, {"age": 16}, {}])
    writer, reader = apart(engine), apart(engine)
    done = threading.Event()
    met: set[float] = set()

    def read() -> None:
        asked = weigh({"age": 16}, catalogue=CATALOGUE, base={}, own={})
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
    people = everyone(3_000, seed=21)
    oracle = SklearnEngine(CATALOGUE)
    oracle.add(range(len(people)), people)
    for challenge in range(3):
        engine.within(challenge).add(range(challenge, 3_000, 3), people[challenge::3])
    for _ in range(20):
        asked = weigh(someone(rng, missing=0.3), catalogue=CATALOGUE, base={}, own=some_weights(rng))
        truth = oracle.search(asked, k=20, among=range(1, 3_000, 3))
        found = engine.within(1).search(asked, k=20)
        assert found.keys == truth.keys
        assert (found.scores == truth.scores).all()
