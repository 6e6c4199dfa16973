"""What was asked for under load and what came of it, written down from many threads, and the figures of it."""

import math
import re
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import requests

AN_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
SERVER_ERROR = 500


@dataclass(frozen=True)
class Answer:
    """One answer: to what kind of request, its status, and the seconds until it began."""

    kind: str
    status: int
    seconds: float
    at: float


@dataclass
class Ledger:
    """Everything that was answered, and what was not. Appending to a list is safe from any thread."""

    answers: list[Answer] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)

    def note(self, answer: requests.Response) -> None:
        method, path = answer.request.method, urlsplit(answer.url).path
        kind = f"{method} {AN_ID.sub('…', path)}"
        took = answer.elapsed.total_seconds()
        self.answers.append(Answer(kind, answer.status_code, took, time.monotonic()))

    def faults(self) -> list[Answer]:
        return [answer for answer in self.answers if answer.status >= SERVER_ERROR]

    def table(self, *, began: float, seconds: float) -> str:
        """Return how many answers of each kind there were, and how long they took in milliseconds."""
        in_time = sum(answer.at <= began + seconds for answer in self.answers)
        by_kind = defaultdict[str, list[float]](list)
        for answer in self.answers:
            by_kind[answer.kind].append(answer.seconds)
        head = f"{'answers':>8} {'p50':>7} {'p95':>7} {'p99':>7} {'max':>7}  ms"
        lines = [_line(kind, took) for kind, took in sorted(by_kind.items())]
        everything = _line("everything", [answer.seconds for answer in self.answers])
        rate = f"{in_time / seconds:.1f} answers a second for {seconds:.0f} s"
        return "\n".join([head, *lines, everything, rate])


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that at least `share` of the values do not exceed."""
    ordered = sorted(values)
    return ordered[math.ceil(len(ordered) * share) - 1]


def _line(kind: str, seconds: Iterable[float]) -> str:
    took = [one * 1000 for one in seconds]
    figures = " ".join(f"{percentile(took, share):7.0f}" for share in (0.5, 0.95, 0.99, 1.0))
    return f"{len(took):8} {figures}  {kind}"
