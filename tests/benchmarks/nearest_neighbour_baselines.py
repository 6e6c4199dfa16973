"""Other nearest-neighbour searches on the same data: one vector per teller, whose inner product with the query is the score.

Each is skipped if it is not installed (`pyproject.toml`, extra `bench`) or would take too much memory or time.
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
SearchFunction = Callable[[Vectors, int], Rows]

# Approximate searches return this many candidates, which are then ranked by exact score.
RERANK_CANDIDATES = 200
MAX_DENSE_ROWS = 150_000
MAX_GRAPH_ROWS = 150_000
MAX_PGVECTOR_ROWS = 60_000


@dataclass(frozen=True)
class Baseline:
    """A search that takes a query vector and k and returns rows; searches in another process are timed by wall clock."""

    name: str
    search: SearchFunction
    clock: Callable[[], float] = time.process_time


def missing_packages() -> list[str]:
    return [name for name in ("faiss", "hnswlib", "matplotlib") if find_spec(name) is None]


def build_baselines(onehot: csr_array, *, names: Sequence[str] | None = None) -> Iterator[Baseline]:
    """Build the named baselines that are installed and feasible for `onehot`, shape (tellers, values), and scikit-learn."""
    selected = set(names) if names is not None else {"faiss", "hnswlib", "pgvector"}
    brute = NearestNeighbors(algorithm="brute", metric="euclidean").fit(onehot)
    yield Baseline(
        "scikit-learn, brute", lambda query, k: brute.kneighbors(csr_array(query[None, :]), k)[1][0]
    )
    count = onehot.shape[0]
    if "faiss" in selected and find_spec("faiss") and count <= MAX_DENSE_ROWS:
        yield from _faiss(onehot, graph=count <= MAX_GRAPH_ROWS)
    if "hnswlib" in selected and find_spec("hnswlib") and count <= MAX_GRAPH_ROWS:
        yield _hnswlib(onehot)
    if "pgvector" in selected and DATABASE_URL_VARIABLE in os.environ and count <= MAX_PGVECTOR_ROWS:
        yield from _pgvector(onehot)


def _faiss(onehot: csr_array, *, graph: bool) -> Iterator[Baseline]:
    faiss = import_module("faiss")
    faiss.omp_set_num_threads(1)
    dense = onehot.toarray().astype(np.float32)
    flat = faiss.IndexFlatIP(dense.shape[1])
    flat.add(dense)
    yield Baseline("faiss, flat", lambda query, k: flat.search(query[None, :], k)[1][0])
    if graph:
        graph_index = faiss.IndexHNSWFlat(dense.shape[1], 32, faiss.METRIC_INNER_PRODUCT)
        graph_index.hnsw.efSearch = RERANK_CANDIDATES
        graph_index.add(dense)
        search = _with_exact_reranking(onehot, lambda query, k: graph_index.search(query[None, :], k)[1][0])
        yield Baseline("faiss, HNSW", search)


def _hnswlib(onehot: csr_array) -> Baseline:
    hnswlib = import_module("hnswlib")
    index: Any = hnswlib.Index(space="ip", dim=onehot.shape[1])
    index.init_index(max_elements=onehot.shape[0], ef_construction=200, M=32, random_seed=1)
    index.add_items(onehot.toarray().astype(np.float32), num_threads=1)
    index.set_ef(RERANK_CANDIDATES)
    search = _with_exact_reranking(
        onehot, lambda query, k: index.knn_query(query[None, :], k, num_threads=1)[0][0]
    )
    return Baseline("hnswlib", search)


def _pgvector(onehot: csr_array) -> Iterator[Baseline]:
    """Search by inner product in pgvector: exactly, and by its HNSW graph."""
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

        def search(query: Vectors, k: int) -> Rows:
            nonzero = np.flatnonzero(query)
            rows = connection.execute(
                "SELECT row FROM teller ORDER BY answers <#> %s::sparsevec LIMIT %s",
                (_sparsevec_literal(nonzero, query[nonzero], width), k),
            )
            return np.array([row for (row,) in rows.fetchall()], dtype=np.int64)

        yield Baseline("pgvector, exact", search, time.perf_counter)
        connection.execute("SET maintenance_work_mem = '1GB'; SET max_parallel_maintenance_workers = 0")
        connection.execute("CREATE INDEX ON teller USING hnsw (answers sparsevec_ip_ops) WITH (m = 32)")
        connection.execute(f"SET hnsw.ef_search = {RERANK_CANDIDATES}; SET enable_seqscan = off")
        yield Baseline("pgvector, HNSW", _with_exact_reranking(onehot, search), time.perf_counter)


def _sparsevec_literal(columns: NDArray[Any], values: Vectors, width: int) -> str:
    entries = zip(columns.tolist(), values.tolist(), strict=True)
    return "{" + ",".join(f"{column + 1}:{value}" for column, value in entries) + "}/" + str(width)


def _with_exact_reranking(onehot: csr_array, search: SearchFunction) -> SearchFunction:
    def rerank(query: Vectors, k: int) -> Rows:
        rows = np.asarray(search(query, min(RERANK_CANDIDATES, onehot.shape[0])), dtype=np.int64)
        return rows[np.argsort(-(onehot[rows] @ query), kind="stable")[:k]]

    return rerank
