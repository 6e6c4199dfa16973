from collections.abc import Sequence
from uuid import UUID

import numpy as np
import pytest

from matching.engine_contract import Key, MixedKeys
from matching.keys import UuidArray, common_type, key_array, key_words, keys_of

SORTED_KEYS: list[list[Key]] = [
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


@pytest.mark.parametrize("keys", SORTED_KEYS)
def test_key_words_never_contradict_the_order_of_keys(keys: Sequence[Key]) -> None:
    pairs = list(zip(*(words.tolist() for words in key_words(keys)), strict=True))
    assert pairs == sorted(pairs)


@pytest.mark.parametrize("keys", SORTED_KEYS)
def test_an_array_sorts_finds_and_returns_keys_of_every_type(keys: Sequence[Key]) -> None:
    shuffled = [keys[position] for position in np.random.default_rng(1).permutation(len(keys))]
    array = key_array(shuffled)
    assert keys_of(array) == shuffled
    array = np.sort(array, kind="stable")
    assert keys_of(array) == list(keys)
    assert np.searchsorted(array, key_array(shuffled)).tolist() == [keys.index(key) for key in shuffled]


def test_keys_of_another_type_are_named() -> None:
    with pytest.raises(MixedKeys) as mixed:
        common_type([2, "3"], expected=int)
    assert mixed.value.key == "3"
    with pytest.raises(MixedKeys):
        common_type(UuidArray(np.array([b"a"], dtype="S16")), expected=int)
    assert common_type([2, 3], expected=None) is int


SOME_UUIDS = [UUID(int=number) for number in (2**127, 0, 2**64, 7)]


def test_a_uuid_array_behaves_like_a_list_of_uuids() -> None:
    raw = np.array([key.bytes for key in SOME_UUIDS], dtype="S16")
    packed = UuidArray(raw)
    assert [*packed] == [packed[position] for position in range(4)] == SOME_UUIDS
    assert [*packed[1:3]] == SOME_UUIDS[1:3]
    assert len(UuidArray(raw[:0])) == 0
    assert key_array(packed).tolist() == key_array(SOME_UUIDS).tolist()
    assert common_type(packed, expected=None) is UUID
    for ours, theirs in zip(key_words(packed), key_words(SOME_UUIDS), strict=True):
        assert ours.tolist() == theirs.tolist()
