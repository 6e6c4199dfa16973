"""The immutable state of the in-memory engine: one snapshot per challenge, replaced as a whole on every change."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from matching.codes import Codes
from matching.engine_contract import Among, Floats, Key, KeyMissing, KeyTaken, Rows
from matching.joint_codes import JointCodes, PackedCodes
from matching.keys import KeyArray, common_type, key_array, keys_of


@dataclass(frozen=True)
class Snapshot:
    """The stories of one challenge, by ascending key."""

    keys: KeyArray
    codes: PackedCodes

    def rows_of(self, keys: KeyArray) -> Rows:
        """Return the rows of the keys that are present, ascending."""
        if not len(keys) or not len(self.keys):
            return np.empty(0, dtype=np.intp)
        rows = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        return np.unique(rows[self.keys[rows] == keys])

    def insert(self, keys: KeyArray, codes: PackedCodes) -> "Snapshot":
        present = self.keys.astype(np.result_type(self.keys, keys), copy=False)
        rows = np.searchsorted(present, keys)
        return Snapshot(np.insert(present, rows, keys), np.insert(self.codes, rows, codes, axis=1))

    def delete(self, rows: Rows) -> "Snapshot":
        return Snapshot(np.delete(self.keys, rows), np.delete(self.codes, rows, axis=1))


@dataclass(frozen=True)
class EngineState:
    """All challenges at one version, with a cache of similarity tables by column and code.

    Attributes
    ----------
    key_type
        The type of all keys, None before the first.
    counts
        By trait, how many tellers have each code; 0 for "not answered".
    """

    joint: JointCodes
    counts: Sequence[Floats]
    key_type: type | None = None
    snapshots: Mapping[Key, Snapshot] = field(default_factory=dict)
    tables: dict[tuple[int, int], Floats | None] = field(default_factory=dict)

    def rows_of(self, keys: Sequence[Key]) -> Iterator[tuple[Key, Snapshot, Rows]]:
        """Yield each challenge with the rows that have one of these keys, if any."""
        same_type = key_array([key for key in keys if type(key) is self.key_type])
        for challenge, snapshot in self.snapshots.items():
            rows = snapshot.rows_of(same_type)
            if len(rows):
                yield challenge, snapshot, rows

    def candidates(self, among: Among) -> Iterator[tuple[Snapshot, Rows | None]]:
        """Yield the snapshots to search, with None for all rows."""
        if among is None:
            yield from ((snapshot, None) for snapshot in self.snapshots.values())
        else:
            yield from ((snapshot, rows) for _, snapshot, rows in self.rows_of(list(among)))

    def with_added(self, keys: Sequence[Key], codes: Codes, challenge: Key) -> "EngineState":
        if not len(keys):
            return self
        key_type = common_type(keys, expected=self.key_type)
        added = key_array(keys)
        order = np.argsort(added, kind="stable")
        added, packed = added[order], self.joint.pack(codes[order])
        taken = [added[1:][added[1:] == added[:-1]]]
        taken += [snapshot.keys[snapshot.rows_of(added)] for snapshot in self.snapshots.values()]
        for taken_keys in taken:
            if len(taken_keys):
                raise KeyTaken(keys_of(taken_keys)[0])
        before = self.snapshots.get(challenge, Snapshot(added[:0], packed[:, :0]))
        snapshots = {**self.snapshots, challenge: before.insert(added, packed)}
        return EngineState(self.joint, self._updated_counts(codes, sign=1), key_type, snapshots)

    def with_removed(self, key: Key) -> tuple["EngineState", Key]:
        """Return the next state and the challenge that had the key."""
        for challenge, snapshot, rows in self.rows_of([key]):
            counts = self._updated_counts(self.joint.unpack(snapshot.codes[:, rows]), sign=-1)
            snapshots = {**self.snapshots, challenge: snapshot.delete(rows)}
            return EngineState(self.joint, counts, self.key_type, snapshots), challenge
        raise KeyMissing(key)

    def _updated_counts(self, codes: Codes, *, sign: int) -> list[Floats]:
        updated = [
            before + sign * np.bincount(codes[:, column], minlength=len(before))
            for column, before in enumerate(self.counts)
        ]
        for after in updated:
            after[0] = 0  # "not answered"
        return updated
