"""Records the responses under load and summarises their latencies."""

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
    """`seconds` is the time to the response headers; `received_at` is monotonic time."""

    endpoint: str
    status: int
    seconds: float
    received_at: float


@dataclass
class ResponseLog:
    """Thread-safe, because it only appends to lists."""

    responses: list[ResponseRecord] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def record_response(self, response: requests.Response) -> None:
        method, path = response.request.method, urlsplit(response.url).path
        endpoint = f"{method} {UUID_PATTERN.sub('…', path)}"
        seconds = response.elapsed.total_seconds()
        self.responses.append(ResponseRecord(endpoint, response.status_code, seconds, time.monotonic()))

    def server_errors(self) -> list[ResponseRecord]:
        return [response for response in self.responses if response.status >= SERVER_ERROR]

    def latency_table(self, *, started_at: float, seconds: float) -> str:
        """Number of responses per endpoint, and latency percentiles in milliseconds."""
        completed_in_time = sum(response.received_at <= started_at + seconds for response in self.responses)
        seconds_by_endpoint = defaultdict[str, list[float]](list)
        for response in self.responses:
            seconds_by_endpoint[response.endpoint].append(response.seconds)
        header = f"{'count':>8} {'p50':>7} {'p95':>7} {'p99':>7} {'max':>7}  ms"
        lines = [
            _latency_row(endpoint, seconds_taken)
            for endpoint, seconds_taken in sorted(seconds_by_endpoint.items())
        ]
        total_row = _latency_row("all", [response.seconds for response in self.responses])
        rate = f"{completed_in_time / seconds:.1f} responses per second for {seconds:.0f} s"
        return "\n".join([header, *lines, total_row, rate])


def percentile(values: Sequence[float], share: float) -> float:
    """Nearest-rank percentile; `share` is between 0 and 1."""
    ordered = sorted(values)
    return ordered[math.ceil(len(ordered) * share) - 1]


def _latency_row(endpoint: str, seconds: Iterable[float]) -> str:
    milliseconds = [value * 1000 for value in seconds]
    percentiles = " ".join(f"{percentile(milliseconds, share):7.0f}" for share in (0.5, 0.95, 0.99, 1.0))
    return f"{len(milliseconds):8} {percentiles}  {endpoint}"
