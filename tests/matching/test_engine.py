"""The in-memory engine beyond the common contract: large worlds, ties, threads, memory."""

import copy
import gc
import pickle
import subprocess
import sys
import threading
import tracemalloc
from collections.abc import Iterator
from uuid import UUID

import numpy as np
import pytest
from sklearn.base import clone

from accounts.traits.catalogue import TRAIT_CATALOGUE as PRODUCT
from matching.codes import Codebook
from matching.engine import BLOCK, CHUNK, InMemoryEngine, top_rows
from matching.engine_contract import KeyTaken
from matching.joint_codes import MAX_COMBINATIONS, JointCodes
from matching.oracle_sklearn import SklearnEngine
from matching.similarity import WeightedQuery, build_weighted_query
from matching.traits import Answer, CategoryTrait, NumericTrait, SetTrait, TraitCatalogue
from tests.benchmarks.profile_data import generate_people
from tests.matching.random_people import (
    CATALOGUE,
    random_answers,
    random_people,
    random_viewer_weights,
    rank_tellers,
)

LARGE_SET = SetTrait(
    key="many", label="", question="", levels=tuple((f"l{number}", "") for number in range(14))
)


def query(viewer: dict[str, Answer], catalogue: TraitCatalogue = CATALOGUE) -> WeightedQuery:
    return build_weighted_query(viewer, catalogue=catalogue)


def random_query(rng: np.random.Generator) -> WeightedQuery:
    return build_weighted_query(
        random_answers(rng, missing=0.3),
        catalogue=CATALOGUE,
        viewer_weights=random_viewer_weights(rng),
    )


def test_a_set_with_thousands_of_combinations_agrees_with_the_oracle() -> None:
    catalogue = TraitCatalogue([LARGE_SET, *CATALOGUE])
    rng = np.random.default_rng(1)
    people = [random_answers(rng, missing=0.2, catalogue=catalogue) for _ in range(200)]
    people += [
        {"many": frozenset(key for key, _ in LARGE_SET.levels if rng.random() < 0.5) or frozenset({"l0"})}
        for _ in range(5_500)
    ]
    engine, oracle = InMemoryEngine(catalogue), SklearnEngine(catalogue)
    for start in range(0, len(people), 500):
        batch = range(start, min(start + 500, len(people)))
        engine.add(batch, people[start : start + 500])
        engine.remove(start)
    oracle.add(range(len(people)), people)
    for start in range(0, len(people), 500):
        oracle.remove(start)
    assert len({person.get("many") for person in people}) > 4_000
    for _ in range(5):
        viewer = query(random_answers(rng, missing=0, catalogue=catalogue), catalogue)
        ranking, expected = engine.search(viewer, k=20), oracle.search(viewer, k=20)
        assert ranking.keys == expected.keys
        assert np.allclose(ranking.scores, expected.scores, atol=2e-7)


@pytest.mark.parametrize("count", [1, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK, CHUNK - 1, CHUNK, CHUNK + 1])
def test_no_row_is_lost_at_the_edge_of_a_block_or_chunk(count: int) -> None:
    engine = InMemoryEngine(CATALOGUE).fit([{"age": 50}] * (count - 1) + [{"age": 30}])
    assert engine.search(query({"age": 30}), k=1).keys == (count - 1,)
    assert engine.search(query({"age": 30}), k=2).keys == (count - 1, 0)[:count]


def test_a_large_world_agrees_with_the_oracle() -> None:
    rng = np.random.default_rng(2)
    pool = random_people(1_500, seed=2)
    people = [pool[number % 1_500] | {"age": int(rng.integers(16, 97))} for number in range(17_000)]
    engine, oracle = InMemoryEngine(CATALOGUE).fit(people), SklearnEngine(CATALOGUE)
    oracle.add(range(len(people)), people)
    for _ in range(4):
        viewer = random_query(rng)
        ranking, expected = engine.search(viewer, k=60), oracle.search(viewer, k=60)
        assert ranking.keys == expected.keys
        assert np.allclose(ranking.scores, expected.scores, atol=2e-7)


@pytest.mark.parametrize("count", [0, 1, 5, 300, 5_000, 20_000])
@pytest.mark.parametrize("k", [0, 1, 20, 400])
def test_the_top_rows_are_those_of_a_stable_sort(count: int, k: int) -> None:
    rng = np.random.default_rng(count + k)
    for levels in (3, 50, 10**9):
        scores = rng.integers(levels, size=count).astype(np.float64)
        expected = np.argsort(-scores, kind="stable")[:k]
        assert top_rows(scores, k).tolist() == expected.tolist()


def test_challenges_are_scored_apart_and_share_expected_similarities() -> None:
    people, rng = random_people(900, seed=24), np.random.default_rng(24)
    single_challenge, engine = InMemoryEngine(CATALOGUE).fit(people), InMemoryEngine(CATALOGUE)
    for challenge in range(3):
        engine.add(range(challenge, 900, 3), people[challenge::3], challenge=challenge)
    engine.replace(4, people[5])
    single_challenge.replace(4, people[5])
    for _ in range(5):
        viewer = random_query(rng)
        assert engine.search(viewer, k=900).keys == single_challenge.search(viewer, k=900).keys
        expected = single_challenge.search(viewer, k=300, among=range(1, 900, 3))
        by_key = dict(zip(expected.keys, expected.scores.tolist(), strict=True))
        assert engine.scores(viewer, challenge=1).tolist() == [by_key[key] for key in range(1, 900, 3)]
    assert engine.scores(viewer, challenge=9).tolist() == []
    with pytest.raises(KeyTaken):
        engine.add([1], [{}], challenge=2)


class CountsStates(InMemoryEngine):
    """Counts the states that readers could see."""

    states = 0

    def __setattr__(self, name: str, value: object) -> None:
        self.__dict__["states"] = self.states + (name == "_state")
        super().__setattr__(name, value)


def test_readers_never_see_a_replaced_key_twice_or_missing() -> None:
    engine = CountsStates(CATALOGUE).fit([{"age": 30}] * 3)
    before = engine.states
    engine.replace(1, {"age": 31})
    assert engine.states == before + 1
    engine.remove(2)
    engine.add([7, 8], [{}, {}])
    assert engine.states == before + 3


@pytest.fixture
def frequent_thread_switches() -> Iterator[None]:
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


def test_readers_see_one_state_while_a_writer_changes_the_index(frequent_thread_switches: None) -> None:
    """Each version of the changing story gives both traits the same level: a torn read would mix two versions."""
    levels = tuple((str(number), "") for number in range(200))
    catalogue = TraitCatalogue(
        [CategoryTrait(key=key, label="", question="", levels=levels) for key in ("one", "two")]
        + [NumericTrait(key="filler", label="", question="", minimum=0, maximum=4_000, unit="")]
    )
    engine = InMemoryEngine(catalogue).fit([{"filler": number} for number in range(2_000)])
    engine.add([-1], [{"one": "0", "two": "0"}])
    stop = threading.Event()
    errors: list[object] = []

    def search_until_stopped() -> None:
        viewer = query({"one": "7", "two": "7"}, catalogue)
        while not stop.is_set():
            ranking = engine.search(viewer, k=5, among=[-1])
            [similarities] = ranking.similarities.tolist() or [[None]]
            if ranking.keys != (-1,) or similarities not in ([0, 0], [1, 1]):
                errors.append((ranking.keys, similarities))
            if (count := engine.search(viewer, k=3).keys.count(-1)) != 1:
                errors.append(f"{count} times in a search of all")

    readers = [threading.Thread(target=search_until_stopped) for _ in range(2)]
    for reader in readers:
        reader.start()
    for turn in range(300):
        level: Answer = str(7 * (turn % 2))
        engine.replace(-1, {"one": level, "two": level})
        engine.add([10_000 + turn], [{"filler": turn}])
        engine.remove(turn)
    stop.set()
    for reader in readers:
        reader.join()
    assert errors == []


def test_a_copy_keeps_its_state_when_the_original_changes() -> None:
    engine = InMemoryEngine(CATALOGUE).fit(random_people(50, seed=5))
    snapshot = copy.copy(engine)
    viewer = query({"age": 30, "work": "nights"})
    before = snapshot.search(viewer, k=50)
    engine.remove(3)
    engine.replace(4, {"age": 30})
    after = snapshot.search(viewer, k=50)
    assert (after.keys, after.scores.tolist()) == (before.keys, before.scores.tolist())
    assert len(engine) == 49


def test_a_story_takes_at_most_sixty_bytes() -> None:
    pool = generate_people(PRODUCT, 500, missing=0.4, rng=np.random.default_rng(4))
    people = [pool[number % 500] for number in range(60_000)]
    keys = [UUID(int=number * 7919 << 40) for number in range(len(people))]
    engine = InMemoryEngine(PRODUCT)
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    engine.add(keys, people)
    gc.collect()
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (after - before) / len(people) <= 60


def test_a_pickled_engine_is_independent_of_the_original() -> None:
    engine = InMemoryEngine(CATALOGUE).fit(random_people(300, seed=6))
    twin = pickle.loads(pickle.dumps(engine))  # noqa: S301  # our own bytes
    twin.remove(3)
    viewer = query({"age": 30, "work": "nights"})
    assert set(engine.search(viewer, k=300).keys) - set(twin.search(viewer, k=300).keys) == {3}


@pytest.mark.parametrize("share", [0.06, 0.017, 0.003])
def test_a_narrow_filter_still_fills_the_list(share: float) -> None:
    rng = np.random.default_rng(8)
    people = random_people(7_000, seed=8)
    engine = InMemoryEngine(CATALOGUE).fit(people)
    keys = np.flatnonzero(rng.random(len(people)) < share).tolist()
    for _ in range(10):
        viewer = random_query(rng)
        expected = [key for key in engine.search(viewer, k=len(people)).keys if key in set(keys)]
        assert list(engine.search(viewer, k=20, among=keys).keys) == expected[:20]


def test_thousands_of_equal_scores_are_ordered_by_key() -> None:
    for keys in (
        [f"a-long-common-beginning-{number:05}" for number in range(9_000)],
        [UUID(int=number) for number in range(9_000)],
    ):
        engine = InMemoryEngine(CATALOGUE)
        shuffled = [keys[position] for position in np.random.default_rng(9).permutation(len(keys))]
        engine.add(shuffled, [{"carer": "yes"}] * len(keys))
        assert list(engine.search(query({"carer": "yes"}), k=20).keys) == keys[:20]


def test_kneighbors_returns_distances_and_keys() -> None:
    engine = InMemoryEngine(CATALOGUE, n_neighbors=2).fit([{"age": 16}, {"age": 96}, {"age": 56}])
    distances, keys = engine.kneighbors([query({"age": 16}), query({"age": 96})])
    assert keys.tolist() == [[0, 2], [1, 2]]
    assert distances.tolist() == [[0, 0.5], [0, 0.5]]
    only_keys = engine.kneighbors([query({"age": 16})], 3, return_distance=False)
    assert np.asarray(only_keys).tolist() == [[0, 2, 1]]
    with pytest.raises(ValueError, match="n_neighbors"):
        engine.kneighbors([query({"age": 16})], 4)


def test_the_engine_can_be_cloned_and_configured_like_an_estimator() -> None:
    engine = InMemoryEngine(CATALOGUE, n_neighbors=3).fit([{"age": 16}])
    twin = clone(engine)
    assert twin.get_params()["n_neighbors"] == 3
    assert len(twin) == 0
    assert twin.set_params(n_neighbors=1).n_neighbors == 1
    with pytest.raises(ValueError, match="colour"):
        twin.set_params(colour="blue")


@pytest.mark.parametrize("catalogue", [CATALOGUE, PRODUCT, TraitCatalogue([LARGE_SET, *CATALOGUE])])
def test_codes_survive_packing_and_decoding(catalogue: TraitCatalogue) -> None:
    rng, codebook = np.random.default_rng(18), Codebook(catalogue)
    people = [random_answers(rng, missing=0.3, catalogue=catalogue) for _ in range(200)]
    codes = codebook.encode(people)
    joint = JointCodes(codebook.sizes)
    packed = joint.pack(codes)
    assert (joint.unpack(packed) == codes).all()
    assert [codebook.decode(row) for row in codes.tolist()] == people


def test_the_traits_of_the_product_fit_in_seven_joint_codes() -> None:
    sizes = Codebook(PRODUCT).sizes
    packed = JointCodes(sizes).pack(np.array([[size - 1 for size in sizes]], dtype=np.uint16))
    assert len(packed) == 7
    assert packed.max() < MAX_COMBINATIONS


def test_scores_do_not_change_if_all_base_weights_are_scaled() -> None:
    tellers, viewer = random_people(50, seed=7), random_people(1, seed=8, missing=0)[0]
    unscaled = rank_tellers(tellers, viewer)
    for weight in (1_000_000, 1e-300):
        scaled = rank_tellers(tellers, viewer, base_weights={trait.key: weight for trait in CATALOGUE})
        assert [(match.key, match.score) for match in scaled] == [
            (match.key, match.score) for match in unscaled
        ]


def test_scores_are_from_0_to_1_with_the_largest_weights() -> None:
    tellers, viewer = random_people(50, seed=7), random_people(1, seed=8, missing=0)[0]
    base_weights = {trait.key: 1_000_000 * (number % 2) for number, trait in enumerate(CATALOGUE)}
    viewer_weights = {trait.key: 4.0 for trait in CATALOGUE}
    ranked = rank_tellers(tellers, viewer, base_weights=base_weights, viewer_weights=viewer_weights)
    assert all(0 <= match.score <= 1 for match in ranked)


def test_base_weights_change_the_order() -> None:
    tellers = [{"work": "days", "carer": "no"}, {"work": "none", "carer": "yes"}]
    viewer = {"work": "days", "carer": "yes"}
    assert rank_tellers(tellers, viewer, base_weights={"work": 3})[0].key == 0
    assert rank_tellers(tellers, viewer, base_weights={"carer": 3})[0].key == 1


def test_fit_replaces_the_index() -> None:
    engine = InMemoryEngine(CATALOGUE).fit([{"age": 30}] * 3)
    assert engine.fit([{"age": 30}]).search(query({"age": 30}), k=5).keys == (0,)


def test_ranking_does_not_import_scikit_learn() -> None:
    program = (
        "import sys, matching.engine, matching.slate_policy, matching.explanations\n"
        "print(any(name.startswith('sklearn') for name in sys.modules))"
    )
    completed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert completed.stdout.strip() == "False"
