"""The tables in which PostgreSQL holds an index: everybody's codes, partitioned by challenge, and how often each was given."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from psycopg import Connection, sql

from matching.engines.codes import mask_book
from matching.traits.catalogue import TraitCatalogue

PARTITIONS = 16
# Texts sort by their bytes, as they do in Python.
KEY_TYPES: dict[type, str] = {UUID: "uuid", int: "bigint", str: 'text COLLATE "C"'}
# What two bytes with a sign can count to.
SMALL = 2**15


def create_tables(
    connection: Connection[Any],
    catalogue: TraitCatalogue,
    *,
    table: str,
    keys: type,
    beside: Mapping[str, str] | None = None,
) -> None:
    """Make the tables of an index whose keys are of one type: UUID, int or str.

    Parameters
    ----------
    beside
        Further columns that the caller wants to find in a row, and their types.
    """
    connection.execute(
        sql.SQL(
            "CREATE TABLE {table} (challenge bigint NOT NULL, key {type} NOT NULL, {columns},"
            " PRIMARY KEY (challenge, key)) PARTITION BY HASH (challenge)"
        ).format(
            table=sql.Identifier(table),
            type=sql.SQL(KEY_TYPES[keys]),
            columns=_columns(catalogue, beside or {}),
        )
    )
    for part in range(PARTITIONS):
        connection.execute(
            sql.SQL("CREATE TABLE {} PARTITION OF {} FOR VALUES WITH (MODULUS {}, REMAINDER {})").format(
                sql.Identifier(f"{table}_{part}"), sql.Identifier(table), PARTITIONS, part
            )
        )
    connection.execute(sql.SQL("CREATE INDEX ON {} (key)").format(sql.Identifier(table)))
    connection.execute(
        sql.SQL(
            "CREATE TABLE {} (trait integer, code integer, tellers bigint NOT NULL, PRIMARY KEY (trait, code))"
        ).format(tally_of(table))
    )


def _columns(catalogue: TraitCatalogue, beside: Mapping[str, str]) -> sql.Composable:
    codes = code_types(catalogue)
    names = [*map(sql.Identifier, beside), *(code_column(number) for number in range(len(codes)))]
    described = zip(names, [*beside.values(), *codes], strict=True)
    return sql.SQL(", ").join(
        sql.SQL("{} {} NOT NULL").format(name, sql.SQL(kind)) for name, kind in described
    )


def code_types(catalogue: TraitCatalogue) -> list[str]:
    """Give the type of each trait's column: as narrow as its codes allow."""
    rooms = mask_book(catalogue).rooms
    return ["smallint" if room <= SMALL else "integer" for room in rooms]


def drop_tables(connection: Connection[Any], *, table: str) -> None:
    """Remove what `create_tables` made, if it is there."""
    connection.execute(sql.SQL("DROP TABLE IF EXISTS {}, {}").format(sql.Identifier(table), tally_of(table)))


def empty_tables(connection: Connection[Any], *, table: str) -> None:
    """Take everybody out; who reads meanwhile sees the index as it was."""
    for name in (sql.Identifier(table), tally_of(table)):
        connection.execute(sql.SQL("DELETE FROM {}").format(name))


def code_column(number: int) -> sql.Identifier:
    """Give the column in which the codes of a trait stand, by its place in the catalogue."""
    return sql.Identifier(f"t{number}")


def tally_of(table: str) -> sql.Identifier:
    return sql.Identifier(f"{table}_tally")
