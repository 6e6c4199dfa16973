"""Rows of fixed width, fetched whole: the same values as one by one, and nothing else taken for them."""

from typing import Any
from uuid import UUID

import numpy as np
import psycopg
import pytest
from psycopg import sql

from matching.engines.fetching import UnexpectedNulls, fetch

COLUMNS = {"who": "uuid", "small": "smallint", "large": "bigint", "sure": "boolean", "share": "float8"}
# One ends in zeros, which numpy leaves away.
PEOPLE = [UUID(int=1), UUID(int=2**120), UUID(int=2**128 - 1)]


def values(of: str) -> sql.Composable:
    return sql.SQL(f"SELECT * FROM (VALUES {of}) AS given (who, small, large, sure, share)")  # noqa: S608  # our own


def test_every_type_comes_back_as_it_was(database: psycopg.Connection[Any]) -> None:
    rows = fetch(
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


def test_nobody_there_is_an_empty_table(database: psycopg.Connection[Any]) -> None:
    nobody = sql.SQL("SELECT 1::bigint AS number WHERE FALSE")
    assert len(fetch(database, nobody, columns={"number": "bigint"})) == 0


def test_values_take_their_places(database: psycopg.Connection[Any]) -> None:
    asked = sql.SQL("SELECT number::bigint FROM unnest(%s::bigint[]) AS number WHERE number > %s")
    rows = fetch(database, asked, columns={"number": "bigint"}, values=[[1, 2, 3], 1])
    assert rows["number"].tolist() == [2, 3]


def test_columns_keep_together_when_several_processes_read(database: psycopg.Connection[Any]) -> None:
    with database.transaction(force_rollback=True):
        database.execute(
            "CREATE TABLE wide AS SELECT number::bigint, (number % 1000)::smallint AS rest"
            " FROM generate_series(1, 100000) AS number"
        )
        for setting in ("parallel_setup_cost", "parallel_tuple_cost", "min_parallel_table_scan_size"):
            database.execute(f"SET LOCAL {setting} = 0")
        asked = sql.SQL("SELECT * FROM wide")
        plan = database.execute("EXPLAIN SELECT string_agg(int8send(number), '') FROM wide").fetchall()
        assert "Gather" in str(plan)
        rows = fetch(database, asked, columns={"number": "bigint", "rest": "smallint"})
    assert len(np.unique(rows["number"])) == 100_000
    assert (rows["number"] % 1000 == rows["rest"]).all()


@pytest.mark.parametrize("sent", ["(NULL)", "(1), (NULL)"])
def test_nulls_are_not_passed_over(database: psycopg.Connection[Any], sent: str) -> None:
    asked = sql.SQL(f"SELECT number::bigint FROM (VALUES {sent}) AS given (number)")  # noqa: S608  # our own
    with pytest.raises(UnexpectedNulls, match="number"):
        fetch(database, asked, columns={"number": "bigint"})


def test_another_type_is_refused(database: psycopg.Connection[Any]) -> None:
    with pytest.raises(psycopg.errors.UndefinedFunction):
        fetch(database, sql.SQL("SELECT 'one'::text AS number"), columns={"number": "bigint"})
