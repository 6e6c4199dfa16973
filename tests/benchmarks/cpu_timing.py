"""How time is taken, so that a busy machine does not blur it, and what is said about the machine."""

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
    """What one way of ranking took.

    Attributes
    ----------
    world
        Among whom: the number of stories, and whether the profiles are real.
    spent
        Milliseconds of each query: the least of several runs.
    recall
        Which share of the truth it found.
    elapsed
        Whether it is time on the clock, which others on the machine can only lengthen, and not processor time.
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
    """Give the least time of several runs of each query, by default processor time of all threads, in milliseconds.

    Whoever else is at work only ever adds to it.
    """
    for query in queries[:WARM_UP_RUNS]:
        search(query)
    spent = []
    for query in queries:
        runs = []
        for _ in range(REPEATS):
            start = clock()
            search(query)
            runs.append(clock() - start)
        spent.append(min(runs) * 1_000)
    return spent


def package_versions() -> str:
    return ", ".join(f"{name} {version(name)}" for name in PACKAGES if find_spec(PACKAGES[name]))


def cpu_model() -> str:
    described = Path("/proc/cpuinfo")
    lines = described.read_text(encoding="utf-8").splitlines() if described.exists() else []
    return next(
        (line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.machine()
    )


def print_line(line: str) -> None:
    print(line, flush=True)  # noqa: T201  # a command that reports to a terminal
