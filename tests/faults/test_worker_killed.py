"""A story is processed to the end after its worker or the broker was killed (`make faults`)."""

import os
import signal
import time
from pathlib import Path

import pytest

from tests.installation import Installation
from tests.journeys.sample_recordings import phone_recording
from tests.journeys.tell_review_find import CHALLENGE, tell_story
from tests.journeys.visitor import Visitor
from tests.processes import kill_process_tree

pytestmark = pytest.mark.faults

FILM_SECONDS = 45
MAX_RECOVERY_SECONDS = 90.0


def require_pid(sameboat: Installation, name: str) -> int:
    pid = sameboat.pid_of(name)
    assert pid is not None, f"{name} is not running"
    return pid


def submit_and_wait_for_encoding(bo: Visitor, folder: Path) -> str:
    """Submit a recording long enough to be interrupted; returns its story once the encoder runs."""
    draft = bo.post("/stories", {"challenge": CHALLENGE, "title": "Cut short", "end_rung": 2})
    upload = bo.upload_file(phone_recording(folder, seconds=FILM_SECONDS), content_type="video/mp4")
    bo.put(f"/stories/{draft['id']}/recording", {"expected_version": draft["version"], "upload": upload})
    bo.wait_for(f"/stories/{draft['id']}/progress", lambda story_data: story_data["stage"] == "encoding")
    return str(draft["id"])


@pytest.mark.parametrize(
    "whole_tree",
    [pytest.param(True, id="with its children", marks=pytest.mark.short), pytest.param(False, id="alone")],
)
def test_a_story_is_processed_after_its_worker_was_killed(
    sameboat: Installation, bo: Visitor, tmp_path: Path, *, whole_tree: bool
) -> None:
    story = submit_and_wait_for_encoding(bo, tmp_path)
    worker = require_pid(sameboat, "media worker")

    killed_at = time.monotonic()
    kill_process_tree(worker) if whole_tree else os.kill(worker, signal.SIGKILL)

    bo.wait_for(
        f"/stories/{story}/progress",
        lambda story_data: story_data["recording"]["status"] in {"ready", "unplayable"},
    )
    recovery_seconds = time.monotonic() - killed_at
    story_data = bo.get(f"/stories/{story}")
    assert story_data["playlist_url"], story_data
    assert require_pid(sameboat, "media worker") != worker
    scratch = sameboat.paths.var / "scratch"
    # Captioning and canary jobs may be running in their own folders.
    leftovers = [path.name for path in scratch.iterdir() if not path.name.startswith(("words-", "canary-"))]
    assert leftovers == [], "scratch files were not removed"
    # An upper bound: the time includes a complete second encode.
    assert recovery_seconds < MAX_RECOVERY_SECONDS + FILM_SECONDS


@pytest.mark.short
def test_a_story_is_processed_after_the_broker_was_killed(
    sameboat: Installation, bo: Visitor, tmp_path: Path
) -> None:
    os.kill(require_pid(sameboat, "broker"), signal.SIGKILL)
    story = tell_story(bo, phone_recording(tmp_path), print_line=lambda _line: None)

    assert bo.get(f"/my/stories/{story}")["state"] == "in_review"
