"""What was asked for under load and what came of it, written down from many threads, and the figures of it."""

import math
import re
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import requests

UUID_PATTERN = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
SERVER_ERROR = 500


@dataclass(frozen=True)
class ResponseRecord:
    """One answer: to what kind of request, its status, and the seconds until it began."""

    endpoint: str
    status: int
    seconds: float
    received_at: float


@dataclass
class ResponseLog:
    """Everything that was answered, and what was not. Appending to a list is safe from any thread."""

    responses: list[ResponseRecord] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def record_response(self, answer: requests.Response) -> None:
        method, path = answer.request.method, urlsplit(answer.url).path
        kind = f"{method} {UUID_PATTERN.sub('…', path)}"
        took = answer.elapsed.total_seconds()
        self.responses.append(ResponseRecord(kind, answer.status_code, took, time.monotonic()))

    def server_errors(self) -> list[ResponseRecord]:
        return [answer for answer in self.responses if answer.status >= SERVER_ERROR]

    def latency_table(self, *, began: float, seconds: float) -> str:
        """Return how many answers of each kind there were, and how long they took in milliseconds."""
        in_time = sum(answer.received_at <= began + seconds for answer in self.responses)
        by_kind = defaultdict[str, list[float]](list)
        for answer in self.responses:
            by_kind[answer.endpoint].append(answer.seconds)
        head = f"{'answers':>8} {'p50':>7} {'p95':>7} {'p99':>7} {'max':>7}  ms"
        lines = [_line(kind, took) for kind, took in sorted(by_kind.items())]
        everything = _line("everything", [answer.seconds for answer in self.responses])
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
