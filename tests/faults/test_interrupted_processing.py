"""Interrupts media processing in many ways (`make faults-media`).

Every recording must reach a final state on its own: ready, with the same outputs as without a fault, or rejected with a reason.
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
MAX_RECOVERY_SECONDS = 90.0  # 95th percentile
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
    """Outcome without any fault."""
    story = recordings.submit_recording()
    outcome = recordings.wait_for_outcome(story)
    recordings.withdraw_stories(story)
    assert (outcome.status, outcome.attempts) == ("ready", 1)
    return outcome


@pytest.fixture(scope="module")
def seconds(recordings: RecordingHarness, undisturbed: RecordingOutcome) -> float:
    """Processing time of two recordings in parallel, from the upload on."""
    started_at = time.time()
    stories = [recordings.submit_recording() for _ in range(CONCURRENT_RECORDINGS)]
    finish_times = [recordings.wait_for_outcome(story).finished_at or 0 for story in stories]
    recordings.withdraw_stories(*stories)
    return max(finish_times) - started_at


def has_same_outputs(outcome: RecordingOutcome, undisturbed: RecordingOutcome) -> bool:
    return (outcome.status, outcome.content_hash) == (undisturbed.status, undisturbed.content_hash)


@pytest.mark.short
def test_recordings_survive_workers_killed_at_random_times(
    recordings: RecordingHarness, undisturbed: RecordingOutcome, seconds: float, pytestconfig: pytest.Config
) -> None:
    rng = random.Random(SEED)  # noqa: S311 - reproducible delays, not secrets
    recovery_seconds: list[float] = []
    for _ in range(pytestconfig.getoption("instants") // 2):
        stories = [recordings.submit_recording() for _ in range(CONCURRENT_RECORDINGS)]
        for delay in sorted(rng.uniform(0, seconds) for _ in range(2)):
            time.sleep(delay / 2)
            target, killed_at = recordings.kill_worker_or_child(rng), time.time()
            print(f"killed a {target} after {delay:.1f} s", flush=True)  # noqa: T201 - shown by -rA
        outcomes = [recordings.wait_for_outcome(story) for story in stories]
        assert all(has_same_outputs(outcome, undisturbed) for outcome in outcomes), outcomes
        recovery_seconds += [max(0.0, (outcome.finished_at or 0) - killed_at) for outcome in outcomes]
        recordings.withdraw_stories(*stories)
    p95_seconds = statistics.quantiles(recovery_seconds, n=20, method="inclusive")[-1]
    print(  # noqa: T201 - shown by -rA
        f"{len(recovery_seconds)} recordings, {pytestconfig.getoption('instants')} kills: ready after "
        f"{statistics.median(recovery_seconds):.0f} s (p95 {p95_seconds:.0f} s)"
    )
    assert p95_seconds <= MAX_RECOVERY_SECONDS
    assert is_scratch_empty(recordings)


def is_scratch_empty(recordings: RecordingHarness) -> bool:
    """Ignores the folders of captioning and canary jobs."""
    scratch = recordings.sameboat.paths.var / "scratch"
    return not [path for path in scratch.iterdir() if not path.name.startswith(("words-", "canary-"))]


@pytest.mark.short
def test_repeated_wake_ups_process_a_recording_once(
    recordings: RecordingHarness, undisturbed: RecordingOutcome
) -> None:
    story = recordings.submit_recording()
    recordings.send_wake_ups(5)
    outcome = recordings.wait_for_outcome(story)
    assert has_same_outputs(outcome, undisturbed)
    assert (outcome.attempts, outcome.token) == (1, 1)
    recordings.withdraw_stories(story)


@pytest.mark.short
def test_a_paused_worker_writes_nothing_after_a_takeover(
    recordings: RecordingHarness, undisturbed: RecordingOutcome
) -> None:
    story = recordings.submit_recording()
    worker = recordings.wait_for_worker_pid()
    # The decoder may belong to a canary, so also wait for the job's lease.
    assert wait_until(lambda: recordings.current_outcome(story).token == 1 and bool(decoder_pids(worker)))
    with paused_process_tree(worker):
        # The lease expires during the pause; another worker takes over and dies immediately.
        assert wait_until(lambda: is_lease_expired(recordings, story))
        recordings.take_over_lease(story)
        assert "stopped answering" in wait_for_stopped_answering_text(recordings, story)
    outcome = recordings.wait_for_outcome(story)
    assert has_same_outputs(outcome, undisturbed)
    assert (outcome.attempts, outcome.token) == (3, 3)
    recordings.withdraw_stories(story)


def is_lease_expired(recordings: RecordingHarness, story: str) -> bool:
    time.sleep(1)
    output = recordings.sameboat.run_manage_command(
        "shell",
        "-c",
        f"from jobs.models import Job; print(Job.objects.leasable().filter(subject='{story}').exists())",
    )
    return output.strip().endswith("True")


def wait_for_stopped_answering_text(recordings: RecordingHarness, story: str) -> str:
    assert wait_until(lambda: "stopped answering" in recordings.progress_text(story))
    return recordings.progress_text(story)


@pytest.mark.short
def test_waiting_recordings_survive_a_flushed_broker(
    recordings: RecordingHarness, undisturbed: RecordingOutcome
) -> None:
    stories = [recordings.submit_recording() for _ in range(4)]
    recordings.flush_broker()
    assert all(has_same_outputs(recordings.wait_for_outcome(story), undisturbed) for story in stories)
    recordings.withdraw_stories(*stories)


def test_recordings_survive_an_object_store_outage(
    recordings: RecordingHarness, undisturbed: RecordingOutcome
) -> None:
    store = recordings.sameboat.pid_of("object store")
    assert store is not None
    stories = [recordings.submit_recording() for _ in range(CONCURRENT_RECORDINGS)]
    assert wait_until(lambda: bool(decoder_pids(recordings.wait_for_worker_pid())))
    with paused_process_tree(store):
        time.sleep(BUCKET_DOWN_SECONDS)
    restored_at = time.time()
    outcomes = [recordings.wait_for_outcome(story) for story in stories]
    assert all(has_same_outputs(outcome, undisturbed) for outcome in outcomes), outcomes
    assert max(outcome.finished_at or 0 for outcome in outcomes) - restored_at <= MAX_RECOVERY_SECONDS
    recordings.withdraw_stories(*stories)


@pytest.mark.short
@pytest.mark.skipif(shutil.which("unshare") is None, reason="needs unshare from util-linux")
def test_a_full_disk_fails_the_attempt_and_not_the_recording(
    recordings: RecordingHarness, undisturbed: RecordingOutcome
) -> None:
    with (
        paused_process_tree(recordings.wait_for_worker_pid()),
        worker_with_small_disk(recordings.sameboat, megabytes=64) as disk_full_flag,
    ):
        story = recordings.submit_recording()
        assert wait_until(lambda: recordings.is_at_stage(story, "checking"))
        disk_full_flag.touch()
        assert wait_until(lambda: recordings.current_outcome(story).job_reason != "")
        reason = recordings.current_outcome(story).job_reason
        disk_full_flag.unlink()
        outcome = recordings.wait_for_outcome(story)
    assert any(word in reason for word in ("NotEnoughDiskSpace", "DiskFull", "No space left")), reason
    assert has_same_outputs(outcome, undisturbed)
    assert outcome.attempts > 1
    recordings.withdraw_stories(story)


@pytest.mark.short
def test_a_disk_that_stays_full_ends_with_a_message_for_the_teller(
    recordings: RecordingHarness, tmp_path: Path
) -> None:
    with (
        paused_process_tree(recordings.wait_for_worker_pid()),
        worker_with_small_disk(recordings.sameboat, megabytes=1),
    ):
        story = recordings.submit_recording()
        outcome = recordings.wait_for_outcome(story)
        assert wait_until(lambda: recordings.current_outcome(story).status == "unplayable")
    assert (outcome.job_state, outcome.attempts) == ("quarantined", 3)
    assert recordings.progress_text(story).startswith("We tried three times")
    recordings.withdraw_stories(story)
