"""Disturb the preparing of recordings in every way we know (`make faults-media`).

Each recording has to end, by itself: ready, with the same outputs as one that nobody disturbed, or refused with a reason.
"""

import random
import shutil
import statistics
import time
from pathlib import Path

import pytest

from tests.faults.recording_harness import (
    RecordingHarness,
    RecordingOutcome,
    paused_process_tree,
    worker_with_small_disk,
)
from tests.installation import Installation, wait_until
from tests.journeys.sample_recordings import phone_recording
from tests.journeys.visitor import Visitor
from tests.processes import decoder_pids

pytestmark = pytest.mark.faults

SEED = 20_260_301
MAX_RECOVERY_SECONDS = 90.0  # seconds, of 95 in 100 recordings
CONCURRENT_RECORDINGS = 2
BUCKET_DOWN_SECONDS = 30.0


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return phone_recording(tmp_path_factory.mktemp("films"), seconds=6)


@pytest.fixture(scope="module")
def recordings(sameboat: Installation, bo: Visitor, film: Path) -> RecordingHarness:
    return RecordingHarness(sameboat, bo, film)


@pytest.fixture(scope="module")
def undisturbed(recordings: RecordingHarness) -> RecordingOutcome:
    """How a recording ends that is left in peace."""
    story = recordings.submit_recording()
    ending = recordings.wait_for_outcome(story)
    recordings.withdraw_stories(story)
    assert (ending.status, ending.attempts) == ("ready", 1)
    return ending


@pytest.fixture(scope="module")
def seconds(recordings: RecordingHarness, undisturbed: RecordingOutcome) -> float:
    """How long two take side by side, from the moment that they have arrived."""
    began = time.time()
    stories = [recordings.submit_recording() for _ in range(CONCURRENT_RECORDINGS)]
    ends = [recordings.wait_for_outcome(story).finished_at or 0 for story in stories]
    recordings.withdraw_stories(*stories)
    return max(ends) - began


def has_same_outputs(ending: RecordingOutcome, undisturbed: RecordingOutcome) -> bool:
    return (ending.status, ending.content_hash) == (undisturbed.status, undisturbed.content_hash)


@pytest.mark.short
def test_recordings_survive_the_killing_of_workers_at_random_instants(
    recordings: RecordingHarness, undisturbed: RecordingOutcome, seconds: float, pytestconfig: pytest.Config
) -> None:
    chance = random.Random(SEED)  # noqa: S311 - the same instants in each run, not secrets
    recovered: list[float] = []
    for _ in range(pytestconfig.getoption("instants") // 2):
        stories = [recordings.submit_recording() for _ in range(CONCURRENT_RECORDINGS)]
        for instant in sorted(chance.uniform(0, seconds) for _ in range(2)):
            time.sleep(instant / 2)
            what, killed = recordings.kill_worker_or_child(chance), time.time()
            print(f"killed a {what}, {instant:.1f} s on the way", flush=True)  # noqa: T201 - shown by -rA
        endings = [recordings.wait_for_outcome(story) for story in stories]
        assert all(has_same_outputs(ending, undisturbed) for ending in endings), endings
        recovered += [max(0.0, (ending.finished_at or 0) - killed) for ending in endings]
        recordings.withdraw_stories(*stories)
    slowest = statistics.quantiles(recovered, n=20, method="inclusive")[-1]
    print(  # noqa: T201 - the figure that this is for
        f"{len(recovered)} recordings, {pytestconfig.getoption('instants')} kills: ready again after "
        f"{statistics.median(recovered):.0f} s (p95 {slowest:.0f} s)"
    )
    assert slowest <= MAX_RECOVERY_SECONDS
    assert is_scratch_empty(recordings)


def is_scratch_empty(recordings: RecordingHarness) -> bool:
    """Whether nothing is left of attempts in scratch space; words and canaries have folders of their own."""
    scratch = recordings.sameboat.paths.var / "scratch"
    return not [path for path in scratch.iterdir() if not path.name.startswith(("words-", "canary-"))]


@pytest.mark.short
def test_a_ring_that_comes_five_times_over_prepares_a_recording_once(
    recordings: RecordingHarness, undisturbed: RecordingOutcome
) -> None:
    story = recordings.submit_recording()
    recordings.send_wake_ups(5)
    ending = recordings.wait_for_outcome(story)
    assert has_same_outputs(ending, undisturbed)
    assert (ending.attempts, ending.token) == (1, 1)
    recordings.withdraw_stories(story)


@pytest.mark.short
def test_a_worker_that_wakes_up_after_another_has_taken_over_writes_nothing(
    recordings: RecordingHarness, undisturbed: RecordingOutcome
) -> None:
    story = recordings.submit_recording()
    worker = recordings.wait_for_worker_pid()
    # What is decoded may be a canary, too.
    assert wait_until(lambda: recordings.current_outcome(story).token == 1 and bool(decoder_pids(worker)))
    with paused_process_tree(worker):
        # Its lease runs out while it sleeps, and somebody else, who dies at once, takes over.
        assert wait_until(lambda: is_lease_expired(recordings, story))
        recordings.take_over_lease(story)
        assert "stopped answering" in wait_for_stopped_answering_text(recordings, story)
    ending = recordings.wait_for_outcome(story)
    assert has_same_outputs(ending, undisturbed)
    assert (ending.attempts, ending.token) == (3, 3)
    recordings.withdraw_stories(story)


def is_lease_expired(recordings: RecordingHarness, story: str) -> bool:
    time.sleep(1)
    said = recordings.sameboat.run_manage_command(
        "shell",
        "-c",
        f"from jobs.models import Job; print(Job.objects.leasable().filter(subject='{story}').exists())",
    )
    return said.strip().endswith("True")


def wait_for_stopped_answering_text(recordings: RecordingHarness, story: str) -> str:
    assert wait_until(lambda: "stopped answering" in recordings.progress_text(story))
    return recordings.progress_text(story)


@pytest.mark.short
def test_recordings_that_wait_outlive_a_broker_that_forgets_them(
    recordings: RecordingHarness, undisturbed: RecordingOutcome
) -> None:
    stories = [recordings.submit_recording() for _ in range(4)]
    recordings.flush_broker()
    assert all(has_same_outputs(recordings.wait_for_outcome(story), undisturbed) for story in stories)
    recordings.withdraw_stories(*stories)


def test_a_bucket_that_is_down_for_half_a_minute_costs_time_and_nothing_else(
    recordings: RecordingHarness, undisturbed: RecordingOutcome
) -> None:
    store = recordings.sameboat.pid_of("object store")
    assert store is not None
    stories = [recordings.submit_recording() for _ in range(CONCURRENT_RECORDINGS)]
    assert wait_until(lambda: bool(decoder_pids(recordings.wait_for_worker_pid())))
    with paused_process_tree(store):
        time.sleep(BUCKET_DOWN_SECONDS)
    back = time.time()
    endings = [recordings.wait_for_outcome(story) for story in stories]
    assert all(has_same_outputs(ending, undisturbed) for ending in endings), endings
    assert max(ending.finished_at or 0 for ending in endings) - back <= MAX_RECOVERY_SECONDS
    recordings.withdraw_stories(*stories)


@pytest.mark.short
@pytest.mark.skipif(shutil.which("unshare") is None, reason="a disk of one's own takes util-linux")
def test_a_disk_that_fills_up_is_not_blamed_on_the_recording(
    recordings: RecordingHarness, undisturbed: RecordingOutcome
) -> None:
    with (
        paused_process_tree(recordings.wait_for_worker_pid()),
        worker_with_small_disk(recordings.sameboat, megabytes=64) as full,
    ):
        story = recordings.submit_recording()
        assert wait_until(lambda: recordings.is_at_stage(story, "checking"))
        full.touch()
        assert wait_until(lambda: recordings.current_outcome(story).job_reason != "")
        reason = recordings.current_outcome(story).job_reason
        full.unlink()
        ending = recordings.wait_for_outcome(story)
    assert any(word in reason for word in ("NotEnoughDiskSpace", "DiskFull", "No space left")), reason
    assert has_same_outputs(ending, undisturbed)
    assert ending.attempts > 1
    recordings.withdraw_stories(story)


@pytest.mark.short
def test_a_disk_that_stays_full_ends_in_words_for_the_teller(
    recordings: RecordingHarness, tmp_path: Path
) -> None:
    with (
        paused_process_tree(recordings.wait_for_worker_pid()),
        worker_with_small_disk(recordings.sameboat, megabytes=1),
    ):
        story = recordings.submit_recording()
        ending = recordings.wait_for_outcome(story)
        assert wait_until(lambda: recordings.current_outcome(story).status == "unplayable")
    assert (ending.job_state, ending.attempts) == ("quarantined", 3)
    assert recordings.progress_text(story).startswith("We tried three times")
    recordings.withdraw_stories(story)
