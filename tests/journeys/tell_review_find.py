"""Bo tells a story, Mo reviews it, Ana finds it: three people, over HTTP only, with real recordings.

`python -m tests.journeys` walks it on the Sameboat that `make run` has started and prints what it sees.
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
    """Who walked, and the stories that came of it: the one that Ana watched, and another."""

    ana: Visitor
    bo: Visitor
    mo: Visitor
    sam: Visitor
    story: str
    other_story: str


def run_all_journeys(
    installation: Installation, *, print_line: PrintLine = lambda _line: None
) -> JourneyResult:
    """Walk all three journeys and return who walked them."""
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
    print_line("Four people have signed up; Mo moderates and has shown a second factor.")
    with tempfile.TemporaryDirectory(prefix="sameboat-films-") as folder:
        story = tell_story(bo, phone_recording(Path(folder)), print_line=print_line)
        other = tell_story(
            bo, browser_recording(Path(folder)), print_line=print_line, content_type="video/webm"
        )
    _assert_hidden_from(story, ana, sam)
    approve_stories(mo, [story, other], print_line=print_line)
    find_and_watch_story(ana, story, print_line=print_line)
    return JourneyResult(ana, bo, mo, sam, story, other)


def tell_story(bo: Visitor, film: Path, *, print_line: PrintLine, content_type: str = "video/mp4") -> str:
    """Tell a story with a recording, and send it off for review."""
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
    told = bo.put(f"{story}/recording", {"seen": draft["version"], "upload": upload})
    print_line(f"Bo has sent {film.name} ({film.stat().st_size} bytes).")
    chapters = [
        {"kind": "start", "start_ms": 0, "text": "The letter"},
        {"kind": "result", "start_ms": 6000, "text": "The call"},
    ]
    told = bo.put(f"{story}/chapters", {"seen": told["version"], "chapters": chapters})
    told = bo.put(f"{story}/captions/en", {"seen": told["version"], "text": CAPTIONS})
    consent = {
        "seen": told["version"],
        "uses": ["members"],
        "text_version": bo.get("/consent-text")["version"],
    }
    told = bo.post(f"{story}/consent", consent)
    bo.post(f"{story}/submit", {"seen": told["version"]})
    progress = bo.wait_for(f"{story}/progress", lambda told: told["state"] not in {"draft", "preparing"})
    assert progress["state"] == "in_review", progress
    print_line(f"It is prepared and waits for review: {progress}")
    return str(draft["id"])


def approve_stories(mo: Visitor, stories: list[str], *, print_line: PrintLine) -> None:
    """Take the stories one by one, watch each, and approve it with the whole rubric answered."""
    items = [item["key"] for item in mo.get("/review/rubric")["items"]]
    for story in stories:
        held = mo.post(f"/review/{story}/claim")
        assert held["playlist"], held
        decision = mo.post(
            f"/review/{story}/decision",
            {
                "verdict": "approve",
                "claim_token": held["claim_token"],
                "seen": held["story"]["version"],
                "content_hash": held["story"]["content_hash"],
                "rubric": dict.fromkeys(items, "yes"),
            },
        )
        assert decision["state"] == "published", decision
    print_line(f"Mo has approved {len(stories)} stories.")


def find_and_watch_story(ana: Visitor, story: str, *, print_line: PrintLine) -> None:
    """Rate the ladder, see the slate with its reasons, watch, and rate again."""
    ana.put("/profile", {"traits": {"age": 35, "work_pattern": "nights"}, "matters": {"work_pattern": 4}})
    ladder = ana.get(f"/challenges/{CHALLENGE}")["rungs"]
    before = {str(rung["position"]): 30 for rung in ladder}
    ana.post(f"/challenges/{CHALLENGE}/readings", {"moment": "before", "ratings": before})
    slate = ana.get(f"/challenges/{CHALLENGE}/slate")
    for item in slate["items"]:
        print_line(f"Ana is shown “{item['story']['title']}”: {item['shared']} {item['differs']}")
    shown = [item["story"]["id"] for item in slate["items"]]
    assert shown, slate
    viewing = ana.post("/viewings", {"story": story})
    ana.patch(f"/viewings/{viewing['id']}", {"like_me": 8, "furthest_ms": 11_000})
    after = {str(rung["position"]): 50 for rung in ladder}
    reading = ana.post(f"/challenges/{CHALLENGE}/readings", {"moment": "after", "ratings": after})
    print_line(f"Ana's confidence moved: {reading['change']}")
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
    """Return a story as Ana may watch it."""
    return journey.ana.get(f"/stories/{story}")
