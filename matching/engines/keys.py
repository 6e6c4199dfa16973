"""Keys by row number and row numbers by key, in a few bytes each.

A dictionary of UUIDs costs over two hundred bytes a story. Here a key is two 64-bit words whose order is the keys' own,
and rows are found by bisection over their order. What was added since the rows were last put in order stands in a small
dictionary. Keys that do not fit in two words (text, huge numbers) stay Python objects.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple, Self, overload
from uuid import UUID, SafeUUID

import numpy as np
from numpy.typing import NDArray

from matching.engines.contract import Key, KeyTaken, MixedKeys, Rows

Words = NDArray[np.uint64]

_LOWEST, _HIGHEST = -(2**63), 2**63 - 1
_WORD = 2**64 - 1
_SAFE = SafeUUID.unknown


class Uuids(Sequence[UUID]):
    """Many UUIDs in sixteen bytes each, made into objects only where they are looked at.

    Attributes
    ----------
    high, low
        Shape (keys,) each: their upper and lower halves.
    """

    def __init__(self, high: Words, low: Words) -> None:
        self.high = high
        self.low = low

    @classmethod
    def of(cls, raw: NDArray[np.bytes_]) -> Self:
        """Take them from their sixteen bytes each, of which numpy leaves zeros at the end away."""
        both = np.frombuffer(raw.astype("S16").tobytes(), dtype=">u8").reshape(-1, 2).astype(np.uint64)
        return cls(both[:, 0].copy(), both[:, 1].copy())

    @overload
    def __getitem__(self, place: int) -> UUID: ...
    @overload
    def __getitem__(self, place: slice) -> "Uuids": ...
    def __getitem__(self, place: int | slice) -> "UUID | Uuids":
        if isinstance(place, slice):
            return Uuids(self.high[place], self.low[place])
        return _uuid(int(self.high[place]), int(self.low[place]))

    def __iter__(self) -> Iterator[UUID]:
        return map(_uuid, self.high.tolist(), self.low.tolist())

    def __len__(self) -> int:
        return len(self.high)

    def at(self, rows: Rows) -> "Uuids":
        return Uuids(self.high[rows], self.low[rows])


def put_in_order(keys: Sequence[Key], order: Rows) -> Sequence[Key]:
    """Give the keys at some places."""
    return keys.at(order) if isinstance(keys, Uuids) else [keys[place] for place in order.tolist()]


def put_together(some: Sequence[Key], more: Sequence[Key]) -> Sequence[Key]:
    """Give some keys and then others."""
    if not len(some):
        return more
    if isinstance(some, Uuids) and isinstance(more, Uuids):
        return Uuids(np.concatenate([some.high, more.high]), np.concatenate([some.low, more.low]))
    return [*some, *more]


class Hints(NamedTuple):
    """Two words a key that never put two keys in the wrong order, though they may call texts equal."""

    high: Words
    low: Words


def hints(keys: Sequence[Key]) -> Hints:
    """Shape (keys,) each; numbers have one word only, which then stands for both."""
    if isinstance(keys, Uuids):
        return Hints(keys.high, keys.low)
    kind = type(keys[0]) if keys else object
    if kind is UUID:
        numbers = [key.int for key in keys]
    elif kind is int:
        high = np.array([min(max(key, _LOWEST), _HIGHEST) - _LOWEST for key in keys], dtype=np.uint64)
        return Hints(high, high)
    else:
        numbers = [_beginning(key) for key in keys]
    high = np.array([number >> 64 for number in numbers], dtype=np.uint64)
    return Hints(high, np.array([number & _WORD for number in numbers], dtype=np.uint64))


def _beginning(key: Key) -> int:
    if isinstance(key, str):
        # The bytes of UTF-8 sort as the characters do; "surrogatepass" keeps broken text from raising here.
        key = key.encode("utf-8", "surrogatepass")
    return int.from_bytes(key[:16].ljust(16, b"\0"), "big") if isinstance(key, bytes) else 0


class Keys:
    """The keys of one copy of the index.

    The first `settled` rows are found by bisection. Readers of an older moment may come across rows that it does not
    have yet, never across wrong ones.
    """

    def __init__(self, keys: Sequence[Key], room: int) -> None:
        words = hints(keys)
        self.kind: type | None = type(keys[0]) if keys else None
        self.settled = len(keys)
        self.high = _roomy(words.high, room)
        self.low = self.high if words.low is words.high else _roomy(words.low, room)
        self.exact = _exact(keys)
        self._objects = [] if self.exact else list(keys)
        self._order = np.lexsort((words.low, words.high)).astype(np.int32)
        if not self.exact:
            self._order = np.array(sorted(range(len(keys)), key=keys.__getitem__), dtype=np.int32)
        self._later: dict[Key, int] = {}

    def check(self, keys: Sequence[Key]) -> None:
        """Raise if keys are given twice or are of another type than those before them."""
        kind = self.kind or (type(keys[0]) if keys else object)
        if isinstance(keys, Uuids) and kind is UUID:
            _check_distinct(keys)
            return
        met = set()
        for key in keys:
            if key in met:
                raise KeyTaken(key)
            if type(key) is not kind:
                raise MixedKeys(key, kind)
            met.add(key)

    def takes(self, keys: Sequence[Key]) -> bool:
        """Say whether these can be appended in the form in which the others are held."""
        return self.kind is not None and (not self.exact or _exact(keys))

    def append(self, keys: Sequence[Key], start: int) -> None:
        words = hints(keys)
        self.high[start : start + len(keys)] = words.high
        self.low[start : start + len(keys)] = words.low
        if not self.exact:
            self._objects[start:] = keys
        self._later.update(zip(keys, range(start, start + len(keys)), strict=True))

    def row(self, key: Key) -> int:
        """Give the newest row that a key had, or -1."""
        later = self._later.get(key, -1)
        return later if later >= 0 or type(key) is not self.kind else int(self._bisect([key])[0])

    def rows(self, keys: Collection[Key]) -> Rows:
        """Give the newest row of each key, or -1; shape (keys,)."""
        if isinstance(keys, Uuids) and self.kind in {None, UUID} and not self._later:
            return self._bisect(keys)
        known = [key if type(key) is self.kind else None for key in keys]
        rows = np.fromiter((self._later.get(key, -1) for key in known), dtype=np.intp, count=len(known))
        missing = [place for place in np.flatnonzero(rows < 0).tolist() if known[place] is not None]
        if missing:
            rows[missing] = self._bisect([known[place] for place in missing])
        return rows

    def at(self, rows: Rows) -> Sequence[Key]:
        if not self.exact:
            return tuple(self._objects[row] for row in rows.tolist())
        if self.kind is int:
            return tuple(word + _LOWEST for word in self.high[rows].tolist())
        return Uuids(self.high[rows], self.low[rows])

    def all(self, end: int) -> Sequence[Key]:
        return self.at(np.arange(end))

    def _bisect(self, keys: Sequence[Key]) -> Rows:
        if not self.settled:
            return np.full(len(keys), -1, dtype=np.intp)
        if not self.exact:
            return np.array([self._bisect_object(key) for key in keys], dtype=np.intp)
        high, low = hints(keys)
        first = np.zeros(len(keys), dtype=np.intp)
        last = np.full(len(keys), self.settled, dtype=np.intp)
        while np.any(first < last):
            middle = (first + last) // 2
            at = self._order[np.minimum(middle, self.settled - 1)]
            before = (self.high[at] < high) | ((self.high[at] == high) & (self.low[at] < low))
            inside = first < last
            first = np.where(inside & before, middle + 1, first)
            last = np.where(inside & ~before, middle, last)
        rows = self._order[np.minimum(first, self.settled - 1)].astype(np.intp)
        return np.where((self.high[rows] == high) & (self.low[rows] == low), rows, -1)

    def _bisect_object(self, key: Key) -> int:
        first, last = 0, self.settled
        while first < last:
            middle = (first + last) // 2
            if self._objects[self._order[middle]] < key:
                first = middle + 1
            else:
                last = middle
        row = int(self._order[min(first, self.settled - 1)])
        return row if self._objects[row] == key else -1


def _exact(keys: Sequence[Key]) -> bool:
    """Say whether two words hold all there is to these keys."""
    kind = type(keys[0]) if keys else None
    return kind is UUID or (kind is int and all(_LOWEST <= key <= _HIGHEST for key in keys))


def _roomy(words: Words, room: int) -> Words:
    roomy = np.zeros(room, dtype=np.uint64)
    roomy[: len(words)] = words
    return roomy


def _check_distinct(keys: Uuids) -> None:
    order = np.lexsort((keys.low, keys.high))
    twice = (np.diff(keys.high[order]) == 0) & (np.diff(keys.low[order]) == 0)
    if twice.any():
        raise KeyTaken(keys[int(order[int(np.argmax(twice))])])


def _uuid(high: int, low: int) -> UUID:
    """Make a UUID from its words without the checks that its own constructor runs on every form of input."""
    key = object.__new__(UUID)
    object.__setattr__(key, "int", high << 64 | low)
    object.__setattr__(key, "is_safe", _SAFE)
    return key
