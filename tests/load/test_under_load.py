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

from tests.installation import Installation, own_installation, until
from tests.load.guests import Guest, Guests, arrive, films
from tests.load.ledger import Ledger
from tests.load.lives import TOO_MANY, Book, Hold, find, hurry, moderate, take_back, tell_on

pytestmark = pytest.mark.load

WITHDRAWN_AFTER = 0.4  # of the time
# A process that has warmed up may still keep a pool of connections or a larger buffer; a leak grows with the requests.
MEGABYTES_MORE = 32


@dataclass
class Traffic:
    """What there was: the people, their book and the answers they got."""

    sameboat: Installation
    guests: Guests
    seconds: float
    began: float = 0.0
    book: Book = field(default_factory=Book)
    ledger: Ledger = field(default_factory=Ledger)
    warm: dict[int, int] = field(default_factory=dict)
    worn: dict[int, int] = field(default_factory=dict)

    def run(self, film: Callable[[], Path]) -> None:
        """Let everybody live at once, and return when the last one is through."""
        for guest in self.guests.everybody:
            guest.ledger = self.ledger
        self.book.expect(self.guests.viewers)
        self.began = time.monotonic()
        lives = list(self._lives(film, end=self.began + self.seconds))
        with ThreadPoolExecutor(max_workers=len(lives)) as pool:
            going_on = [pool.submit(life) for life in lives]
            until(self.book.everybody_was_round)
            self.warm = memory_of_the_pages(self.sameboat)
            for life in going_on:
                self._see_out(life)
        self.worn = memory_of_the_pages(self.sameboat)

    def _lives(self, film: Callable[[], Path], *, end: float) -> Iterator[Callable[[], None]]:
        guests, book, doomed = self.guests, self.book, self.guests.published[0]
        yield from (partial(find, ana, book, doomed=doomed, until=end) for ana in guests.viewers)
        yield from (partial(tell_on, bo, book, film=film, until=end) for bo in guests.tellers)
        for mo, beside in zip(guests.moderators, guests.moderators[1:] + guests.moderators[:1], strict=True):
            yield partial(moderate, mo, book, beside=beside, until=end)
        at = end - self.seconds * (1 - WITHDRAWN_AFTER)
        teller, watchers = guests.tellers[0], len(guests.viewers)
        yield partial(take_back, teller, doomed, book, at=at, watchers=watchers)
        yield partial(hurry, guests.sam, book)

    def _see_out(self, life: "Future[None]") -> None:
        try:
            life.result()
        except (AssertionError, requests.RequestException) as trouble:
            self.ledger.troubles.append(f"{type(trouble).__name__}: {trouble}")


def memory_of_the_pages(sameboat: Installation) -> dict[int, int]:
    """Return the megabytes that each process of the web server holds in memory."""
    parent = sameboat.pid_of("web")
    assert parent is not None
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return {pid: _megabytes(pid) for pid in (parent, *map(int, children))}


def _megabytes(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) // 1024


def everything_in(person: Guest, path: str) -> list[str]:
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
    with own_installation() as sameboat, films() as film:
        traffic = Traffic(sameboat, arrive(sameboat, Ledger(), film=film), seconds)
        traffic.run(film)
        yield traffic


def test_everybody_gets_somewhere(traffic: Traffic, capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        sys.stdout.write(f"\n{traffic.ledger.table(began=traffic.began, seconds=traffic.seconds)}\n")
        sys.stdout.write(f"The web processes held {traffic.warm} MB, then {traffic.worn} MB.\n")
    book = traffic.book
    assert book.everybody_was_round(), book.rounds
    assert all(book.begun.values()), book.begun
    assert book.decided


def test_nobody_meets_an_error_and_nobody_waits_for_ever(traffic: Traffic) -> None:
    assert traffic.ledger.troubles == []
    assert traffic.ledger.faults() == []
    assert "Traceback" not in traffic.sameboat.place.log_of("web").read_text(errors="replace")


def test_every_step_is_kept_once_however_often_its_button_was_pressed(traffic: Traffic) -> None:
    for ana in traffic.guests.viewers:
        assert sorted(everything_in(ana, "/steps")) == sorted(traffic.book.steps[ana.name]), ana.name


def test_every_story_is_begun_once(traffic: Traffic) -> None:
    before = traffic.guests.published + traffic.guests.waiting
    kept = [story for bo in traffic.guests.tellers for story in everything_in(bo, "/my/stories")]
    begun = [story for stories in traffic.book.begun.values() for story in stories]
    assert sorted(kept) == sorted(before + begun)


def test_every_story_is_decided_once_and_by_whoever_holds_it(traffic: Traffic) -> None:
    for mine, again, beside in traffic.book.decisions_at_once:
        assert sorted((mine, again)) == [200, 409]
        assert beside in {409, 404}
    with psycopg.connect(traffic.sameboat.database_url) as connection:
        rows = connection.execute(
            "SELECT story_id::text, count(*) FROM moderation_decision GROUP BY 1"
        ).fetchall()
    decided = [story for story, _ in traffic.book.decided] + traffic.guests.published
    assert dict(rows) == Counter(decided)
    assert set(Counter(decided).values()) == {1}


def test_no_two_reviewers_hold_a_story_at_once(traffic: Traffic) -> None:
    by_story = defaultdict[str, list[Hold]](list)
    for hold in traffic.book.holds:
        by_story[hold.story].append(hold)
    assert by_story
    for holds in by_story.values():
        for one, other in combinations(holds, 2):
            assert one.by == other.by or one.until <= other.since or other.until <= one.since, (one, other)


def test_a_story_that_is_taken_back_is_gone_for_everybody_at_that_moment(traffic: Traffic) -> None:
    began, done = traffic.book.taken_back
    before = Counter(look.status for look in traffic.book.looks if look.ended < began)
    after = Counter(look.status for look in traffic.book.looks if look.began > done)
    assert set(before) == {200}
    assert set(after) == {404}


def test_who_hurries_is_turned_away_told_when_to_come_back_and_let_in_then(traffic: Traffic) -> None:
    refused = traffic.book.turned_away
    assert refused is not None
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert refused.json()["code"] == "too_many"
    assert traffic.book.let_in_again == 200


def test_nobody_else_is_turned_away_for_it(traffic: Traffic) -> None:
    turned_away = {answer.kind for answer in traffic.ledger.answers if answer.status == TOO_MANY}
    assert turned_away == {"GET /api/v1/traits"}


def test_memory_does_not_grow_with_the_requests(traffic: Traffic) -> None:
    assert traffic.warm.keys() == traffic.worn.keys(), "a process of the web server has ended meanwhile"
    for pid, megabytes in traffic.worn.items():
        assert megabytes <= traffic.warm[pid] + MEGABYTES_MORE


def test_what_was_handed_in_is_finished_and_the_trail_holds(traffic: Traffic) -> None:
    def jobs(state: str) -> int:
        with psycopg.connect(traffic.sameboat.database_url) as connection:
            found = connection.execute("SELECT count(*) FROM jobs_job WHERE state = %s", [state]).fetchone()
        assert found is not None
        return int(found[0])

    assert until(lambda: jobs("waiting") + jobs("running") == 0)
    assert jobs("quarantined") == 0
    assert traffic.sameboat.status_of("/api/v1/ready") == 200
    assert "hold" in traffic.sameboat.manage("verify_audit")
