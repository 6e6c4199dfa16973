"""Story keys in arrays: 16 bytes for a UUID instead of an object of more than 100."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from hashlib import blake2b
from typing import Any, overload
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from matching.engine_contract import Key, MixedKeys

KeyArray = NDArray[Any]  # one-dimensional: the 16 bytes of UUIDs, int64, or objects
KeyHashes = NDArray[np.uint64]


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
        return UuidArray(self.raw[index]) if isinstance(index, slice) else uuid_of(self.raw[index])

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
    if kind is int:
        with suppress(OverflowError):
            return np.array(keys, dtype=np.int64)
    return np.fromiter(keys, dtype=object, count=len(keys))


def keys_of(array: KeyArray) -> list[Key]:
    return [uuid_of(raw) for raw in array.tolist()] if array.dtype.kind == "S" else array.tolist()


def common_type(keys: Sequence[Key], *, expected: type | None) -> type:
    """Return the type of all keys; raises MixedKeys if one differs from the others or from the expected type."""
    kind: type = expected or (UUID if isinstance(keys, UuidArray) else type(keys[0]))
    if not (isinstance(keys, UuidArray) and kind is UUID):
        for key in keys:
            if type(key) is not kind:
                raise MixedKeys(key, kind)
    return kind


def stable_hash(*keys: Key) -> int:
    """Hash keys to 63 bits, the same in every process; the length prefix keeps neighbouring keys apart."""
    text = "".join(f"{len(str(key))}:{key}" for key in keys)
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big") >> 1


def hash_keys(keys: Sequence[Key]) -> KeyHashes:
    """Return a hash of each key, the same in every process; UUIDs are hashed in bulk."""
    array = key_array(keys)
    if array.dtype.kind != "S":
        return np.array([stable_hash(key) for key in keys], dtype=np.uint64)
    high, low = np.frombuffer(array.astype("S16").tobytes(), dtype=">u8").astype(np.uint64).reshape(-1, 2).T
    hashes: KeyHashes = high ^ (low * np.uint64(0x9E3779B97F4A7C15))
    return hashes
