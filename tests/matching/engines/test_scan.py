"""What only the scanning engine has to prove: packing, growth, large and tied worlds, and threads."""

import gc
import os
import pickle
import shutil
import subprocess
import sys
import threading
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pytest

from accounts.traits.catalogue import TRAIT_CATALOGUE as PRODUCT
from matching.engines.blocks import BLOCK
from matching.engines.codes import Codebook, MaskBook, SetBook
from matching.engines.contract import KeyTaken
from matching.engines.reference import SklearnEngine
from matching.engines.scan import ScanEngine, warm
from matching.engines.searching import PLAIN, Search, load_search
from matching.similarity import build_weighted_query
from matching.traits.catalogue import Answer, CategoryTrait, NumericTrait, SetTrait, TraitCatalogue
from tests.benchmarks.profile_data import generate_people
from tests.matching.random_people import CATALOGUE, random_answers, random_people, random_viewer_weights

ROOT = Path(__file__).resolve().parents[3]
MANY = SetTrait(key="many", label="", question="", levels=tuple((f"l{number}", "") for number in range(14)))


def test_thousands_of_distinct_sets_outgrow_their_first_room_and_stay_exact() -> None:
    catalogue = TraitCatalogue([MANY, *CATALOGUE])
    rng = np.random.default_rng(1)
    people = [random_answers(rng, missing=0.2, catalogue=catalogue) for _ in range(200)]
    people += [
        {"many": frozenset(key for key, _ in MANY.levels if rng.random() < 0.5) or frozenset({"l0"})}
        for _ in range(5_500)
    ]
    scan, oracle = ScanEngine(catalogue), SklearnEngine(catalogue)
    for start in range(0, len(people), 500):
        batch = range(start, min(start + 500, len(people)))
        scan.add(batch, people[start : start + 500])
        scan.remove(start)
    oracle.add(range(len(people)), people)
    for start in range(0, len(people), 500):
        oracle.remove(start)
    assert len({person.get("many") for person in people}) > 4_000
    for _ in range(5):
        asked = build_weighted_query(
            random_answers(rng, missing=0, catalogue=catalogue),
            catalogue=catalogue,
            base_weights={},
            viewer_weights={},
        )
        ours, theirs = scan.search(asked, k=20), oracle.search(asked, k=20)
        assert ours.keys == theirs.keys
        assert np.allclose(ours.scores, theirs.scores, atol=2e-7)


@pytest.mark.parametrize("count", [1, BLOCK - 1, BLOCK, BLOCK + 1, BLOCK**2, BLOCK**2 + 1])
def test_the_seams_between_blocks_hide_nobody(count: int) -> None:
    engine = ScanEngine(CATALOGUE)
    engine.add(range(count), [{"age": 50}] * (count - 1) + [{"age": 30}])
    asked = build_weighted_query({"age": 30}, catalogue=CATALOGUE, base_weights={}, viewer_weights={})
    assert engine.search(asked, k=1).keys == (count - 1,)
    assert engine.search(asked, k=2).keys == (count - 1, 0)[:count]


@pytest.mark.parametrize("search", [PLAIN, load_search()], ids=["numpy", "numba"])
def test_a_large_world_agrees_with_the_oracle(search: Search) -> None:
    rng = np.random.default_rng(2)
    few = random_people(1_500, seed=2)
    people = [few[number % 1_500] | {"age": int(rng.integers(16, 97))} for number in range(17_000)]
    scan, oracle = ScanEngine(CATALOGUE, search=search), SklearnEngine(CATALOGUE)
    scan.add(range(len(people)), people)
    oracle.add(range(len(people)), people)
    for _ in range(4):
        asked = build_weighted_query(
            random_answers(rng, missing=0.3),
            catalogue=CATALOGUE,
            base_weights={},
            viewer_weights=random_viewer_weights(rng),
        )
        ours, theirs = scan.search(asked, k=60), oracle.search(asked, k=60)
        assert ours.keys == theirs.keys
        assert np.allclose(ours.scores, theirs.scores, atol=2e-7)


class Watched(ScanEngine):
    """Counts the moments that readers could see."""

    moments = 0

    def __setattr__(self, name: str, value: object) -> None:
        self.__dict__["moments"] = self.moments + (name == "_now")
        super().__setattr__(name, value)


def test_an_edit_is_one_moment_in_which_nobody_is_there_twice_or_not_at_all() -> None:
    engine = Watched(CATALOGUE)
    engine.add(range(3), [{"age": 30}] * 3)
    before = engine.moments
    engine.replace(1, {"age": 31})
    assert engine.moments == before + 1
    engine.remove(2)
    engine.add([7, 8], [{}, {}])
    assert engine.moments == before + 3


@pytest.fixture
def restless() -> Iterator[None]:
    """Switch threads after microseconds, so that a moment in which two writes stand apart is met."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


@pytest.mark.parametrize("search", [PLAIN, load_search()], ids=["numpy", "numba"])
def test_readers_see_one_moment_of_the_index_while_a_writer_changes_it(
    restless: None, search: Search
) -> None:
    """Each version of the moving teller gives both traits the same level: a torn read would mix two versions."""
    levels = tuple((str(number), "") for number in range(200))
    catalogue = TraitCatalogue(
        [CategoryTrait(key=key, label="", question="", levels=levels) for key in ("one", "two")]
        + [NumericTrait(key="filler", label="", question="", minimum=0, maximum=4_000, unit="")]
    )
    engine = ScanEngine(catalogue, search=search)
    engine.add(range(2_000), [{"filler": number} for number in range(2_000)])
    engine.add([-1], [{"one": "0", "two": "0"}])
    stop = threading.Event()
    wrong: list[object] = []

    def read() -> None:
        asked = build_weighted_query(
            {"one": "7", "two": "7"}, catalogue=catalogue, base_weights={}, viewer_weights={}
        )
        while not stop.is_set():
            found = engine.search(asked, k=5, among=[-1])
            [similarities] = found.similarities.tolist() or [[None]]
            if found.keys != (-1,) or similarities not in ([0, 0], [1, 1]):
                wrong.append((found.keys, similarities))
            if (times := engine.search(asked, k=3).keys.count(-1)) != 1:
                wrong.append(f"{times} times in the full scan")

    readers = [threading.Thread(target=read) for _ in range(2)]
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
    assert wrong == []


def test_a_story_costs_at_most_sixty_bytes() -> None:
    """All that a scan holds, its spare room included, with the product's own traits and keys."""
    shared = generate_people(PRODUCT, 500, missing=0.4, rng=np.random.default_rng(4))
    people = [shared[number % 500] for number in range(60_000)]
    keys = [UUID(int=number * 7919 << 40) for number in range(len(people))]
    engine = ScanEngine(PRODUCT, search=PLAIN)
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    engine.add(keys, people)
    gc.collect()
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (after - before) / len(people) <= 60


def test_a_scan_survives_pickling() -> None:
    engine = ScanEngine(CATALOGUE)
    engine.add(range(300), random_people(300, seed=6))
    twin = pickle.loads(pickle.dumps(engine))  # noqa: S301  # our own bytes
    twin.remove(3)
    asked = build_weighted_query(
        {"age": 30, "work": "nights"}, catalogue=CATALOGUE, base_weights={}, viewer_weights={}
    )
    assert engine.search(asked, k=300).keys != twin.search(asked, k=300).keys
    assert set(engine.search(asked, k=300).keys) - set(twin.search(asked, k=300).keys) == {3}


@pytest.mark.parametrize("share", [0.06, 0.017, 0.003])
def test_a_narrow_filter_still_fills_the_list_and_misses_nobody(share: float) -> None:
    rng = np.random.default_rng(8)
    people = random_people(7_000, seed=8)
    engine = ScanEngine(CATALOGUE)
    engine.add(range(len(people)), people)
    keys = np.flatnonzero(rng.random(len(people)) < share).tolist()
    selection = engine.select(keys)
    for _ in range(10):
        asked = build_weighted_query(
            random_answers(rng, missing=0.3),
            catalogue=CATALOGUE,
            base_weights={},
            viewer_weights=random_viewer_weights(rng),
        )
        found = engine.search(asked, k=20, among=selection)
        whole = engine.search(asked, k=len(people), among=keys)
        assert found.keys == whole.keys[:20]
        assert len(found.keys) == min(20, len(keys))


@pytest.mark.parametrize("search", [PLAIN, load_search()], ids=["numpy", "compiled"])
@pytest.mark.parametrize("count", [0, 5, 700, 2_000])
def test_a_selection_is_scored_in_its_own_order_as_a_search_scores_it(count: int, search: Search) -> None:
    rng = np.random.default_rng(count)
    scan = ScanEngine(CATALOGUE, search=search)
    scan.add(range(3_000), random_people(3_000, seed=24))
    chosen = rng.permutation(3_000)[:count].tolist()
    selection = scan.select([*chosen, 9_999])
    for _ in range(3):
        asked = build_weighted_query(
            random_answers(rng, missing=0.3),
            catalogue=CATALOGUE,
            base_weights={},
            viewer_weights=random_viewer_weights(rng),
        )
        if chosen:
            scan.replace(chosen[0], random_answers(rng, missing=0.5))
        found = scan.search(asked, k=count, among=selection)
        by_key = dict(zip(found.keys, found.scores.tolist(), strict=True))
        *scores, nobody = scan.scores(asked, among=selection).tolist()
        assert scores == [by_key[key] for key in chosen]
        assert np.isnan(nobody)


def test_thousands_who_are_all_alike_are_told_apart_by_their_keys_alone() -> None:
    for keys in (
        [f"a-long-common-beginning-{number:05}" for number in range(9_000)],
        [UUID(int=number) for number in range(9_000)],
    ):
        engine = ScanEngine(CATALOGUE)
        shuffled = [keys[place] for place in np.random.default_rng(9).permutation(len(keys))]
        engine.add(shuffled, [{"carer": "yes"}] * len(keys))
        asked = build_weighted_query(
            {"carer": "yes"}, catalogue=CATALOGUE, base_weights={}, viewer_weights={}
        )
        assert list(engine.search(asked, k=20).keys) == keys[:20]


def test_people_in_codes_of_another_book_are_the_same_people() -> None:
    people = random_people(400, seed=17)
    by = Codebook(CATALOGUE, sets=MaskBook)
    told, coded = ScanEngine(CATALOGUE), ScanEngine(CATALOGUE)
    told.add(range(400), people)
    coded.add(range(100), people[:100])
    coded.add_coded(range(100, 400), by.encode(people[100:]), by=by)
    rng = np.random.default_rng(17)
    for _ in range(20):
        asked = build_weighted_query(
            random_answers(rng, missing=0.2),
            catalogue=CATALOGUE,
            base_weights={},
            viewer_weights=random_viewer_weights(rng),
        )
        assert coded.search(asked, k=30).keys == told.search(asked, k=30).keys
    with pytest.raises(KeyTaken):
        coded.add_coded([3], by.encode(people[:1]), by=by)


@pytest.mark.parametrize("sets", [SetBook, MaskBook])
def test_codes_can_be_read_back_as_answers(sets: type[SetBook] | type[MaskBook]) -> None:
    people, book = random_people(200, seed=18), Codebook(CATALOGUE, sets=sets)
    assert [book.answers(codes) for codes in book.encode(people).tolist()] == people


def test_an_engine_answers_with_numpy_until_the_compiled_search_is_warm() -> None:
    program = (
        "import sys\n"
        "from accounts.traits.catalogue import CATALOGUE\n"
        "from matching.engines import scan, searching\n"
        "engine = scan.ScanEngine(CATALOGUE)\n"
        "engine.add(range(300), [{'age': 20 + number % 50} for number in range(300)])\n"
        "asked = scan.Query({'age': 40}, {'age': 1.0})\n"
        "before = engine.search(asked, k=20)\n"
        "assert 'numba' not in sys.modules and searching.search_at_hand() is searching.PLAIN\n"
        "scan.warm(CATALOGUE)\n"
        "assert searching.search_at_hand() == searching.load_search() != searching.PLAIN\n"
        "assert engine.search(asked, k=20).keys == before.keys\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_what_is_compiled_goes_where_it_may_when_its_own_folder_is_closed(tmp_path: Path) -> None:
    """Files stand where the folders for it would be, as closed to root as to anybody."""
    house, kept, closed = tmp_path / "house", tmp_path / "compiled", tmp_path / "closed"
    shutil.copytree(ROOT / "matching", house / "matching", ignore=shutil.ignore_patterns("__pycache__"))
    for path in (closed, house / "matching" / "engines" / "__pycache__"):
        path.touch()
    program = (
        "import pathlib, sys\n"
        "from matching.engines import searching\n"
        "search = searching.load_search(keep_in=pathlib.Path(sys.argv[1]))\n"
        "assert search is not searching.PLAIN\n"
        "assert search.tabulate.stats.cache_path.startswith(sys.argv[1])\n"
    )
    environment = {**os.environ, "XDG_CACHE_HOME": str(closed / "cache"), "NUMBA_CACHE_DIR": ""}
    subprocess.run([sys.executable, "-c", program, str(kept)], check=True, cwd=house, env=environment)


def test_once_warm_nothing_is_compiled_for_any_question() -> None:
    warm(CATALOGUE)
    steps: list[Any] = list(load_search())
    before = [step.signatures for step in steps]
    engine = ScanEngine(PRODUCT)
    engine.add([UUID(int=number) for number in range(3_000)], [{"age": 30}, {}, {"carer": "yes"}] * 1_000)
    selection = engine.select([UUID(int=number) for number in range(2_000)])
    asked = build_weighted_query({"age": 31}, catalogue=PRODUCT, base_weights={}, viewer_weights={})
    for k in (1, 20, 3_000):
        engine.search(asked, k=k)
        engine.search(asked, k=k, among=selection)
    assert [step.signatures for step in steps] == before
    assert [len(signatures) for signatures in before] == [1] * len(before)
