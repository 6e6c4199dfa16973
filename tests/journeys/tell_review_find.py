"""Bo tells a story, Mo reviews it, Ana finds it: over HTTP only, with real recordings.

`python -m tests.journeys` runs the journeys on the local installation and prints the results.
"""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.installation import Installation
from tests.journeys.sample_recordings import CAPTIONS, browser_recording, phone_recording
from tests.journeys.visitor import Visitor

CHALLENGE = "the-conversation"
THEN_SELF = {"age": 36, "work_pattern": "nights", "obstacles": ["fear_of_judgement"]}
PrintLine = Callable[[str], None]


@dataclass(frozen=True)
class JourneyResult:
    """`story` is the one Ana watched."""

    ana: Visitor
    bo: Visitor
    mo: Visitor
    sam: Visitor
    story: str
    other_story: str


def run_all_journeys(
    installation: Installation, *, print_line: PrintLine = lambda _line: None
) -> JourneyResult:
    ana, bo, mo, sam = (
        Visitor(name, origin=installation.address, read_emailed_code=installation.read_emailed_code)
        for name in ("ana", "bo", "mo", "sam")
    )
    for person in (ana, bo, mo, sam):
        person.sign_up()
    for person in (ana, sam):
        person.sign_in_to_pages()
    installation.run_manage_command("grant_role", mo.email, "moderator")
    mo.enrol_second_factor()
    print_line("Four people have signed up; Mo is a moderator with a second factor.")
    with tempfile.TemporaryDirectory(prefix="sameboat-films-") as folder:
        story = tell_story(bo, phone_recording(Path(folder)), print_line=print_line)
        other_story = tell_story(
            bo, browser_recording(Path(folder)), print_line=print_line, content_type="video/webm"
        )
    _assert_hidden_from(story, ana, sam)
    approve_stories(mo, [story, other_story], print_line=print_line)
    find_and_watch_story(ana, story, print_line=print_line)
    return JourneyResult(ana, bo, mo, sam, story, other_story)


def tell_story(bo: Visitor, film: Path, *, print_line: PrintLine, content_type: str = "video/mp4") -> str:
    """Create a story with a recording and submit it for review; returns its id."""
    draft = bo.post(
        "/stories",
        {
            "challenge": CHALLENGE,
            "title": f"The letter on the fridge ({film.stem})",
            "start_rung": 0,
            "end_rung": 2,
            "traits_then": THEN_SELF,
            "shown_traits": ["work_pattern", "obstacles"],
            "strategies": ["small_steps", "set_a_time"],
        },
    )
    story = f"/stories/{draft['id']}"
    upload = bo.upload_file(film, content_type=content_type)
    story_version = bo.put(f"{story}/recording", {"expected_version": draft["version"], "upload": upload})
    print_line(f"Bo has uploaded {film.name} ({film.stat().st_size} bytes).")
    chapters = [
        {"kind": "start", "start_ms": 0, "text": "The letter"},
        {"kind": "result", "start_ms": 6000, "text": "The call"},
    ]
    story_version = bo.put(
        f"{story}/chapters", {"expected_version": story_version["version"], "chapters": chapters}
    )
    story_version = bo.put(
        f"{story}/captions/en", {"expected_version": story_version["version"], "text": CAPTIONS}
    )
    consent = {
        "expected_version": story_version["version"],
        "uses": ["members"],
        "text_version": bo.get("/consent-text")["version"],
    }
    story_version = bo.post(f"{story}/consent", consent)
    bo.post(f"{story}/submit", {"expected_version": story_version["version"]})
    progress = bo.wait_for(
        f"{story}/progress", lambda story_version: story_version["state"] not in {"draft", "preparing"}
    )
    assert progress["state"] == "in_review", progress
    print_line(f"The story is processed and waiting for review: {progress}")
    return str(draft["id"])


def approve_stories(mo: Visitor, stories: list[str], *, print_line: PrintLine) -> None:
    """Claim and approve each story with every rubric item answered yes."""
    rubric_items = [item["key"] for item in mo.get("/review/rubric")["items"]]
    for story in stories:
        claim = mo.post(f"/review/{story}/claim")
        assert claim["playlist_url"], claim
        decision = mo.post(
            f"/review/{story}/decision",
            {
                "verdict": "approve",
                "claim_token": claim["claim_token"],
                "expected_version": claim["story"]["version"],
                "content_hash": claim["story"]["content_hash"],
                "rubric": dict.fromkeys(rubric_items, "yes"),
            },
        )
        assert decision["state"] == "published", decision
    print_line(f"Mo has approved {len(stories)} stories.")


def find_and_watch_story(ana: Visitor, story: str, *, print_line: PrintLine) -> None:
    """Rate the ladder, get a slate with explanations, watch, and rate again."""
    ana.put(
        "/profile", {"traits": {"age": 35, "work_pattern": "nights"}, "trait_weights": {"work_pattern": 4}}
    )
    ladder = ana.get(f"/challenges/{CHALLENGE}")["rungs"]
    ratings_before = {str(rung["position"]): 30 for rung in ladder}
    ana.post(f"/challenges/{CHALLENGE}/readings", {"moment": "before", "ratings": ratings_before})
    slate = ana.get(f"/challenges/{CHALLENGE}/slate")
    for item in slate["items"]:
        print_line(
            f"Ana's slate contains “{item['story']['title']}”: {item['similarities']} {item['differences']}"
        )
    shown_stories = [item["story"]["id"] for item in slate["items"]]
    assert shown_stories, slate
    viewing = ana.post("/viewings", {"story": story})
    ana.patch(f"/viewings/{viewing['id']}", {"like_me": 8, "furthest_ms": 11_000})
    ratings_after = {str(rung["position"]): 50 for rung in ladder}
    reading = ana.post(f"/challenges/{CHALLENGE}/readings", {"moment": "after", "ratings": ratings_after})
    print_line(f"Ana's confidence changed: {reading['change']}")
    ana.post("/steps", {"challenge": CHALLENGE, "text": "Write the first line", "rung": 1})


def _assert_hidden_from(story: str, *strangers: Visitor) -> None:
    for stranger in strangers:
        for path in (
            f"/api/v1/stories/{story}",
            f"/watch/{story}/hls/master.m3u8",
            f"/tell/{story}/hls/master.m3u8",
        ):
            assert stranger.fetch_page(path).status_code == 404, path


def get_story_as_viewer(journey: JourneyResult, story: str) -> Any:
    return journey.ana.get(f"/stories/{story}")
