"""Every engine, behind one factory signature."""

import os
import uuid
from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any, Protocol

import psycopg
import pytest

from config.env import PREFIX
from matching.engine import InMemoryEngine
from matching.engine_contract import Engine
from matching.engine_postgres import PostgresEngine
from matching.oracle_sklearn import SklearnEngine
from matching.postgres_schema import create_tables
from matching.traits import TraitCatalogue


class Build(Protocol):
    """Builds an empty engine for keys of one type."""

    def __call__(self, catalogue: TraitCatalogue, *, keys: type = int) -> Engine: ...


def build_in_memory(catalogue: TraitCatalogue, *, keys: type = int) -> Engine:
    return InMemoryEngine(catalogue)


def build_oracle(catalogue: TraitCatalogue, *, keys: type = int) -> Engine:
    return SklearnEngine(catalogue)


IN_MEMORY: dict[str, Build] = {
    "scikit-learn": build_oracle,
    "memory": build_in_memory,
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
    """Each engine in turn."""
    if request.param == "postgres":
        build: Build = request.getfixturevalue("in_postgres")
        return build
    return IN_MEMORY[request.param]


@pytest.fixture(params=IN_MEMORY)
def in_memory(request: pytest.FixtureRequest) -> Build:
    """Each engine in turn except PostgreSQL, where creating tables is slow."""
    return IN_MEMORY[request.param]


@pytest.fixture
def every_build(in_postgres: Build) -> list[Build]:
    """All engines, the oracle first."""
    return [*IN_MEMORY.values(), in_postgres]
