"""A crowd at once on a whole Sameboat (`make load`): what holds for one person holds for all of them.

Nothing here says how fast a machine has to be; the figures are printed for whoever is curious.
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

WITHDRAWN_AFTER_SHARE = 0.4  # of the time
# A process that has warmed up may still keep a pool of connections or a larger buffer; a leak grows with the requests.
MAX_MEMORY_GROWTH_MB = 32


@dataclass
class Traffic:
    """What there was: the people, their book and the answers they got."""

    sameboat: Installation
    crowd: Crowd
    seconds: float
    started_at: float = 0.0
    observations: Observations = field(default_factory=Observations)
    response_log: ResponseLog = field(default_factory=ResponseLog)
    memory_before: dict[int, int] = field(default_factory=dict)
    memory_after: dict[int, int] = field(default_factory=dict)

    def run_scenarios(self, film: Callable[[], Path]) -> None:
        """Let everybody live at once, and return when the last one is through."""
        for guest in self.crowd.everyone:
            guest.response_log = self.response_log
        self.observations.register_viewers(self.crowd.viewers)
        self.started_at = time.monotonic()
        lives = list(self._scenarios(film, end=self.started_at + self.seconds))
        with ThreadPoolExecutor(max_workers=len(lives)) as pool:
            going_on = [pool.submit(life) for life in lives]
            wait_until(self.observations.has_every_viewer_finished_a_round)
            self.memory_before = web_process_memory(self.sameboat)
            for life in going_on:
                self._collect_failures(life)
        self.memory_after = web_process_memory(self.sameboat)

    def _scenarios(self, film: Callable[[], Path], *, end: float) -> Iterator[Callable[[], None]]:
        guests, book, doomed = self.crowd, self.observations, self.crowd.published[0]
        yield from (
            partial(run_viewer, ana, book, withdrawn_story=doomed, until=end) for ana in guests.viewers
        )
        yield from (partial(run_teller, bo, book, film=film, until=end) for bo in guests.tellers)
        for mo, beside in zip(guests.moderators, guests.moderators[1:] + guests.moderators[:1], strict=True):
            yield partial(run_moderator, mo, book, colleague=beside, until=end)
        at = end - self.seconds * (1 - WITHDRAWN_AFTER_SHARE)
        teller, watchers = guests.tellers[0], len(guests.viewers)
        yield partial(withdraw_story, teller, doomed, book, at=at, watchers=watchers)
        yield partial(exceed_rate_limit, guests.sam, book)

    def _collect_failures(self, life: "Future[None]") -> None:
        try:
            life.result()
        except (AssertionError, requests.RequestException) as trouble:
            self.response_log.failures.append(f"{type(trouble).__name__}: {trouble}")


def web_process_memory(sameboat: Installation) -> dict[int, int]:
    """Return the megabytes that each process of the web server holds in memory."""
    parent = sameboat.pid_of("web")
    assert parent is not None
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return {pid: _megabytes(pid) for pid in (parent, *map(int, children))}


def _megabytes(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) // 1024


def list_all_ids(person: LoadVisitor, path: str) -> list[str]:
    """Return the ids of a whole list, leaf by leaf."""
    found, cursor = [], ""
    while True:
        leaf = person.get(f"{path}?limit=50{cursor and f'&cursor={cursor}'}")
        found += [one["id"] for one in leaf["items"]]
        if leaf["next"] is None:
            return found
        cursor = quote(leaf["next"])


@pytest.fixture(scope="module")
def traffic(request: pytest.FixtureRequest) -> Iterator[Traffic]:
    seconds = float(request.config.getoption("--traffic-seconds"))
    with temporary_installation() as sameboat, recording_factory() as film:
        traffic = Traffic(sameboat, create_crowd(sameboat, ResponseLog(), film=film), seconds)
        traffic.run_scenarios(film)
        yield traffic


def test_everybody_gets_somewhere(traffic: Traffic, capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        sys.stdout.write(
            f"\n{traffic.response_log.latency_table(began=traffic.started_at, seconds=traffic.seconds)}\n"
        )
        sys.stdout.write(
            f"The web processes held {traffic.memory_before} MB, then {traffic.memory_after} MB.\n"
        )
    book = traffic.observations
    assert book.has_every_viewer_finished_a_round(), book.rounds_by_viewer
    assert all(book.stories_by_teller.values()), book.stories_by_teller
    assert book.decided


def test_nobody_meets_an_error_and_nobody_waits_for_ever(traffic: Traffic) -> None:
    assert traffic.response_log.failures == []
    assert traffic.response_log.server_errors() == []
    assert "Traceback" not in traffic.sameboat.paths.log_file("web").read_text(errors="replace")


def test_every_step_is_kept_once_however_often_its_button_was_pressed(traffic: Traffic) -> None:
    for ana in traffic.crowd.viewers:
        assert sorted(list_all_ids(ana, "/steps")) == sorted(
            traffic.observations.steps_by_viewer[ana.name]
        ), ana.name


def test_every_story_is_begun_once(traffic: Traffic) -> None:
    before = traffic.crowd.published + traffic.crowd.in_review
    kept = [story for bo in traffic.crowd.tellers for story in list_all_ids(bo, "/my/stories")]
    begun = [story for stories in traffic.observations.stories_by_teller.values() for story in stories]
    assert sorted(kept) == sorted(before + begun)


def test_every_story_is_decided_once_and_by_whoever_holds_it(traffic: Traffic) -> None:
    for mine, again, beside in traffic.observations.concurrent_decision_statuses:
        assert sorted((mine, again)) == [200, 409]
        assert beside in {409, 404}
    with psycopg.connect(traffic.sameboat.database_url) as connection:
        rows = connection.execute(
            "SELECT story_id::text, count(*) FROM moderation_decision GROUP BY 1"
        ).fetchall()
    decided = [story for story, _ in traffic.observations.decided] + traffic.crowd.published
    assert dict(rows) == Counter(decided)
    assert set(Counter(decided).values()) == {1}


def test_no_two_reviewers_hold_a_story_at_once(traffic: Traffic) -> None:
    by_story = defaultdict[str, list[ClaimInterval]](list)
    for hold in traffic.observations.claim_intervals:
        by_story[hold.story].append(hold)
    assert by_story
    for holds in by_story.values():
        for one, other in combinations(holds, 2):
            assert (
                one.reviewer == other.reviewer
                or one.ended_at <= other.started_at
                or other.ended_at <= one.started_at
            ), (one, other)


def test_a_story_that_is_taken_back_is_gone_for_everybody_at_that_moment(traffic: Traffic) -> None:
    began, done = traffic.observations.withdrawal_interval
    before = Counter(look.status for look in traffic.observations.visibility_checks if look.ended_at < began)
    after = Counter(look.status for look in traffic.observations.visibility_checks if look.started_at > done)
    assert set(before) == {200}
    assert set(after) == {404}


def test_who_hurries_is_turned_away_told_when_to_come_back_and_let_in_then(traffic: Traffic) -> None:
    refused = traffic.observations.rate_limited_response
    assert refused is not None
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert refused.json()["code"] == "too_many"
    assert traffic.observations.status_after_retry == 200


def test_nobody_else_is_turned_away_for_it(traffic: Traffic) -> None:
    turned_away = {
        answer.endpoint for answer in traffic.response_log.responses if answer.status == TOO_MANY_REQUESTS
    }
    assert turned_away == {"GET /api/v1/traits"}


def test_memory_does_not_grow_with_the_requests(traffic: Traffic) -> None:
    assert traffic.memory_before.keys() == traffic.memory_after.keys(), (
        "a process of the web server has ended meanwhile"
    )
    for pid, megabytes in traffic.memory_after.items():
        assert megabytes <= traffic.memory_before[pid] + MAX_MEMORY_GROWTH_MB


def test_what_was_handed_in_is_finished_and_the_trail_holds(traffic: Traffic) -> None:
    def jobs(state: str) -> int:
        with psycopg.connect(traffic.sameboat.database_url) as connection:
            found = connection.execute("SELECT count(*) FROM jobs_job WHERE state = %s", [state]).fetchone()
        assert found is not None
        return int(found[0])

    assert wait_until(lambda: jobs("waiting") + jobs("running") == 0)
    assert jobs("quarantined") == 0
    assert traffic.sameboat.fetch_http_status("/api/v1/ready") == 200
    assert "hold" in traffic.sameboat.run_manage_command("verify_audit")
