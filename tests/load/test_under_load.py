"""Concurrent users on a complete installation (`make load`): invariants hold under load.

Latencies are printed, not asserted, because they depend on the machine.
"""

import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from itertools import combinations
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
import requests

from tests.installation import Installation, temporary_installation, wait_until
from tests.load.crowd import Crowd, LoadVisitor, create_crowd, recording_factory
from tests.load.response_log import ResponseLog
from tests.load.scenarios import (
    TOO_MANY_REQUESTS,
    ClaimInterval,
    Observations,
    exceed_rate_limit,
    run_moderator,
    run_teller,
    run_viewer,
    withdraw_story,
)

pytestmark = pytest.mark.load

WITHDRAWN_AFTER_SHARE = 0.4  # of the duration
# Allows for connection pools and buffers that grow after warm-up; a leak would grow with the number of requests.
MAX_MEMORY_GROWTH_MB = 32


@dataclass
class Traffic:
    """The users, their observations and the responses they got."""

    sameboat: Installation
    crowd: Crowd
    seconds: float
    started_at: float = 0.0
    observations: Observations = field(default_factory=Observations)
    response_log: ResponseLog = field(default_factory=ResponseLog)
    memory_before: dict[int, int] = field(default_factory=dict)
    memory_after: dict[int, int] = field(default_factory=dict)

    def run_scenarios(self, film: Callable[[], Path]) -> None:
        """Run all scenarios concurrently until the last one has finished."""
        for visitor in self.crowd.everyone:
            visitor.response_log = self.response_log
        self.observations.register_viewers(self.crowd.viewers)
        self.started_at = time.monotonic()
        scenarios = list(self._scenarios(film, end=self.started_at + self.seconds))
        with ThreadPoolExecutor(max_workers=len(scenarios)) as pool:
            futures = [pool.submit(scenario) for scenario in scenarios]
            wait_until(self.observations.has_every_viewer_finished_a_round)
            self.memory_before = web_process_memory(self.sameboat)
            for future in futures:
                self._collect_failures(future)
        self.memory_after = web_process_memory(self.sameboat)

    def _scenarios(self, film: Callable[[], Path], *, end: float) -> Iterator[Callable[[], None]]:
        crowd, observations, withdrawn_story = self.crowd, self.observations, self.crowd.published[0]
        yield from (
            partial(run_viewer, ana, observations, withdrawn_story=withdrawn_story, deadline=end)
            for ana in crowd.viewers
        )
        yield from (partial(run_teller, bo, observations, film=film, deadline=end) for bo in crowd.tellers)
        for mo, colleague in zip(crowd.moderators, crowd.moderators[1:] + crowd.moderators[:1], strict=True):
            yield partial(run_moderator, mo, observations, colleague=colleague, deadline=end)
        withdraw_at = end - self.seconds * (1 - WITHDRAWN_AFTER_SHARE)
        teller, watchers = crowd.tellers[0], len(crowd.viewers)
        yield partial(
            withdraw_story, teller, withdrawn_story, observations, withdraw_at=withdraw_at, watchers=watchers
        )
        yield partial(exceed_rate_limit, crowd.sam, observations)

    def _collect_failures(self, future: "Future[None]") -> None:
        try:
            future.result()
        except (AssertionError, requests.RequestException) as error:
            self.response_log.failures.append(f"{type(error).__name__}: {error}")


def web_process_memory(sameboat: Installation) -> dict[int, int]:
    """Resident memory in MB of each web server process, by pid."""
    parent = sameboat.pid_of("web")
    assert parent is not None
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return {pid: _megabytes(pid) for pid in (parent, *map(int, children))}


def _megabytes(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) // 1024


def list_all_ids(person: LoadVisitor, path: str) -> list[str]:
    """Follows the pagination to the end."""
    ids, cursor = [], ""
    while True:
        page = person.get(f"{path}?limit=50{cursor and f'&cursor={cursor}'}")
        ids += [item["id"] for item in page["items"]]
        if page["next"] is None:
            return ids
        cursor = quote(page["next"])


@pytest.fixture(scope="module")
def traffic(request: pytest.FixtureRequest) -> Iterator[Traffic]:
    seconds = float(request.config.getoption("--traffic-seconds"))
    with temporary_installation() as sameboat, recording_factory() as film:
        traffic = Traffic(sameboat, create_crowd(sameboat, ResponseLog(), film=film), seconds)
        traffic.run_scenarios(film)
        yield traffic


def test_every_user_completes_a_round(traffic: Traffic, capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        sys.stdout.write(
            f"\n{traffic.response_log.latency_table(started_at=traffic.started_at, seconds=traffic.seconds)}\n"
        )
        sys.stdout.write(
            f"Memory of the web processes: {traffic.memory_before} MB before, {traffic.memory_after} MB after.\n"
        )
    observations = traffic.observations
    assert observations.has_every_viewer_finished_a_round(), observations.rounds_by_viewer
    assert all(observations.stories_by_teller.values()), observations.stories_by_teller
    assert observations.decided


def test_no_request_fails(traffic: Traffic) -> None:
    assert traffic.response_log.failures == []
    assert traffic.response_log.server_errors() == []
    assert "Traceback" not in traffic.sameboat.paths.log_file("web").read_text(errors="replace")


def test_concurrent_duplicate_requests_create_one_step(traffic: Traffic) -> None:
    for ana in traffic.crowd.viewers:
        assert sorted(list_all_ids(ana, "/steps")) == sorted(
            traffic.observations.steps_by_viewer[ana.name]
        ), ana.name


def test_concurrent_duplicate_requests_create_one_draft(traffic: Traffic) -> None:
    before = traffic.crowd.published + traffic.crowd.in_review
    stored = [story for bo in traffic.crowd.tellers for story in list_all_ids(bo, "/my/stories")]
    created = [story for stories in traffic.observations.stories_by_teller.values() for story in stories]
    assert sorted(stored) == sorted(before + created)


def test_every_story_has_one_decision_by_the_claim_holder(traffic: Traffic) -> None:
    for first_status, second_status, colleague_status in traffic.observations.concurrent_decision_statuses:
        assert sorted((first_status, second_status)) == [200, 409]
        assert colleague_status in {409, 404}
    with psycopg.connect(traffic.sameboat.database_url) as connection:
        rows = connection.execute(
            "SELECT story_id::text, count(*) FROM moderation_decision GROUP BY 1"
        ).fetchall()
    decided = [story for story, _ in traffic.observations.decided] + traffic.crowd.published
    assert dict(rows) == Counter(decided)
    assert set(Counter(decided).values()) == {1}


def test_claims_on_a_story_never_overlap(traffic: Traffic) -> None:
    by_story = defaultdict[str, list[ClaimInterval]](list)
    for interval in traffic.observations.claim_intervals:
        by_story[interval.story].append(interval)
    assert by_story
    for intervals in by_story.values():
        for first, second in combinations(intervals, 2):
            assert (
                first.reviewer == second.reviewer
                or first.ended_at <= second.started_at
                or second.ended_at <= first.started_at
            ), (first, second)


def test_a_withdrawn_story_disappears_for_everyone_immediately(traffic: Traffic) -> None:
    started_at, finished_at = traffic.observations.withdrawal_interval
    before = Counter(
        check.status for check in traffic.observations.visibility_checks if check.ended_at < started_at
    )
    after = Counter(
        check.status for check in traffic.observations.visibility_checks if check.started_at > finished_at
    )
    assert set(before) == {200}
    assert set(after) == {404}


def test_rate_limited_requests_succeed_after_retry_after(traffic: Traffic) -> None:
    response = traffic.observations.rate_limited_response
    assert response is not None
    assert 1 <= int(response.headers["Retry-After"]) <= 60
    assert response.json()["code"] == "too_many"
    assert traffic.observations.status_after_retry == 200


def test_rate_limiting_affects_only_the_offending_address(traffic: Traffic) -> None:
    limited_endpoints = {
        response.endpoint
        for response in traffic.response_log.responses
        if response.status == TOO_MANY_REQUESTS
    }
    assert limited_endpoints == {"GET /api/v1/traits"}


def test_web_processes_do_not_leak_memory(traffic: Traffic) -> None:
    assert traffic.memory_before.keys() == traffic.memory_after.keys(), (
        "a web server process was restarted during the test"
    )
    for pid, megabytes in traffic.memory_after.items():
        assert megabytes <= traffic.memory_before[pid] + MAX_MEMORY_GROWTH_MB


def test_all_jobs_finish_and_the_audit_trail_is_intact(traffic: Traffic) -> None:
    def jobs(state: str) -> int:
        with psycopg.connect(traffic.sameboat.database_url) as connection:
            row = connection.execute("SELECT count(*) FROM jobs_job WHERE state = %s", [state]).fetchone()
        assert row is not None
        return int(row[0])

    assert wait_until(lambda: jobs("waiting") + jobs("running") == 0)
    assert jobs("quarantined") == 0
    assert traffic.sameboat.fetch_http_status("/api/v1/ready") == 200
    assert "intact" in traffic.sameboat.run_manage_command("verify_audit")
