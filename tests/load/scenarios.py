"""What each user does in a loop until the time is up."""

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

PAUSE_SECONDS = 0.4  # reading time between requests; also keeps users below the rate limit of five per second
LONGEST_WINDOW = 60.0  # rate limits are per minute
# On a slow machine the time is up before all users have reached their goal; they continue for up to this long.
GRACE_SECONDS = 240.0
TOO_MANY_REQUESTS = 429


@dataclass(frozen=True)
class VisibilityCheck:
    """One request for the story that is withdrawn during the test."""

    started_at: float
    ended_at: float
    status: int


@dataclass(frozen=True)
class ClaimInterval:
    """A period during which a reviewer certainly held a claim on a story."""

    story: str
    reviewer: str
    started_at: float
    ended_at: float


@dataclass
class Observations:
    """What the users observed."""

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
        self.rounds_by_viewer = {ana.name: 0 for ana in viewers}
        self.steps_by_viewer = {ana.name: [] for ana in viewers}

    def has_every_viewer_finished_a_round(self) -> bool:
        return all(self.rounds_by_viewer.values())

    def may_stop(self, deadline: float, *, goal_reached: bool) -> bool:
        """True once the time is up and the goal was reached, or the grace period has passed."""
        now = time.monotonic()
        return now >= deadline and (goal_reached or now >= deadline + GRACE_SECONDS)


def run_viewer(
    ana: LoadVisitor, observations: Observations, *, withdrawn_story: str, deadline: float
) -> None:
    """Rate, open the slate, watch, save, commit to a step, and page through every list."""
    ladder = ana.get(f"/challenges/{CHALLENGE}")["rungs"]
    ratings = {str(rung["position"]): 30 for rung in ladder}
    ana.put(
        "/profile", {"traits": {"age": 35, "work_pattern": "nights"}, "trait_weights": {"work_pattern": 4}}
    )
    is_withdrawn = False
    while not observations.may_stop(deadline, goal_reached=is_withdrawn):
        ana.post(f"/challenges/{CHALLENGE}/readings", {"moment": "before", "ratings": ratings})
        _pause()
        slate = ana.get(f"/challenges/{CHALLENGE}/slate")
        _watch_one_story(
            ana, [item["story"]["id"] for item in slate["items"]], withdrawn_story=withdrawn_story
        )
        is_withdrawn = _check_visibility(ana, withdrawn_story, observations)
        observations.steps_by_viewer[ana.name].append(_create_step_twice_concurrently(ana))
        for path in ("/stories", "/steps", "/my/saved", f"/challenges/{CHALLENGE}"):
            _pause()
            ana.get(path)
        for page in ("/", f"/challenges/{CHALLENGE}/stories/", "/my-steps/"):
            _pause()
            assert ana.fetch_page(page).ok
        observations.rounds_by_viewer[ana.name] += 1


def run_teller(
    bo: LoadVisitor, observations: Observations, *, film: Callable[[], Path], deadline: float
) -> None:
    """Create one story after another; each draft is created by two concurrent requests with the same idempotency key."""
    story_ids = observations.stories_by_teller.setdefault(bo.name, [])
    while time.monotonic() < deadline:
        key, draft = secrets.token_hex(16), {"challenge": CHALLENGE, "title": "Created twice"}
        first, second = run_concurrently([partial(bo.post, "/stories", draft, key=key)] * 2)
        assert first["id"] == second["id"]
        story_ids.append(first["id"])
        story_ids.append(tell_story(bo, film(), print_line=discard_line))


def run_moderator(
    mo: LoadVisitor, observations: Observations, *, colleague: LoadVisitor, deadline: float
) -> None:
    """Claim the next story, then release or decide it; a colleague sends the same decision."""
    rubric_items = [item["key"] for item in mo.get("/review/rubric")["items"]]
    while not observations.may_stop(deadline, goal_reached=bool(observations.decided)):
        _pause()
        claim = mo.post("/review/claim")
        if claim is None:
            continue
        claimed_at, story = time.monotonic(), claim["story"]["id"]
        _pause()
        if random.random() < 0.5:  # noqa: S311 - not a secret
            observations.claim_intervals.append(ClaimInterval(story, mo.name, claimed_at, time.monotonic()))
            mo.post(f"/review/{story}/release", {"claim_token": claim["claim_token"]})
        else:
            observations.claim_intervals.append(ClaimInterval(story, mo.name, claimed_at, time.monotonic()))
            _decide_concurrently(mo, colleague, claim, rubric_items, observations)


def withdraw_story(
    bo: LoadVisitor, story: str, observations: Observations, *, withdraw_at: float, watchers: int
) -> None:
    """Withdraw once the time has come and `watchers` requests for the story were made."""
    while not observations.may_stop(
        withdraw_at, goal_reached=len(observations.visibility_checks) >= watchers
    ):
        time.sleep(0.05)
    started_at = time.monotonic()
    bo.post(f"/stories/{story}/withdraw")
    observations.withdrawal_interval = (started_at, time.monotonic())


def exceed_rate_limit(sam: LoadVisitor, observations: Observations) -> None:
    """Send requests until one is rejected, then retry after the time in Retry-After."""
    deadline = time.monotonic() + 2 * LONGEST_WINDOW
    while time.monotonic() < deadline:
        responses = run_concurrently([partial(sam.get_response, "/api/v1/traits")] * 4)
        observations.rate_limited_response = next(
            (response for response in responses if response.status_code == TOO_MANY_REQUESTS), None
        )
        if observations.rate_limited_response is not None:
            break
    assert observations.rate_limited_response is not None, "no request was rejected within two minutes"
    time.sleep(min(float(observations.rate_limited_response.headers["Retry-After"]), LONGEST_WINDOW) + 1)
    observations.status_after_retry = sam.get_response("/api/v1/traits").status_code


def _pause() -> None:
    time.sleep(random.uniform(0.5, 1.5) * PAUSE_SECONDS)  # noqa: S311 - not a secret


def _watch_one_story(ana: LoadVisitor, stories: list[str], *, withdrawn_story: str) -> None:
    """Skips the story that may be withdrawn at any moment."""
    stable_stories = [story for story in stories if story != withdrawn_story]
    if not stable_stories:
        return
    story = random.choice(stable_stories)  # noqa: S311 - not a secret
    _pause()
    story_data = ana.get(f"/stories/{story}")
    assert ana.get_response(story_data["playlist_url"]).ok
    poster = ana.get_response(f"/watch/{story}/hls/poster.jpg")
    assert requests.get(poster.headers["Location"], timeout=REQUEST_TIMEOUT_SECONDS).ok, (
        "a presigned URL must be readable"
    )
    _pause()
    viewing = ana.post("/viewings", {"story": story})
    ana.patch(f"/viewings/{viewing['id']}", {"like_me": 8, "furthest_ms": 11_000})
    _pause()
    ana.put(f"/stories/{story}/saved", {"saved": True})


def _check_visibility(ana: LoadVisitor, story: str, observations: Observations) -> bool:
    """Request the story and its recording; returns whether both are gone."""
    statuses = []
    for path in (f"/api/v1/stories/{story}", f"/watch/{story}/hls/master.m3u8"):
        _pause()
        started_at = time.monotonic()
        status = ana.get_response(path).status_code
        observations.visibility_checks.append(VisibilityCheck(started_at, time.monotonic(), status))
        statuses.append(status)
    return statuses == [404, 404]


def _create_step_twice_concurrently(ana: LoadVisitor) -> str:
    """Both responses must name the same step."""
    step, key = {"challenge": CHALLENGE, "text": "Write the first line", "rung": 1}, secrets.token_hex(16)
    first, second = run_concurrently([partial(ana.post, "/steps", step, key=key)] * 2)
    assert first["id"] == second["id"]
    return str(first["id"])


def _decide_concurrently(
    mo: LoadVisitor, colleague: LoadVisitor, claim: Any, rubric_items: list[str], observations: Observations
) -> None:
    """Send the decision twice as the reviewer and once as a colleague, at the same time."""
    story = claim["story"]["id"]
    review = {
        "verdict": "approve",
        "claim_token": claim["claim_token"],
        "expected_version": claim["story"]["version"],
        "content_hash": claim["story"]["content_hash"],
        "rubric": dict.fromkeys(rubric_items, "yes"),
    }
    requests_to_send = [
        partial(person.post, f"/review/{story}/decision", review) for person in (mo, mo, colleague)
    ]
    statuses = run_concurrently([partial(response_status_of, request) for request in requests_to_send])
    observations.concurrent_decision_statuses.append(statuses)
    observations.decided += [(story, mo.name)] * statuses[:2].count(200)
    observations.decided += [(story, colleague.name)] * statuses[2:].count(200)
