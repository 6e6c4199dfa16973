"""The tables of `PostgresEngine`: codes of all stories, partitioned by challenge, and the number of tellers per code."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from psycopg import Connection, sql

from matching.codes import codebook_for
from matching.traits import TraitCatalogue

PARTITIONS = 16
# Text sorts by its bytes, as in Python.
KEY_TYPES: dict[type, str] = {UUID: "uuid", int: "bigint", str: 'text COLLATE "C"'}
SMALLINT_CODES = 2**15


def create_tables(
    connection: Connection[Any],
    catalogue: TraitCatalogue,
    *,
    table: str,
    keys: type,
    extra_columns: Mapping[str, str] | None = None,
) -> None:
    """Create the tables of an index with keys of one type: UUID, int or str.

    `extra_columns` are further columns of each row, with their PostgreSQL types.
    """
    connection.execute(
        sql.SQL(
            "CREATE TABLE {table} (challenge bigint NOT NULL, key {type} NOT NULL, {columns},"
            " PRIMARY KEY (challenge, key)) PARTITION BY HASH (challenge)"
        ).format(
            table=sql.Identifier(table),
            type=sql.SQL(KEY_TYPES[keys]),
            columns=_column_definitions(catalogue, extra_columns or {}),
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
        ).format(counts_table(table))
    )


def _column_definitions(catalogue: TraitCatalogue, extra_columns: Mapping[str, str]) -> sql.Composable:
    columns = {**extra_columns, **code_columns(catalogue)}
    return sql.SQL(", ").join(
        sql.SQL("{} {} NOT NULL").format(sql.Identifier(name), sql.SQL(kind))
        for name, kind in columns.items()
    )


def code_columns(catalogue: TraitCatalogue) -> dict[str, str]:
    """Return the column of each trait's codes, with its type."""
    sizes = codebook_for(catalogue).sizes
    return {
        f"t{number}": "smallint" if size <= SMALLINT_CODES else "integer" for number, size in enumerate(sizes)
    }


def drop_tables(connection: Connection[Any], *, table: str) -> None:
    connection.execute(
        sql.SQL("DROP TABLE IF EXISTS {}, {}").format(sql.Identifier(table), counts_table(table))
    )


def empty_tables(connection: Connection[Any], *, table: str) -> None:
    """Delete all rows; unlike TRUNCATE, concurrent readers keep their snapshot."""
    for name in (sql.Identifier(table), counts_table(table)):
        connection.execute(sql.SQL("DELETE FROM {}").format(name))


def counts_table(table: str) -> sql.Identifier:
    return sql.Identifier(f"{table}_tally")
