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

from tests.journeys.tell_review_find import CHALLENGE, tell_story
from tests.journeys.visitor import REQUEST_TIMEOUT_SECONDS
from tests.load.crowd import LoadVisitor, discard_line, response_status_of, run_concurrently

PAUSE_SECONDS = 0.4  # a person reads between two clicks, and nobody may ask more than five times a second
LONGEST_WINDOW = 60.0  # rates are counted by the minute
# On a slow machine the time is up before everybody came to their point; then they go on this much longer.
GRACE_SECONDS = 240.0
TOO_MANY_REQUESTS = 429


@dataclass(frozen=True)
class VisibilityCheck:
    """One look at the story that is taken back while people watch it."""

    started_at: float
    ended_at: float
    status: int


@dataclass(frozen=True)
class ClaimInterval:
    """A time during which a reviewer was sure to hold a story."""

    story: str
    reviewer: str
    started_at: float
    ended_at: float


@dataclass
class Observations:
    """What people did, as they themselves saw it."""

    rounds_by_viewer: dict[str, int] = field(default_factory=dict)
    steps_by_viewer: dict[str, list[str]] = field(default_factory=dict)
    stories_by_teller: dict[str, list[str]] = field(default_factory=dict)
    visibility_checks: list[VisibilityCheck] = field(default_factory=list)
    claim_intervals: list[ClaimInterval] = field(default_factory=list)
    decided: list[tuple[str, str]] = field(default_factory=list)
    concurrent_decision_statuses: list[list[int]] = field(default_factory=list)
    withdrawal_interval: tuple[float, float] = (0.0, 0.0)
    rate_limited_response: requests.Response | None = None
    status_after_retry: int = 0

    def register_viewers(self, viewers: Sequence[LoadVisitor]) -> None:
        """Rule a line for each viewer."""
        self.rounds_by_viewer = {ana.name: 0 for ana in viewers}
        self.steps_by_viewer = {ana.name: [] for ana in viewers}

    def has_every_viewer_finished_a_round(self) -> bool:
        return all(self.rounds_by_viewer.values())

    def may_stop(self, until: float, *, done: bool) -> bool:
        """Tell whether somebody may go: the time is up and they came to their point, or waited for it too long."""
        now = time.monotonic()
        return now >= until and (done or now >= until + GRACE_SECONDS)


def run_viewer(ana: LoadVisitor, observations: Observations, *, withdrawn_story: str, until: float) -> None:
    """Rate, look at the slate, watch, keep, commit to a step; and read every list on the way."""
    ladder = ana.get(f"/challenges/{CHALLENGE}")["rungs"]
    ratings = {str(rung["position"]): 30 for rung in ladder}
    ana.put("/profile", {"traits": {"age": 35, "work_pattern": "nights"}, "matters": {"work_pattern": 4}})
    gone = False
    while not observations.may_stop(until, done=gone):
        ana.post(f"/challenges/{CHALLENGE}/readings", {"moment": "before", "ratings": ratings})
        _pause()
        slate = ana.get(f"/challenges/{CHALLENGE}/slate")
        _watch_one_story(ana, [item["story"]["id"] for item in slate["items"]], doomed=withdrawn_story)
        gone = _check_visibility(ana, withdrawn_story, observations)
        observations.steps_by_viewer[ana.name].append(_create_step_twice_concurrently(ana))
        for path in ("/stories", "/steps", "/my/saved", f"/challenges/{CHALLENGE}"):
            _pause()
            ana.get(path)
        for page in ("/", f"/challenges/{CHALLENGE}/stories/", "/my-steps/"):
            _pause()
            assert ana.fetch_page(page).ok
        observations.rounds_by_viewer[ana.name] += 1


def run_teller(
    bo: LoadVisitor, observations: Observations, *, film: Callable[[], Path], until: float
) -> None:
    """Tell one story after the other, each begun by two clicks at once."""
    begun = observations.stories_by_teller.setdefault(bo.name, [])
    while time.monotonic() < until:
        key, draft = secrets.token_hex(16), {"challenge": CHALLENGE, "title": "Begun by two clicks"}
        one, other = run_concurrently([partial(bo.post, "/stories", draft, key=key)] * 2)
        assert one["id"] == other["id"]
        begun.append(one["id"])
        begun.append(tell_story(bo, film(), print_line=discard_line))


def run_moderator(
    mo: LoadVisitor, observations: Observations, *, colleague: LoadVisitor, until: float
) -> None:
    """Take what is next and give it back, or decide; a colleague tries to decide in one's place."""
    items = [item["key"] for item in mo.get("/review/rubric")["items"]]
    while not observations.may_stop(until, done=bool(observations.decided)):
        _pause()
        held = mo.post("/review/claim")
        if held is None:
            continue
        since, story = time.monotonic(), held["story"]["id"]
        _pause()
        if random.random() < 0.5:  # noqa: S311  # no secret hangs on it
            observations.claim_intervals.append(ClaimInterval(story, mo.name, since, time.monotonic()))
            mo.post(f"/review/{story}/release", {"claim_token": held["claim_token"]})
        else:
            observations.claim_intervals.append(ClaimInterval(story, mo.name, since, time.monotonic()))
            _decide_concurrently(mo, colleague, held, items, observations)


def withdraw_story(
    bo: LoadVisitor, story: str, observations: Observations, *, at: float, watchers: int
) -> None:
    """Withdraw a story in the middle of everything, once as many as that have looked at it."""
    while not observations.may_stop(at, done=len(observations.visibility_checks) >= watchers):
        time.sleep(0.05)
    began = time.monotonic()
    bo.post(f"/stories/{story}/withdraw")
    observations.withdrawal_interval = (began, time.monotonic())


def exceed_rate_limit(sam: LoadVisitor, observations: Observations) -> None:
    """Ask without a pause until one is turned away; come back when one was told to."""
    deadline = time.monotonic() + 2 * LONGEST_WINDOW
    while time.monotonic() < deadline:
        answers = run_concurrently([partial(sam.get_response, "/api/v1/traits")] * 4)
        observations.rate_limited_response = next(
            (answer for answer in answers if answer.status_code == TOO_MANY_REQUESTS), None
        )
        if observations.rate_limited_response is not None:
            break
    assert observations.rate_limited_response is not None, "nobody was turned away within two minutes"
    time.sleep(min(float(observations.rate_limited_response.headers["Retry-After"]), LONGEST_WINDOW) + 1)
    observations.status_after_retry = sam.get_response("/api/v1/traits").status_code


def _pause() -> None:
    time.sleep(random.uniform(0.5, 1.5) * PAUSE_SECONDS)  # noqa: S311  # no secret hangs on it


def _watch_one_story(ana: LoadVisitor, stories: list[str], *, doomed: str) -> None:
    """Watch one story of a slate, but the one that may be gone in the midst of it."""
    lasting = [story for story in stories if story != doomed]
    if not lasting:
        return
    story = random.choice(lasting)  # noqa: S311  # no secret hangs on it
    _pause()
    told = ana.get(f"/stories/{story}")
    assert ana.get_response(told["playlist"]).ok
    poster = ana.get_response(f"/watch/{story}/hls/poster.jpg")
    assert requests.get(poster.headers["Location"], timeout=REQUEST_TIMEOUT_SECONDS).ok, (
        "a signed address has to lead to bytes"
    )
    _pause()
    viewing = ana.post("/viewings", {"story": story})
    ana.patch(f"/viewings/{viewing['id']}", {"like_me": 8, "furthest_ms": 11_000})
    _pause()
    ana.put(f"/stories/{story}/saved", {"saved": True})


def _check_visibility(ana: LoadVisitor, story: str, book: Observations) -> bool:
    """Ask for a story and its recording; tell whether both are gone."""
    statuses = []
    for path in (f"/api/v1/stories/{story}", f"/watch/{story}/hls/master.m3u8"):
        _pause()
        began = time.monotonic()
        status = ana.get_response(path).status_code
        book.visibility_checks.append(VisibilityCheck(began, time.monotonic(), status))
        statuses.append(status)
    return statuses == [404, 404]


def _create_step_twice_concurrently(ana: LoadVisitor) -> str:
    """Press the button twice: both answers name the same step."""
    step, key = {"challenge": CHALLENGE, "text": "Write the first line", "rung": 1}, secrets.token_hex(16)
    one, other = run_concurrently([partial(ana.post, "/steps", step, key=key)] * 2)
    assert one["id"] == other["id"]
    return str(one["id"])


def _decide_concurrently(
    mo: LoadVisitor, beside: LoadVisitor, held: Any, items: list[str], book: Observations
) -> None:
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
    statuses = run_concurrently([partial(response_status_of, act) for act in send])
    book.concurrent_decision_statuses.append(statuses)
    book.decided += [(story, mo.name)] * statuses[:2].count(200)
    book.decided += [(story, beside.name)] * statuses[2:].count(200)
