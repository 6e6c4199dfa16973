from collections.abc import Sequence
from uuid import UUID

import numpy as np
import pytest

from matching.engines.contract import Key, KeyTaken, MixedKeys
from matching.engines.keys import Keys, Uuids, hints, put_in_order, put_together

OF_ALL_KINDS: list[list[Key]] = [
    [-(2**70), -5, 0, 3, 2**64, 2**70],
    [-(2**63), -5, 0, 3, 2**63 - 1],
    [
        "",
        "a",
        "ab",
        "abcdefgh",
        "abcdefghi",
        "abcdefghijklmnopq",
        "abcdefghijklmnopr",
        "b",
        "é",
        "\ud800",
        "𝄞",
    ],
    [b"", b"a", b"a\0b", b"b"],
    [UUID(int=number) for number in (0, 5, 2**64 - 1, 2**64, 2**127 + 3, 2**128 - 1)],
    [(1, "a"), (1, "b"), (2, "")],
]


@pytest.mark.parametrize("keys", OF_ALL_KINDS)
def test_hints_never_contradict_the_order_of_keys(keys: Sequence[Key]) -> None:
    pairs = list(zip(*(words.tolist() for words in hints(keys)), strict=True))
    assert pairs == sorted(pairs)


@pytest.mark.parametrize("keys", OF_ALL_KINDS)
def test_every_key_is_found_and_given_back_whether_settled_or_later(keys: Sequence[Key]) -> None:
    shuffled = [keys[place] for place in np.random.default_rng(1).permutation(len(keys))]
    for settled in range(1, len(keys) + 1):
        held = Keys(shuffled[:settled], room=len(keys))
        later = shuffled[settled:]
        if not held.takes(later):
            continue
        held.append(later, settled)
        assert held.rows(shuffled).tolist() == list(range(len(keys)))
        assert [held.row(key) for key in shuffled] == list(range(len(keys)))
        assert list(held.at(np.arange(len(keys)))) == shuffled
        assert held.row("nobody's") == held.row(None) == -1


def test_who_was_never_there_has_no_row() -> None:
    assert Keys([], room=4).rows([1, "a", None]).tolist() == [-1, -1, -1]
    assert Keys([3, 9], room=4).rows([1, 3, 5, 9, 11]).tolist() == [-1, 0, -1, 1, -1]
    assert Keys(["c", "x"], room=4).rows(["a", "c", "m", "x", "z"]).tolist() == [-1, 0, -1, 1, -1]


def test_numbers_too_large_for_a_word_have_to_be_held_in_another_form() -> None:
    assert not Keys([1, 2], room=4).takes([2**70])
    assert Keys([2**70], room=4).takes([1])


def test_keys_given_twice_or_of_another_type_are_named() -> None:
    held = Keys([1], room=4)
    with pytest.raises(KeyTaken) as twice:
        held.check([2, 3, 2])
    with pytest.raises(MixedKeys) as mixed:
        held.check([2, "3"])
    assert (twice.value.key, mixed.value.key) == (2, "3")


SOME = [UUID(int=number) for number in (2**127, 0, 2**64, 7)]
RAW = np.array([key.bytes for key in SOME], dtype="S16")


def test_uuids_in_a_column_are_the_same_keys() -> None:
    packed = Uuids.of(RAW)
    assert [*packed] == [packed[place] for place in range(4)] == SOME
    assert [*packed[1:3]] == SOME[1:3]
    assert [*put_in_order(packed, np.array([3, 0]))] == [SOME[3], SOME[0]]
    assert [*put_together(packed, packed[:1])] == [*SOME, SOME[0]]
    assert [*put_together((), packed)] == SOME
    assert len(Uuids.of(RAW[:0])) == 0


@pytest.mark.parametrize("settled", [0, 2, 4])
def test_uuids_in_a_column_are_found_as_keys_one_by_one_are(settled: int) -> None:
    held = Keys(Uuids.of(RAW[:settled]), room=4)
    if settled:
        held.append(Uuids.of(RAW[settled:]), settled)
        assert held.rows(Uuids.of(RAW)).tolist() == held.rows(SOME).tolist() == [0, 1, 2, 3]
    else:
        assert held.rows(Uuids.of(RAW)).tolist() == [-1] * 4


def test_uuids_in_a_column_that_come_twice_or_to_other_keys_are_named() -> None:
    with pytest.raises(KeyTaken) as twice:
        Keys([], room=4).check(Uuids.of(RAW[[0, 2, 1, 2]]))
    assert twice.value.key == SOME[2]
    with pytest.raises(MixedKeys):
        Keys([1], room=4).check(Uuids.of(RAW))
