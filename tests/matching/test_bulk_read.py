"""Bulk reads return the same values as row-by-row reads."""

from typing import Any
from uuid import UUID

import numpy as np
import psycopg
import pytest
from psycopg import sql

from matching.bulk_read import UnexpectedNulls, read_table

COLUMNS = {"who": "uuid", "small": "smallint", "large": "bigint", "sure": "boolean", "share": "float8"}
# One ends in zeros, which numpy drops.
PEOPLE = [UUID(int=1), UUID(int=2**120), UUID(int=2**128 - 1)]


def values(of: str) -> sql.Composable:
    return sql.SQL(f"SELECT * FROM (VALUES {of}) AS given (who, small, large, sure, share)")  # noqa: S608  # our own


def test_every_type_is_read_unchanged(database: psycopg.Connection[Any]) -> None:
    rows = read_table(
        database,
        values(
            ", ".join(
                f"('{who}'::uuid, {-number}::smallint, {2**40 + number}::bigint, {number % 2 == 0}, {number / 8}::float8)"
                for number, who in enumerate(PEOPLE)
            )
        ),
        columns=COLUMNS,
    )
    assert [UUID(bytes=raw.ljust(16, b"\0")) for raw in rows["who"].tolist()] == PEOPLE
    assert rows["small"].tolist() == [0, -1, -2]
    assert rows["large"].tolist() == [2**40, 2**40 + 1, 2**40 + 2]
    assert rows["sure"].tolist() == [True, False, True]
    assert rows["share"].tolist() == [0, 0.125, 0.25]
    assert rows["large"].dtype == np.int64


def test_no_rows_are_an_empty_table(database: psycopg.Connection[Any]) -> None:
    nobody = sql.SQL("SELECT 1::bigint AS number WHERE FALSE")
    assert len(read_table(database, nobody, columns={"number": "bigint"})) == 0


def test_parameters_are_passed_in_order(database: psycopg.Connection[Any]) -> None:
    query = sql.SQL("SELECT number::bigint FROM unnest(%s::bigint[]) AS number WHERE number > %s")
    rows = read_table(database, query, columns={"number": "bigint"}, parameters=[[1, 2, 3], 1])
    assert rows["number"].tolist() == [2, 3]


def test_columns_stay_aligned_in_a_parallel_plan(database: psycopg.Connection[Any]) -> None:
    with database.transaction(force_rollback=True):
        database.execute(
            "CREATE TABLE wide AS SELECT number::bigint, (number % 1000)::smallint AS rest"
            " FROM generate_series(1, 100000) AS number"
        )
        for setting in ("parallel_setup_cost", "parallel_tuple_cost", "min_parallel_table_scan_size"):
            database.execute(f"SET LOCAL {setting} = 0")
        query = sql.SQL("SELECT * FROM wide")
        plan = database.execute("EXPLAIN SELECT string_agg(int8send(number), '') FROM wide").fetchall()
        assert "Gather" in str(plan)
        rows = read_table(database, query, columns={"number": "bigint", "rest": "smallint"})
    assert len(np.unique(rows["number"])) == 100_000
    assert (rows["number"] % 1000 == rows["rest"]).all()


@pytest.mark.parametrize("sent", ["(NULL)", "(1), (NULL)"])
def test_nulls_are_refused(database: psycopg.Connection[Any], sent: str) -> None:
    query = sql.SQL(f"SELECT number::bigint FROM (VALUES {sent}) AS given (number)")  # noqa: S608  # our own
    with pytest.raises(UnexpectedNulls, match="number"):
        read_table(database, query, columns={"number": "bigint"})


def test_an_unsupported_type_is_refused(database: psycopg.Connection[Any]) -> None:
    with pytest.raises(psycopg.errors.UndefinedFunction):
        read_table(database, sql.SQL("SELECT 'one'::text AS number"), columns={"number": "bigint"})
