"""What everybody does while the crowd is there, each over and over until the time is up."""

import random
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import requests

from tests.journeys.three_people import CHALLENGE, tell
from tests.journeys.visitor import TIMEOUT_SECONDS
from tests.load.guests import Guest, all_at_once, silently, status_of

PAUSE_SECONDS = 0.4  # a person reads between two clicks, and nobody may ask more than five times a second
LONGEST_WINDOW = 60.0  # rates are counted by the minute
# On a slow machine the time is up before everybody came to their point; then they go on this much longer.
GRACE_SECONDS = 240.0
TOO_MANY = 429


@dataclass(frozen=True)
class Look:
    """One look at the story that is taken back while people watch it."""

    began: float
    ended: float
    status: int


@dataclass(frozen=True)
class Hold:
    """A time during which a reviewer was sure to hold a story."""

    story: str
    by: str
    since: float
    until: float


@dataclass
class Book:
    """What people did, as they themselves saw it."""

    rounds: dict[str, int] = field(default_factory=dict)
    steps: dict[str, list[str]] = field(default_factory=dict)
    begun: dict[str, list[str]] = field(default_factory=dict)
    looks: list[Look] = field(default_factory=list)
    holds: list[Hold] = field(default_factory=list)
    decided: list[tuple[str, str]] = field(default_factory=list)
    decisions_at_once: list[list[int]] = field(default_factory=list)
    taken_back: tuple[float, float] = (0.0, 0.0)
    turned_away: requests.Response | None = None
    let_in_again: int = 0

    def expect(self, viewers: Sequence[Guest]) -> None:
        """Rule a line for each viewer."""
        self.rounds = {ana.name: 0 for ana in viewers}
        self.steps = {ana.name: [] for ana in viewers}

    def everybody_was_round(self) -> bool:
        return all(self.rounds.values())

    def is_over(self, until: float, *, done: bool) -> bool:
        """Tell whether somebody may go: the time is up and they came to their point, or waited for it too long."""
        now = time.monotonic()
        return now >= until and (done or now >= until + GRACE_SECONDS)


def find(ana: Guest, book: Book, *, doomed: str, until: float) -> None:
    """Rate, look at the slate, watch, keep, commit to a step; and read every list on the way."""
    ladder = ana.get(f"/challenges/{CHALLENGE}")["rungs"]
    ratings = {str(rung["position"]): 30 for rung in ladder}
    ana.put("/profile", {"traits": {"age": 35, "work_pattern": "nights"}, "matters": {"work_pattern": 4}})
    gone = False
    while not book.is_over(until, done=gone):
        ana.post(f"/challenges/{CHALLENGE}/readings", {"moment": "before", "ratings": ratings})
        _rest()
        slate = ana.get(f"/challenges/{CHALLENGE}/slate")
        _watch(ana, [item["story"]["id"] for item in slate["items"]], doomed=doomed)
        gone = _look_at(ana, doomed, book)
        book.steps[ana.name].append(_commit_twice_at_once(ana))
        for path in ("/stories", "/steps", "/my/saved", f"/challenges/{CHALLENGE}"):
            _rest()
            ana.get(path)
        for page in ("/", f"/challenges/{CHALLENGE}/stories/", "/my-steps/"):
            _rest()
            assert ana.fetch(page).ok
        book.rounds[ana.name] += 1


def tell_on(bo: Guest, book: Book, *, film: Callable[[], Path], until: float) -> None:
    """Tell one story after the other, each begun by two clicks at once."""
    begun = book.begun.setdefault(bo.name, [])
    while time.monotonic() < until:
        key, draft = secrets.token_hex(16), {"challenge": CHALLENGE, "title": "Begun by two clicks"}
        one, other = all_at_once([partial(bo.post, "/stories", draft, key=key)] * 2)
        assert one["id"] == other["id"]
        begun.append(one["id"])
        begun.append(tell(bo, film(), say=silently))


def moderate(mo: Guest, book: Book, *, beside: Guest, until: float) -> None:
    """Take what is next and give it back, or decide; a colleague tries to decide in one's place."""
    items = [item["key"] for item in mo.get("/review/rubric")["items"]]
    while not book.is_over(until, done=bool(book.decided)):
        _rest()
        held = mo.post("/review/claim")
        if held is None:
            continue
        since, story = time.monotonic(), held["story"]["id"]
        _rest()
        if random.random() < 0.5:  # noqa: S311  # no secret hangs on it
            book.holds.append(Hold(story, mo.name, since, time.monotonic()))
            mo.post(f"/review/{story}/release", {"claim_token": held["claim_token"]})
        else:
            book.holds.append(Hold(story, mo.name, since, time.monotonic()))
            _decide_all_at_once(mo, beside, held, items, book)


def take_back(bo: Guest, story: str, book: Book, *, at: float, watchers: int) -> None:
    """Withdraw a story in the middle of everything, once as many as that have looked at it."""
    while not book.is_over(at, done=len(book.looks) >= watchers):
        time.sleep(0.05)
    began = time.monotonic()
    bo.post(f"/stories/{story}/withdraw")
    book.taken_back = (began, time.monotonic())


def hurry(sam: Guest, book: Book) -> None:
    """Ask without a pause until one is turned away; come back when one was told to."""
    deadline = time.monotonic() + 2 * LONGEST_WINDOW
    while time.monotonic() < deadline:
        answers = all_at_once([partial(sam.look, "/api/v1/traits")] * 4)
        book.turned_away = next((answer for answer in answers if answer.status_code == TOO_MANY), None)
        if book.turned_away is not None:
            break
    assert book.turned_away is not None, "nobody was turned away within two minutes"
    time.sleep(min(float(book.turned_away.headers["Retry-After"]), LONGEST_WINDOW) + 1)
    book.let_in_again = sam.look("/api/v1/traits").status_code


def _rest() -> None:
    time.sleep(random.uniform(0.5, 1.5) * PAUSE_SECONDS)  # noqa: S311  # no secret hangs on it


def _watch(ana: Guest, stories: list[str], *, doomed: str) -> None:
    """Watch one story of a slate, but the one that may be gone in the midst of it."""
    lasting = [story for story in stories if story != doomed]
    if not lasting:
        return
    story = random.choice(lasting)  # noqa: S311  # no secret hangs on it
    _rest()
    told = ana.get(f"/stories/{story}")
    assert ana.look(told["playlist"]).ok
    poster = ana.look(f"/watch/{story}/hls/poster.jpg")
    assert requests.get(poster.headers["Location"], timeout=TIMEOUT_SECONDS).ok, (
        "a signed address has to lead to bytes"
    )
    _rest()
    viewing = ana.post("/viewings", {"story": story})
    ana.patch(f"/viewings/{viewing['id']}", {"like_me": 8, "furthest_ms": 11_000})
    _rest()
    ana.put(f"/stories/{story}/saved", {"saved": True})


def _look_at(ana: Guest, story: str, book: Book) -> bool:
    """Ask for a story and its recording; tell whether both are gone."""
    statuses = []
    for path in (f"/api/v1/stories/{story}", f"/watch/{story}/hls/master.m3u8"):
        _rest()
        began = time.monotonic()
        status = ana.look(path).status_code
        book.looks.append(Look(began, time.monotonic(), status))
        statuses.append(status)
    return statuses == [404, 404]


def _commit_twice_at_once(ana: Guest) -> str:
    """Press the button twice: both answers name the same step."""
    step, key = {"challenge": CHALLENGE, "text": "Write the first line", "rung": 1}, secrets.token_hex(16)
    one, other = all_at_once([partial(ana.post, "/steps", step, key=key)] * 2)
    assert one["id"] == other["id"]
    return str(one["id"])


def _decide_all_at_once(mo: Guest, beside: Guest, held: Any, items: list[str], book: Book) -> None:
    """Send a decision twice, and once more in a colleague's name, at the same moment."""
    story = held["story"]["id"]
    review = {
        "verdict": "approve",
        "claim_token": held["claim_token"],
        "seen": held["story"]["version"],
        "content_hash": held["story"]["content_hash"],
        "rubric": dict.fromkeys(items, "yes"),
    }
    send = [partial(person.post, f"/review/{story}/decision", review) for person in (mo, mo, beside)]
    statuses = all_at_once([partial(status_of, act) for act in send])
    book.decisions_at_once.append(statuses)
    book.decided += [(story, mo.name)] * statuses[:2].count(200)
    book.decided += [(story, beside.name)] * statuses[2:].count(200)
