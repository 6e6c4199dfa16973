"""Keys in arrays: 16 bytes for a UUID instead of an object of more than 100."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, overload
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from matching.engine_contract import Key, MixedKeys

KeyArray = NDArray[Any]  # one-dimensional: the 16 bytes of UUIDs, int64, or objects
Words = NDArray[np.uint64]

_LOWEST, _HIGHEST = -(2**63), 2**63 - 1
_WORD = 2**64 - 1


class UuidArray(Sequence[UUID]):
    """UUIDs in one array that become objects only when they are accessed.

    Parameters
    ----------
    raw
        Shape (n,) of type S16: their bytes, which sort like the UUIDs.
    """

    def __init__(self, raw: NDArray[np.bytes_]) -> None:
        self.raw = raw

    @overload
    def __getitem__(self, index: int) -> UUID: ...
    @overload
    def __getitem__(self, index: slice) -> "UuidArray": ...
    def __getitem__(self, index: int | slice) -> "UUID | UuidArray":
        if isinstance(index, slice):
            return UuidArray(self.raw[index])
        return uuid_of(self.raw[index])

    def __iter__(self) -> Iterator[UUID]:
        return map(uuid_of, self.raw.tolist())

    def __len__(self) -> int:
        return len(self.raw)


def uuid_of(raw: bytes) -> UUID:
    return UUID(bytes=raw.ljust(16, b"\0"))  # numpy drops trailing zeros


def key_array(keys: Sequence[Key]) -> KeyArray:
    """Return an array that sorts and compares like the keys, which are of one type."""
    if isinstance(keys, UuidArray):
        return keys.raw
    kind = type(keys[0]) if len(keys) else object
    if kind is UUID:
        return np.array([key.bytes for key in keys], dtype="S16")
    if kind is int and min(keys) >= _LOWEST and max(keys) <= _HIGHEST:
        return np.array(keys, dtype=np.int64)
    return np.fromiter(keys, dtype=object, count=len(keys))


def common_type(keys: Sequence[Key], *, expected: type | None) -> type:
    """Return the type of all keys; raises MixedKeys if one differs from the others or from the expected type."""
    kind: type = expected or (UUID if isinstance(keys, UuidArray) else type(keys[0]))
    if not (isinstance(keys, UuidArray) and kind is UUID):
        for key in keys:
            if type(key) is not kind:
                raise MixedKeys(key, kind)
    return kind


def keys_of(array: KeyArray) -> list[Key]:
    return [uuid_of(raw) for raw in array.tolist()] if array.dtype.kind == "S" else array.tolist()


class KeyWords(NamedTuple):
    """Two 64-bit words per key, shape (keys,) each."""

    high: Words
    low: Words


def key_words(keys: Sequence[Key]) -> KeyWords:
    """Return the two halves of UUIDs; the number itself, twice, of integers; the first 16 bytes of text."""
    kind = type(keys[0]) if len(keys) else object
    if kind is int:
        words = np.array([min(max(key, _LOWEST), _HIGHEST) - _LOWEST for key in keys], dtype=np.uint64)
        return KeyWords(words, words)
    if isinstance(keys, UuidArray):
        halves = np.frombuffer(keys.raw.astype("S16").tobytes(), dtype=">u8").reshape(-1, 2).astype(np.uint64)
        return KeyWords(halves[:, 0].copy(), halves[:, 1].copy())
    numbers = [key.int if isinstance(key, UUID) else _leading_bytes(key) for key in keys]
    high = np.array([number >> 64 for number in numbers], dtype=np.uint64)
    return KeyWords(high, np.array([number & _WORD for number in numbers], dtype=np.uint64))


def _leading_bytes(key: Key) -> int:
    if isinstance(key, str):
        # "surrogatepass" keeps text with lone surrogates from raising here.
        key = key.encode("utf-8", "surrogatepass")
    return int.from_bytes(key[:16].ljust(16, b"\0"), "big") if isinstance(key, bytes) else 0
