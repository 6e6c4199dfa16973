"""Others who find neighbours, given the same question: a vector for each teller, whose inner product with the query's is the score.

Each is left out where it is not installed (`pyproject.toml`, extra `bench`), or where it would take more memory or patience than
anybody has.
"""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np
import psycopg
from numpy.typing import NDArray
from scipy.sparse import csr_array
from sklearn.neighbors import NearestNeighbors

from config.env import PREFIX

DATABASE_URL_VARIABLE = f"{PREFIX}DATABASE_URL"
Vectors = NDArray[np.float32]
Rows = NDArray[np.int64]
Ask = Callable[[Vectors, int], Rows]

# Approximate ones find so many, of which the best by exact score are kept.
RERANK_CANDIDATES = 200
MAX_DENSE_ROWS = 150_000
MAX_GRAPH_ROWS = 150_000
MAX_PGVECTOR_ROWS = 60_000


@dataclass(frozen=True)
class Baseline:
    """One way of finding neighbours: `ask` takes a query's vector and k, and gives rows.

    One that works in another process is timed by the clock on the wall.
    """

    name: str
    ask: Ask
    clock: Callable[[], float] = time.process_time


def missing_packages() -> list[str]:
    return [name for name in ("faiss", "hnswlib", "matplotlib") if find_spec(name) is None]


def build_baselines(onehot: csr_array, *, names: Sequence[str] | None = None) -> Iterator[Baseline]:
    """Make those that are wanted, installed and bear so many tellers; `onehot` has shape (tellers, values).

    scikit-learn is always among them, as the reference.
    """
    asked = set(names) if names is not None else {"faiss", "hnswlib", "pgvector"}
    brute = NearestNeighbors(algorithm="brute", metric="euclidean").fit(onehot)
    yield Baseline(
        "scikit-learn, brute", lambda query, k: brute.kneighbors(csr_array(query[None, :]), k)[1][0]
    )
    count = onehot.shape[0]
    if "faiss" in asked and find_spec("faiss") and count <= MAX_DENSE_ROWS:
        yield from _faiss(onehot, graph=count <= MAX_GRAPH_ROWS)
    if "hnswlib" in asked and find_spec("hnswlib") and count <= MAX_GRAPH_ROWS:
        yield _hnswlib(onehot)
    if "pgvector" in asked and DATABASE_URL_VARIABLE in os.environ and count <= MAX_PGVECTOR_ROWS:
        yield from _pgvector(onehot)


def _faiss(onehot: csr_array, *, graph: bool) -> Iterator[Baseline]:
    faiss = import_module("faiss")
    faiss.omp_set_num_threads(1)
    dense = onehot.toarray().astype(np.float32)
    flat = faiss.IndexFlatIP(dense.shape[1])
    flat.add(dense)
    yield Baseline("faiss, flat", lambda query, k: flat.search(query[None, :], k)[1][0])
    if graph:
        linked = faiss.IndexHNSWFlat(dense.shape[1], 32, faiss.METRIC_INNER_PRODUCT)
        linked.hnsw.efSearch = RERANK_CANDIDATES
        linked.add(dense)
        ask = _with_exact_reranking(onehot, lambda query, k: linked.search(query[None, :], k)[1][0])
        yield Baseline("faiss, HNSW", ask)


def _hnswlib(onehot: csr_array) -> Baseline:
    hnswlib = import_module("hnswlib")
    index: Any = hnswlib.Index(space="ip", dim=onehot.shape[1])
    index.init_index(max_elements=onehot.shape[0], ef_construction=200, M=32, random_seed=1)
    index.add_items(onehot.toarray().astype(np.float32), num_threads=1)
    index.set_ef(RERANK_CANDIDATES)
    ask = _with_exact_reranking(
        onehot, lambda query, k: index.knn_query(query[None, :], k, num_threads=1)[0][0]
    )
    return Baseline("hnswlib", ask)


def _pgvector(onehot: csr_array) -> Iterator[Baseline]:
    """Ask PostgreSQL's pgvector for the nearest by inner product: exactly, and by its graph."""
    with psycopg.connect(os.environ[DATABASE_URL_VARIABLE], autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_available_extensions WHERE name = 'vector'").fetchone():
            return
        width = onehot.shape[1]
        connection.execute("CREATE EXTENSION IF NOT EXISTS vector")
        connection.execute(f"CREATE TEMP TABLE teller (row integer, answers sparsevec({width}))")
        with connection.cursor() as cursor, cursor.copy("COPY teller FROM STDIN") as copy:
            for row in range(onehot.shape[0]):
                start, end = onehot.indptr[row : row + 2]
                copy.write_row(
                    (row, _sparsevec_literal(onehot.indices[start:end], onehot.data[start:end], width))
                )

        def ask(query: Vectors, k: int) -> Rows:
            there = np.flatnonzero(query)
            found = connection.execute(
                "SELECT row FROM teller ORDER BY answers <#> %s::sparsevec LIMIT %s",
                (_sparsevec_literal(there, query[there], width), k),
            )
            return np.array([row for (row,) in found.fetchall()], dtype=np.int64)

        yield Baseline("pgvector, exact", ask, time.perf_counter)
        connection.execute("SET maintenance_work_mem = '1GB'; SET max_parallel_maintenance_workers = 0")
        connection.execute("CREATE INDEX ON teller USING hnsw (answers sparsevec_ip_ops) WITH (m = 32)")
        connection.execute(f"SET hnsw.ef_search = {RERANK_CANDIDATES}; SET enable_seqscan = off")
        yield Baseline("pgvector, HNSW", _with_exact_reranking(onehot, ask), time.perf_counter)


def _sparsevec_literal(places: NDArray[Any], values: Vectors, width: int) -> str:
    named = zip(places.tolist(), values.tolist(), strict=True)
    return "{" + ",".join(f"{place + 1}:{value}" for place, value in named) + "}/" + str(width)


def _with_exact_reranking(onehot: csr_array, ask: Ask) -> Ask:
    def exact_among(query: Vectors, k: int) -> Rows:
        rows = np.asarray(ask(query, min(RERANK_CANDIDATES, onehot.shape[0])), dtype=np.int64)
        return rows[np.argsort(-(onehot[rows] @ query), kind="stable")[:k]]

    return exact_among
