"""Exact search inside PostgreSQL, for an index that is too large for the memory of one process.

Codes are in a table partitioned by challenge, one column per trait. A query sends one array per compared trait; PostgreSQL
sums the look-ups, sorts and limits. A second table counts the tellers with each code, in the same transactions.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any
from uuid import UUID

import numpy as np
from psycopg import Connection, sql
from psycopg.pq import TransactionStatus

from matching.bulk_read import Table, read_table
from matching.codes import Codes, QueryTables, codebook_for, expected_similarities, query_tables
from matching.engine_contract import (
    GRID,
    ROUNDING_OFFSET,
    Among,
    Floats,
    Key,
    KeyMissing,
    KeyTaken,
    MixedKeys,
    Ranking,
    from_grid,
    require_valid_k,
)
from matching.postgres_schema import KEY_TYPES, code_columns, counts_table
from matching.similarity import WeightedQuery
from matching.traits import Answers, TraitCatalogue

Connect = Callable[[], AbstractContextManager[Connection[Any]]]
Row = tuple[Any, ...]


class PostgresEngine:
    """Exact nearest neighbours in a table (see `matching.engine_contract.Engine`).

    Parameters
    ----------
    connect
        Returns a context manager of a connection: a pool's `connection`, or `psycopg.connect` with its address.
    table, keys, extra_columns
        As for `create_tables`.
    challenge
        Adds to and searches this challenge; None searches all and adds to challenge 0. The expected similarity of an
        unanswered trait is the mean over all challenges in either case.
    """

    def __init__(
        self,
        catalogue: TraitCatalogue,
        connect: Connect,
        *,
        table: str,
        keys: type = UUID,
        extra_columns: Mapping[str, str] | None = None,
        challenge: int | None = None,
    ) -> None:
        self._catalogue = catalogue
        self._connect = connect
        self._name = table
        self._kind = keys
        self._extra_columns = dict(extra_columns or {})
        self._challenge = challenge
        self._codebook = codebook_for(catalogue)
        self._code_columns = code_columns(catalogue)
        self._names = {
            "table": sql.Identifier(table),
            "counts": counts_table(table),
            "here": sql.SQL("TRUE" if challenge is None else f"challenge = {int(challenge)}"),
        }

    def within(self, challenge: int) -> "PostgresEngine":
        return PostgresEngine(
            self._catalogue,
            self._connect,
            table=self._name,
            keys=self._kind,
            extra_columns=self._extra_columns,
            challenge=challenge,
        )

    def __len__(self) -> int:
        with self._connect() as connection:
            return int(self._fetch(connection, "SELECT count(*) FROM {table} WHERE {here}")[0][0])

    def __contains__(self, key: object) -> bool:
        if type(key) is not self._kind:
            return False
        with self._connect() as connection:
            return bool(self._fetch(connection, "SELECT 1 FROM {table} WHERE {here} AND key = %s", key))

    def add(
        self, keys: Sequence[Key], answers: Sequence[Answers], *, extra: Sequence[Row] | None = None
    ) -> None:
        """Append; `extra` has the values of the extra columns, one tuple per key."""
        for key in keys:
            if type(key) is not self._kind:
                raise MixedKeys(key, self._kind)
        codes = self._codebook.encode(answers)
        with self._connect() as connection, connection.transaction():
            self._lock_writers(connection)
            present = self._fetch(connection, "SELECT key FROM {table} WHERE key = ANY(%s)", list(keys))
            taken = {key for (key,) in present}
            for key in keys:
                if key in taken:
                    raise KeyTaken(key)
                taken.add(key)
            self._insert(connection, keys, codes, extra=extra or [()] * len(keys))

    def remove(self, key: Key) -> None:
        with self._connect() as connection, connection.transaction():
            self._lock_writers(connection)
            self._delete(connection, key)

    def replace(self, key: Key, answers: Answers) -> None:
        codes = self._codebook.encode([answers])
        with self._connect() as connection, connection.transaction():
            self._lock_writers(connection)
            challenge, *extra = self._delete(connection, key)
            self._insert(connection, [key], codes, extra=[extra], challenge=challenge)

    def search(self, query: WeightedQuery, *, k: int, among: Among = None) -> Ranking:
        require_valid_k(k)
        keys = None if among is None else [key for key in among if type(key) is self._kind]
        with self._snapshot() as connection:
            tables = self._tables(connection, query)
            score, arrays = self._score(tables)
            rows = self._fetch(
                connection,
                "SELECT key, {score} AS score{codes} FROM {table} WHERE {here} AND {filter}"
                " ORDER BY score DESC, key LIMIT %s",
                *arrays,
                *([] if keys is None else [keys]),
                k,
                score=score,
                codes=sql.SQL("").join(
                    sql.SQL(", {}").format(sql.Identifier(f"t{column}")) for column in tables.columns
                ),
                filter=sql.SQL("TRUE" if keys is None else "key = ANY(%s)"),
            )
        return tables.ranking(
            tuple(row[0] for row in rows),
            from_grid(np.array([row[1] for row in rows], dtype=np.int64)),
            np.array([row[2:] for row in rows], dtype=np.intp).reshape(len(rows), len(tables.columns)),
        )

    def read_rows(self, *, among: Collection[Key] | None = None, query: WeightedQuery | None = None) -> Table:
        """Return whole rows, unordered: `challenge`, `key`, the extra columns and the codes; for keys of UUID or int.

        With a query, their `score` in steps of the grid is the first column.
        """
        columns = {"challenge": "bigint", "key": KEY_TYPES[self._kind], **self._extra_columns}
        columns |= self._code_columns
        names = sql.SQL(", ").join(map(sql.Identifier, columns))
        parameters: list[object] = [] if among is None else [list(among)]
        select = sql.SQL("SELECT {score}{names} FROM {table} WHERE {here} AND {filter}")
        filters = sql.SQL("TRUE" if among is None else "key = ANY(%s)")
        with self._snapshot() as connection:
            score: sql.Composable = sql.SQL("")
            if query is not None:
                sums, arrays = self._score(self._tables(connection, query))
                score, parameters = sql.SQL("{} AS score, ").format(sums), [*arrays, *parameters]
                columns = {"score": "bigint", **columns}
            select_rows = select.format(score=score, names=names, filter=filters, **self._names)
            return read_table(connection, select_rows, columns=columns, parameters=parameters)

    @contextmanager
    def _snapshot(self) -> Iterator[Connection[Any]]:
        """Let several statements see one snapshot; inside a caller's transaction, the caller sets the isolation level."""
        with self._connect() as connection:
            outermost = connection.info.transaction_status == TransactionStatus.IDLE
            with connection.transaction():
                if outermost:
                    connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
                # Compiling the sum would take PostgreSQL longer than computing it.
                connection.execute("SET LOCAL jit = off")
                yield connection

    def _tables(self, connection: Connection[Any], query: WeightedQuery) -> QueryTables:
        columns = [self._codebook.columns[trait] for trait in query.weights]
        counts = {column: np.zeros(self._codebook.sizes[column]) for column in columns}
        for column, code, tellers in self._fetch(
            connection, "SELECT trait, code, tellers FROM {counts} WHERE trait = ANY(%s)", columns
        ):
            counts[column][code] = tellers

        def similarity_table(column: int, code: int) -> Floats | None:
            return expected_similarities(self._codebook.similarities(column, code), counts[column])

        return query_tables(query, self._codebook, similarity_table)

    def _score(self, tables: QueryTables) -> tuple[sql.Composable, list[list[float]]]:
        """Return the expression of a row's score in steps of the grid, and its parameters: an array per trait."""
        weighted = zip(tables.shares.tolist(), tables.similarities, strict=True)
        arrays = [(share * similarities).tolist() for share, similarities in weighted]
        look_ups = [
            sql.SQL("(%s::float8[])[{} + 1]").format(sql.Identifier(f"t{column}"))
            for column in tables.columns
        ]
        score = sql.SQL("floor(({sum})::float8 * {grid} + {offset}::float8)::bigint").format(
            sum=sql.SQL(" + ").join(look_ups) if look_ups else sql.SQL("0"),
            grid=sql.Literal(GRID),
            offset=sql.Literal(ROUNDING_OFFSET),
        )
        return score, arrays

    def _fetch(
        self, connection: Connection[Any], query: str, *parameters: object, **parts: sql.Composable
    ) -> list[Row]:
        return connection.execute(sql.SQL(query).format(**self._names, **parts), parameters).fetchall()

    def _lock_writers(self, connection: Connection[Any]) -> None:
        """Let one writer at a time check keys and update counts."""
        connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (self._name,))

    def _insert(
        self,
        connection: Connection[Any],
        keys: Sequence[Key],
        codes: Codes,
        *,
        extra: Sequence[Sequence[object]],
        challenge: int | None = None,
    ) -> None:
        target = (self._challenge or 0) if challenge is None else challenge
        columns = map(sql.Identifier, ("challenge", "key", *self._extra_columns, *self._code_columns))
        statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
            self._names["table"], sql.SQL(", ").join(columns)
        )
        with connection.cursor() as cursor, cursor.copy(statement) as copy:
            for key, values, row in zip(keys, extra, codes.tolist(), strict=True):
                copy.write_row((target, key, *values, *row))
        self._update_counts(connection, codes, sign=1)

    def _delete(self, connection: Connection[Any], key: Key) -> Row:
        """Delete a key's row; return its challenge and extra columns."""
        if type(key) is not self._kind:
            raise KeyMissing(key)
        columns = map(sql.Identifier, ("challenge", *self._extra_columns, *self._code_columns))
        deleted = self._fetch(
            connection,
            "DELETE FROM {table} WHERE key = %s AND {here} RETURNING {columns}",
            key,
            columns=sql.SQL(", ").join(columns),
        )
        if not deleted:
            raise KeyMissing(key)
        [row] = deleted
        first_code = 1 + len(self._extra_columns)
        self._update_counts(connection, np.array([row[first_code:]], dtype=np.uint16), sign=-1)
        return row[:first_code]

    def _update_counts(self, connection: Connection[Any], codes: Codes, *, sign: int) -> None:
        changes: list[tuple[int, int, int]] = []
        for column in range(codes.shape[1]):
            distinct, counts = np.unique(codes[:, column], return_counts=True)
            counted = zip(distinct.tolist(), counts.tolist(), strict=True)
            changes.extend((column, code, sign * count) for code, count in counted if code)
        statement = sql.SQL(
            "INSERT INTO {counts} AS counts SELECT * FROM unnest(%s::int[], %s::int[], %s::bigint[])"
            " ON CONFLICT (trait, code) DO UPDATE SET tellers = counts.tellers + EXCLUDED.tellers"
        ).format(**self._names)
        connection.execute(statement, [list(part) for part in zip(*changes, strict=True)] or [[], [], []])
