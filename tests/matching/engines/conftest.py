"""Every engine there is, behind one way of making it."""

import os
import uuid
from collections.abc import Iterator
from contextlib import nullcontext
from functools import partial
from typing import Any, Protocol

import psycopg
import pytest

from config.env import PREFIX
from matching.engines.contract import Engine
from matching.engines.postgres import PostgresEngine
from matching.engines.reference import SklearnEngine
from matching.engines.scan import ScanEngine
from matching.engines.schema import create_tables
from matching.engines.searching import PLAIN, Search, load_search
from matching.traits.catalogue import TraitCatalogue


class Build(Protocol):
    """Makes an empty engine for keys of one type."""

    def __call__(self, catalogue: TraitCatalogue, *, keys: type = int) -> Engine: ...


def build_scan(catalogue: TraitCatalogue, *, keys: type = int, search: Search) -> Engine:
    return ScanEngine(catalogue, search=search)


def build_oracle(catalogue: TraitCatalogue, *, keys: type = int) -> Engine:
    return SklearnEngine(catalogue)


IN_MEMORY: dict[str, Build] = {
    "scikit-learn": build_oracle,
    "numpy": partial(build_scan, search=PLAIN),
    "numba": partial(build_scan, search=load_search()),
}


@pytest.fixture(scope="session")
def database() -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(os.environ[f"{PREFIX}DATABASE_URL"], autocommit=True) as connection:
        yield connection


@pytest.fixture
def in_postgres(database: psycopg.Connection[Any]) -> Iterator[Build]:
    tables = []

    def build(catalogue: TraitCatalogue, *, keys: type = int) -> PostgresEngine:
        name = f"codes_{uuid.uuid4().hex}"
        create_tables(database, catalogue, table=name, keys=keys)
        tables.extend([name, f"{name}_tally"])
        return PostgresEngine(catalogue, lambda: nullcontext(database), table=name, keys=keys)

    yield build
    for name in tables:
        database.execute(psycopg.sql.SQL("DROP TABLE {}").format(psycopg.sql.Identifier(name)))


@pytest.fixture(params=[*IN_MEMORY, "postgres"])
def build(request: pytest.FixtureRequest) -> Build:
    """One engine after the other."""
    if request.param == "postgres":
        chosen: Build = request.getfixturevalue("in_postgres")
        return chosen
    return IN_MEMORY[request.param]


@pytest.fixture(params=IN_MEMORY)
def in_memory(request: pytest.FixtureRequest) -> Build:
    """One engine after the other, but not PostgreSQL, which takes its time to make tables."""
    return IN_MEMORY[request.param]


@pytest.fixture
def every_build(in_postgres: Build) -> list[Build]:
    """All engines at once, the oracle first."""
    return [*IN_MEMORY.values(), in_postgres]
