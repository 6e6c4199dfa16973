"""Exact search inside PostgreSQL, for an index that has outgrown one machine's memory, or that no process should hold.

The same codes stand in a table, one column a trait, partitioned by challenge; a query sends one small array a trait, and
PostgreSQL adds up look-ups, sorts and limits. Sets are coded by their members, so any process may write and any may read,
a replica too. How many tellers gave each answer is kept beside, in the same transactions.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any
from uuid import UUID

import numpy as np
from psycopg import Connection, sql
from psycopg.pq import TransactionStatus

from matching.engines.asked import Compared, compare, ranking
from matching.engines.codes import Codes, mask_book
from matching.engines.contract import (
    GRID,
    TURN,
    Among,
    Key,
    KeyMissing,
    KeyTaken,
    MixedKeys,
    Ranking,
    Selection,
    check_k,
)
from matching.engines.fetching import Table, fetch
from matching.engines.schema import KEY_TYPES, code_column, code_types, tally_of
from matching.similarity import WeightedQuery
from matching.traits.catalogue import Answers, TraitCatalogue

Connect = Callable[[], AbstractContextManager[Connection[Any]]]
Row = tuple[Any, ...]


class PostgresEngine:
    """Exact search in a table (see `matching.engines.contract.Engine` for what it promises).

    Parameters
    ----------
    catalogue
        The traits.
    connect
        Gives a connection for the length of a `with`: a pool's `connection`, or `psycopg.connect` with its address.
    table
        The name that `create_tables` was given.
    keys
        The type of the keys.
    beside
        The columns that the table has beside, as `create_tables` was given them.
    challenge
        Where to add, and what to search in; None searches everywhere and adds to challenge 0. What is expected of an
        unanswered trait is taken over all challenges in either case.
    """

    def __init__(
        self,
        catalogue: TraitCatalogue,
        connect: Connect,
        *,
        table: str,
        keys: type = UUID,
        beside: Mapping[str, str] | None = None,
        challenge: int | None = None,
    ) -> None:
        self._catalogue = catalogue
        self._connect = connect
        self._name = table
        self._kind = keys
        self._beside = dict(beside or {})
        self._challenge = challenge
        self._traits = tuple(trait.key for trait in catalogue)
        self._book = mask_book(catalogue)
        self._table = sql.Identifier(table)
        self._columns = [code_column(number) for number in range(len(catalogue))]
        self._here = sql.SQL("TRUE" if challenge is None else f"challenge = {int(challenge)}")

    def within(self, challenge: int) -> "PostgresEngine":
        """Give the same index, kept to one challenge."""
        return PostgresEngine(
            self._catalogue,
            self._connect,
            table=self._name,
            keys=self._kind,
            beside=self._beside,
            challenge=challenge,
        )

    def __len__(self) -> int:
        with self._connect() as connection:
            counted = self._ask(connection, "SELECT count(*) FROM {table} WHERE {here}", ())
        return int(counted[0][0])

    def __contains__(self, key: object) -> bool:
        if type(key) is not self._kind:
            return False
        with self._connect() as connection:
            found = self._ask(connection, "SELECT 1 FROM {table} WHERE {here} AND key = %s", (key,))
        return bool(found)

    def add(
        self, keys: Sequence[Key], answers: Sequence[Answers], *, beside: Sequence[Row] | None = None
    ) -> None:
        """Append (see the contract); `beside` are the values of the columns beside, for an index that has any."""
        for key in keys:
            if type(key) is not self._kind:
                raise MixedKeys(key, self._kind)
        codes = self._book.encode(answers)
        with self._connect() as connection, connection.transaction():
            self._lock(connection)
            taken = {
                row[0]
                for row in self._ask(connection, "SELECT key FROM {table} WHERE key = ANY(%s)", (list(keys),))
            }
            for key in keys:
                if key in taken:
                    raise KeyTaken(key)
                taken.add(key)
            self._enter(connection, keys, codes, beside=beside or [()] * len(keys))

    def remove(self, key: Key) -> None:
        with self._connect() as connection, connection.transaction():
            self._lock(connection)
            self._take(connection, key)

    def replace(self, key: Key, answers: Answers) -> None:
        codes = self._book.encode([answers])
        with self._connect() as connection, connection.transaction():
            self._lock(connection)
            challenge, *beside = self._take(connection, key)
            self._enter(connection, [key], codes, beside=[beside], challenge=challenge)

    def select(self, keys: Collection[Key]) -> Selection:
        return Selection(keys)

    def search(self, query: WeightedQuery, *, k: int, among: Among = None) -> Ranking:
        check_k(k)
        with self._moment() as connection:
            compared = self._compare(connection, query)
            found = self._nearest(connection, compared, k, among)
        codes = np.array([row[2:] for row in found], dtype=np.intp).reshape(len(found), len(compared.columns))
        return ranking(
            compared,
            (compared.similarities[compared.starts + codes], codes > 0),
            keys=tuple(row[0] for row in found),
            grid=np.array([row[1] for row in found], dtype=np.int64),
            traits=self._traits,
        )

    def everybody(
        self, *, among: Collection[Key] | None = None, scored: WeightedQuery | None = None
    ) -> Table:
        """Give whole rows, in no order: `challenge`, `key`, the columns beside and each trait's code, for UUID or int.

        With a query, their `score` on the grid comes first.
        """
        codes = {f"t{number}": kind for number, kind in enumerate(code_types(self._catalogue))}
        columns = {"challenge": "bigint", "key": KEY_TYPES[self._kind], **self._beside, **codes}
        asked = sql.SQL("SELECT {score}{} FROM {} WHERE {} AND {}")
        names = sql.SQL(", ").join(map(sql.Identifier, columns))
        chosen = sql.SQL("TRUE" if among is None else "key = ANY(%s)")
        keys = [] if among is None else [list(among)]
        if scored is None:
            with self._connect() as connection:
                plain = asked.format(names, self._table, self._here, chosen, score=sql.SQL(""))
                return fetch(connection, plain, columns=columns, values=keys)
        with self._moment() as connection:
            score, tables = self._score(self._compare(connection, scored))
            first = sql.SQL("{} AS score, ").format(score)
            ranked = asked.format(names, self._table, self._here, chosen, score=first)
            return fetch(connection, ranked, columns={"score": "bigint", **columns}, values=[*tables, *keys])

    # Reading

    @contextmanager
    def _moment(self) -> Iterator[Connection[Any]]:
        """Let several questions see one moment; within a transaction of the caller's, that is for the caller to decide.

        Compiling the sum would take PostgreSQL longer than adding up.
        """
        with self._connect() as connection:
            own = connection.info.transaction_status == TransactionStatus.IDLE
            with connection.transaction():
                if own:
                    connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
                connection.execute("SET LOCAL jit = off")
                yield connection

    def _compare(self, connection: Connection[Any], query: WeightedQuery) -> Compared:
        wanted = [self._book.columns[trait] for trait in query.weights]
        told = self._ask(
            connection,
            "SELECT trait, code, tellers FROM {tally} WHERE trait = ANY(%s) AND tellers > 0",
            (wanted,),
        )
        rooms = np.array(self._book.rooms, dtype=np.int64)
        starts = np.cumsum(rooms) - rooms
        tally = np.zeros(rooms.sum())
        for trait, code, tellers in told:
            tally[starts[trait] + code] = tellers
        answered = np.add.reduceat(tally, starts)
        return compare(query, book=self._book, tally=tally, answered=answered, starts=starts)

    def _nearest(self, connection: Connection[Any], compared: Compared, k: int, among: Among) -> list[Row]:
        score, tables = self._score(compared)
        codes = [self._columns[column] for column in compared.columns.tolist()]
        asked = sql.SQL(
            "SELECT key, {score} AS score{codes} FROM {table} WHERE {here} AND {chosen}"
            " ORDER BY score DESC, key LIMIT %s"
        ).format(
            score=score,
            codes=sql.SQL("").join(sql.SQL(", {}").format(code) for code in codes),
            table=self._table,
            here=self._here,
            chosen=sql.SQL("TRUE" if among is None else "key = ANY(%s)"),
        )
        keys = [] if among is None else [[key for key in among if type(key) is self._kind]]
        return connection.execute(asked, [*tables, *keys, k]).fetchall()

    def _score(self, compared: Compared) -> tuple[sql.Composable, list[list[float]]]:
        """Give the expression of a row's score on the grid, and what it looks up: an array for each compared trait."""
        tables = [
            (share * compared.similarities[start : start + self._book.books[column].room]).tolist()
            for column, share, start in zip(
                compared.columns.tolist(), compared.shares.tolist(), compared.starts.tolist(), strict=True
            )
        ]
        looked_up = [
            sql.SQL("(%s::float8[])[{} + 1]").format(self._columns[column])
            for column in compared.columns.tolist()
        ]
        score = sql.SQL("floor(({sum})::float8 * {grid} + {turn}::float8)::bigint").format(
            sum=sql.SQL(" + ").join(looked_up) if looked_up else sql.SQL("0"),
            grid=sql.Literal(GRID),
            turn=sql.Literal(TURN),
        )
        return score, tables

    def _ask(self, connection: Connection[Any], query: str, values: Sequence[object]) -> list[Row]:
        asked = sql.SQL(query).format(table=self._table, tally=tally_of(self._name), here=self._here)
        return connection.execute(asked, values).fetchall()

    # Writing, each in a transaction of its own

    def _lock(self, connection: Connection[Any]) -> None:
        """Let writers wait for each other: two of them must not count or take the same key."""
        connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (self._name,))

    def _enter(
        self,
        connection: Connection[Any],
        keys: Sequence[Key],
        codes: Codes,
        *,
        beside: Sequence[Sequence[object]],
        challenge: int | None = None,
    ) -> None:
        where = (self._challenge or 0) if challenge is None else challenge
        names = [*map(sql.Identifier, ("challenge", "key", *self._beside)), *self._columns]
        asked = sql.SQL("COPY {} ({}) FROM STDIN").format(self._table, sql.SQL(", ").join(names))
        with connection.cursor() as cursor, cursor.copy(asked) as copy:
            for key, more, row in zip(keys, beside, codes.tolist(), strict=True):
                copy.write_row((where, key, *more, *row))
        self._count(connection, codes, sign=1)

    def _take(self, connection: Connection[Any], key: Key) -> Row:
        """Delete a key's row; give its challenge and what stood beside."""
        if type(key) is not self._kind:
            raise KeyMissing(key)
        names = [*map(sql.Identifier, ("challenge", *self._beside)), *self._columns]
        asked = sql.SQL("DELETE FROM {} WHERE key = %s AND {} RETURNING {}").format(
            self._table, self._here, sql.SQL(", ").join(names)
        )
        gone: Row | None = connection.execute(asked, (key,)).fetchone()
        if gone is None:
            raise KeyMissing(key)
        kept = 1 + len(self._beside)
        self._count(connection, np.array([gone[kept:]], dtype=np.uint16), sign=-1)
        return gone[:kept]

    def _count(self, connection: Connection[Any], codes: Codes, *, sign: int) -> None:
        counted: list[tuple[int, int, int]] = []
        for column in range(codes.shape[1]):
            given, times = np.unique(codes[:, column], return_counts=True)
            told = zip(given.tolist(), times.tolist(), strict=True)
            counted.extend((column, code, sign * times) for code, times in told if code)
        asked = sql.SQL(
            "INSERT INTO {tally} AS tally SELECT * FROM unnest(%s::int[], %s::int[], %s::bigint[])"
            " ON CONFLICT (trait, code) DO UPDATE SET tellers = tally.tellers + EXCLUDED.tellers"
        ).format(tally=tally_of(self._name))
        connection.execute(asked, [list(part) for part in zip(*counted, strict=True)] or [[], [], []])
