"""Timing that a busy machine distorts little, and a description of the machine."""

import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

WARM_UP_RUNS, REPEATS = 3, 5
PACKAGES = {
    "numpy": "numpy",
    "scikit-learn": "sklearn",
    "faiss-cpu": "faiss",
    "hnswlib": "hnswlib",
}


@dataclass(frozen=True)
class BenchmarkResult:
    """The times of one search; the field names are those of docs/benchmarks/matching.json.

    Attributes
    ----------
    world
        The number of stories, and whether the profiles are real.
    spent
        Milliseconds of each query: the fastest of several runs.
    recall
        The share of results that are among the true best.
    elapsed
        Whether times are wall-clock time, which other processes can only lengthen, instead of processor time.
    """

    world: str
    stories: int
    name: str
    spent: Sequence[float]
    recall: float | None = None
    elapsed: bool = False

    @property
    def median_ms(self) -> float:
        return float(np.median(self.spent))

    @property
    def minimum_ms(self) -> float:
        return float(np.min(self.spent))

    @property
    def p95_ms(self) -> float:
        return float(np.percentile(self.spent, 95))


def best_times_ms(
    search: Callable[[Any], object], queries: Sequence[Any], *, clock: Callable[[], float] = time.process_time
) -> list[float]:
    """Return the fastest of several runs of each query, in milliseconds, by default processor time of all threads.

    Other processes can only lengthen a run.
    """
    for query in queries[:WARM_UP_RUNS]:
        search(query)
    times_ms = []
    for query in queries:
        runs = []
        for _ in range(REPEATS):
            start = clock()
            search(query)
            runs.append(clock() - start)
        times_ms.append(min(runs) * 1_000)
    return times_ms


def package_versions() -> str:
    return ", ".join(f"{name} {version(name)}" for name in PACKAGES if find_spec(PACKAGES[name]))


def cpu_model() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text(encoding="utf-8").splitlines() if cpuinfo.exists() else []
    return next(
        (line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.machine()
    )


def print_line(line: str) -> None:
    print(line, flush=True)  # noqa: T201  # a command-line program
