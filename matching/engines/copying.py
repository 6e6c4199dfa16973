"""Fetch many rows at once from PostgreSQL: its binary COPY, read by numpy in one go.

Works for columns of fixed width that are never null. A hundred thousand rows take a tenth of a second, where making
Python objects of each value takes several.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from psycopg import Connection, sql

Table = NDArray[np.void]  # a structured array, one field a column

# How PostgreSQL writes each type: big-endian.
WIDTHS: Mapping[str, str] = {
    "uuid": "S16",
    "smallint": ">i2",
    "integer": ">i4",
    "bigint": ">i8",
    "boolean": "?",
    "float8": ">f8",
}
HEADER, TRAILER = 19, 2
SIGNATURE = b"PGCOPY\n\xff\r\n\0"


class UnexpectedCopy(RuntimeError):
    """What came is not rows of fixed width: a null, another type, or another version of the format."""


def fetch(
    connection: Connection[Any],
    query: sql.Composable,
    *,
    columns: Mapping[str, str],
    values: Sequence[object] = (),
) -> Table:
    """Run a query and give its rows.

    Parameters
    ----------
    columns
        Name and PostgreSQL type of each column, in the order of the query.
    values
        What stands for the query's `%s`.

    Returns
    -------
    rows
        Numbers in the machine's own byte order; a UUID as its 16 bytes, which sort as the UUIDs do.

    Raises
    ------
    UnexpectedCopy
    """
    with (
        connection.cursor() as cursor,
        cursor.copy(
            sql.SQL("COPY ({}) TO STDOUT (FORMAT BINARY)").format(query), list(values) or None
        ) as copy,
    ):
        data = b"".join(copy)
    return _rows(data, columns)


def _rows(data: bytes, columns: Mapping[str, str]) -> Table:
    sent = np.dtype(
        [
            ("fields", ">i2"),
            *(
                part
                for name, kind in columns.items()
                for part in ((f"{name} width", ">i4"), (name, WIDTHS[kind]))
            ),
        ]
    )
    body = len(data) - HEADER - TRAILER
    if not data.startswith(SIGNATURE) or body < 0 or body % sent.itemsize:
        raise UnexpectedCopy("The rows are not all of the same width.")
    raw = np.frombuffer(data, dtype=sent, count=body // sent.itemsize, offset=HEADER)
    for name, kind in columns.items():
        if (raw[f"{name} width"] != np.dtype(WIDTHS[kind]).itemsize).any():
            raise UnexpectedCopy(f"Column {name} is not of type {kind}, or has nulls.")
    rows = np.empty(len(raw), dtype=[(name, WIDTHS[kind].lstrip(">")) for name, kind in columns.items()])
    for name in columns:
        rows[name] = raw[name]
    return rows
