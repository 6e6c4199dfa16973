"""Several traits in one 16-bit code, so that a score needs fewer look-ups.

A joint code numbers the combinations of its traits' codes. Tables of more than 4,096 entries cost more to build than they
save; the 22 traits of the product need seven joint codes, 14 bytes per story.
"""

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from matching.codes import Codes
from matching.engine_contract import Floats

MAX_COMBINATIONS = 4_096

PackedCodes = NDArray[np.uint16]  # shape (joint codes, stories), so that each joint code is contiguous


class JointCodes:
    """Packs the codes of all traits into joint codes; `sizes` are the numbers of codes of each trait."""

    def __init__(self, sizes: Sequence[int]) -> None:
        self._sizes = sizes
        self._groups: list[list[int]] = []  # the columns in each joint code
        for column in range(len(sizes)):
            for group in self._groups:
                if math.prod(sizes[member] for member in [*group, column]) <= MAX_COMBINATIONS:
                    group.append(column)
                    break
            else:
                self._groups.append([column])

    def pack(self, codes: Codes) -> PackedCodes:
        packed = np.empty((len(self._groups), len(codes)), dtype=np.uint16)
        for number, group in enumerate(self._groups):
            joint = np.zeros(len(codes), dtype=np.int64)
            for column in group:
                joint = joint * self._sizes[column] + codes[:, column]
            packed[number] = joint
        return packed

    def unpack(self, packed: PackedCodes) -> Codes:
        """Return shape (stories, traits)."""
        codes = np.empty((packed.shape[1], len(self._sizes)), dtype=np.uint16)
        for joint, group in zip(packed.astype(np.int64), self._groups, strict=True):
            rest = joint
            for column in reversed(group):
                rest, codes[:, column] = np.divmod(rest, self._sizes[column])
        return codes

    def tables(self, values: Mapping[int, Floats]) -> list[tuple[int, Floats]]:
        """Return the number of each joint code that is needed, and the sum of values for each of its combinations.

        `values` has the value of each code by column; absent columns count as 0.
        """
        tables = []
        for number, group in enumerate(self._groups):
            if values.keys() & set(group):
                table = np.zeros(1)
                for column in group:
                    column_values = values.get(column, np.zeros(self._sizes[column]))
                    table = (table[:, None] + column_values).ravel()
                tables.append((number, table))
        return tables
