"""Disturb the preparing of recordings in every way we know (`make faults-media`).

Each recording has to end, by itself: ready, with the same outputs as one that nobody disturbed, or refused with a reason.
"""

import random
import shutil
import statistics
import time
from pathlib import Path

import pytest

from tests.faults.recordings import Ending, Recordings, cramped_worker, frozen
from tests.installation import Installation, until
from tests.journeys.films import phone_recording
from tests.journeys.visitor import Visitor
from tests.processes import decoders

pytestmark = pytest.mark.faults

SEED = 20_260_301
RECOVERED_WITHIN = 90.0  # seconds, of 95 in 100 recordings
AT_ONCE = 2
BUCKET_DOWN = 30.0


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return phone_recording(tmp_path_factory.mktemp("films"), seconds=6)


@pytest.fixture(scope="module")
def recordings(sameboat: Installation, bo: Visitor, film: Path) -> Recordings:
    return Recordings(sameboat, bo, film)


@pytest.fixture(scope="module")
def undisturbed(recordings: Recordings) -> Ending:
    """How a recording ends that is left in peace."""
    story = recordings.send()
    ending = recordings.ending(story)
    recordings.put_away(story)
    assert (ending.status, ending.attempts) == ("ready", 1)
    return ending


@pytest.fixture(scope="module")
def seconds(recordings: Recordings, undisturbed: Ending) -> float:
    """How long two take side by side, from the moment that they have arrived."""
    began = time.time()
    stories = [recordings.send() for _ in range(AT_ONCE)]
    ends = [recordings.ending(story).at or 0 for story in stories]
    recordings.put_away(*stories)
    return max(ends) - began


def same(ending: Ending, undisturbed: Ending) -> bool:
    return (ending.status, ending.content_hash) == (undisturbed.status, undisturbed.content_hash)


@pytest.mark.short
def test_recordings_survive_the_killing_of_workers_at_random_instants(
    recordings: Recordings, undisturbed: Ending, seconds: float, pytestconfig: pytest.Config
) -> None:
    chance = random.Random(SEED)  # noqa: S311 - the same instants in each run, not secrets
    recovered: list[float] = []
    for _ in range(pytestconfig.getoption("instants") // 2):
        stories = [recordings.send() for _ in range(AT_ONCE)]
        for instant in sorted(chance.uniform(0, seconds) for _ in range(2)):
            time.sleep(instant / 2)
            what, killed = recordings.kill_something(chance), time.time()
            print(f"killed a {what}, {instant:.1f} s on the way", flush=True)  # noqa: T201 - shown by -rA
        endings = [recordings.ending(story) for story in stories]
        assert all(same(ending, undisturbed) for ending in endings), endings
        recovered += [max(0.0, (ending.at or 0) - killed) for ending in endings]
        recordings.put_away(*stories)
    slowest = statistics.quantiles(recovered, n=20, method="inclusive")[-1]
    print(  # noqa: T201 - the figure that this is for
        f"{len(recovered)} recordings, {pytestconfig.getoption('instants')} kills: ready again after "
        f"{statistics.median(recovered):.0f} s (p95 {slowest:.0f} s)"
    )
    assert slowest <= RECOVERED_WITHIN
    assert no_leftovers(recordings)


def no_leftovers(recordings: Recordings) -> bool:
    """Whether nothing is left of attempts in scratch space; words and canaries have folders of their own."""
    scratch = recordings.sameboat.place.var / "scratch"
    return not [path for path in scratch.iterdir() if not path.name.startswith(("words-", "canary-"))]


@pytest.mark.short
def test_a_ring_that_comes_five_times_over_prepares_a_recording_once(
    recordings: Recordings, undisturbed: Ending
) -> None:
    story = recordings.send()
    recordings.ring(5)
    ending = recordings.ending(story)
    assert same(ending, undisturbed)
    assert (ending.attempts, ending.token) == (1, 1)
    recordings.put_away(story)


@pytest.mark.short
def test_a_worker_that_wakes_up_after_another_has_taken_over_writes_nothing(
    recordings: Recordings, undisturbed: Ending
) -> None:
    story = recordings.send()
    worker = recordings.worker()
    # What is decoded may be a canary, too.
    assert until(lambda: recordings.now(story).token == 1 and bool(decoders(worker)))
    with frozen(worker):
        # Its lease runs out while it sleeps, and somebody else, who dies at once, takes over.
        assert until(lambda: lease_ran_out(recordings, story))
        recordings.take_over(story)
        assert "stopped answering" in wait_for_words(recordings, story)
    ending = recordings.ending(story)
    assert same(ending, undisturbed)
    assert (ending.attempts, ending.token) == (3, 3)
    recordings.put_away(story)


def lease_ran_out(recordings: Recordings, story: str) -> bool:
    time.sleep(1)
    said = recordings.sameboat.manage(
        "shell",
        "-c",
        f"from jobs.models import Job; print(Job.objects.ready_to_take().filter(subject='{story}').exists())",
    )
    return said.strip().endswith("True")


def wait_for_words(recordings: Recordings, story: str) -> str:
    assert until(lambda: "stopped answering" in recordings.words_about(story))
    return recordings.words_about(story)


@pytest.mark.short
def test_recordings_that_wait_outlive_a_broker_that_forgets_them(
    recordings: Recordings, undisturbed: Ending
) -> None:
    stories = [recordings.send() for _ in range(4)]
    recordings.flush_broker()
    assert all(same(recordings.ending(story), undisturbed) for story in stories)
    recordings.put_away(*stories)


def test_a_bucket_that_is_down_for_half_a_minute_costs_time_and_nothing_else(
    recordings: Recordings, undisturbed: Ending
) -> None:
    store = recordings.sameboat.pid_of("object store")
    assert store is not None
    stories = [recordings.send() for _ in range(AT_ONCE)]
    assert until(lambda: bool(decoders(recordings.worker())))
    with frozen(store):
        time.sleep(BUCKET_DOWN)
    back = time.time()
    endings = [recordings.ending(story) for story in stories]
    assert all(same(ending, undisturbed) for ending in endings), endings
    assert max(ending.at or 0 for ending in endings) - back <= RECOVERED_WITHIN
    recordings.put_away(*stories)


@pytest.mark.short
@pytest.mark.skipif(shutil.which("unshare") is None, reason="a disk of one's own takes util-linux")
def test_a_disk_that_fills_up_is_not_blamed_on_the_recording(
    recordings: Recordings, undisturbed: Ending
) -> None:
    with (
        frozen(recordings.worker()),
        cramped_worker(recordings.sameboat, megabytes=64) as full,
    ):
        story = recordings.send()
        assert until(lambda: recordings.is_at(story, "checking"))
        full.touch()
        assert until(lambda: recordings.now(story).job_reason != "")
        reason = recordings.now(story).job_reason
        full.unlink()
        ending = recordings.ending(story)
    assert any(word in reason for word in ("NoRoom", "NoSpaceLeft", "No space left")), reason
    assert same(ending, undisturbed)
    assert ending.attempts > 1
    recordings.put_away(story)


@pytest.mark.short
def test_a_disk_that_stays_full_ends_in_words_for_the_teller(recordings: Recordings, tmp_path: Path) -> None:
    with frozen(recordings.worker()), cramped_worker(recordings.sameboat, megabytes=1):
        story = recordings.send()
        ending = recordings.ending(story)
        assert until(lambda: recordings.now(story).status == "unplayable")
    assert (ending.job, ending.attempts) == ("quarantined", 3)
    assert recordings.words_about(story).startswith("We tried three times")
    recordings.put_away(story)
