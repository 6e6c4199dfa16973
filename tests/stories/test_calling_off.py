"""Work on a recording that its teller takes back meanwhile: real encodes, in a thread as a worker would do them."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import connection
from pytest_django import Settings

from accounts.models import User
from jobs.leasing import LeaseLost
from jobs.models import Job, JobState, Queue, Urgency
from jobs.turns import take_in_turn
from media import storage
from media.models import Video
from stories import preparation, publishing, telling
from stories.models import Story, StoryState
from stories.preparation import PREPARE
from stories.tasks import erase_recording_task
from stories.telling import ERASE_RECORDING, StoryDraft
from tests.media.arrivals import arrived
from tests.media.films import Studio
from tests.processes import decoders
from tests.stories_told import challenge_named

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("bucket")]
STOPPED_WITHIN = 5.0
PATIENCE = 60.0


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a recording that keeps the encoder busy for some seconds."""
    return Studio(tmp_path_factory.mktemp("films")).talk(seconds=20, size="1280x720")


@pytest.fixture
def recorded(bo: User, settings: Settings, tmp_path: Path, film: Path) -> Story:
    """Give a story that waits for being prepared."""
    settings.MEDIA_ROOT = tmp_path / "scratch"
    story = telling.start(challenge_named("the-conversation"), StoryDraft(title="Mine"), by=bo)
    return telling.attach(story, arrived(bo, film), by=bo, seen=story.version)


@contextmanager
def at_work(story: Story) -> Iterator[threading.Thread]:
    """Let a worker prepare the story beside us."""

    def work() -> None:
        run = take_in_turn(Queue.MEDIA, kinds={PREPARE})
        assert run is not None
        with run:
            preparation.prepare(Story.objects.get(pk=story.pk), run)
        connection.close()

    worker = threading.Thread(target=work)
    worker.start()
    yield worker
    worker.join(PATIENCE)
    assert not worker.is_alive()


def wait_until(happened: Callable[[], bool]) -> float:
    began = time.monotonic()
    while not happened():
        assert time.monotonic() - began < PATIENCE
        time.sleep(0.05)
    return time.monotonic() - began


def stage_of(video: Video) -> str:
    return str(Video.objects.values_list("stage", flat=True).get(pk=video.pk))


@pytest.mark.parametrize("stage", ["checking", "encoding"])
def test_withdrawing_ends_the_encoder_and_leaves_no_byte(
    recorded: Story, bo: User, settings: Settings, stage: str
) -> None:
    video = recorded.video
    assert video is not None
    with at_work(recorded) as worker:
        wait_until(lambda: stage_of(video) == stage and bool(decoders(os.getpid())))
        publishing.withdraw(recorded, by=bo)
        assert wait_until(lambda: not decoders(os.getpid())) < STOPPED_WITHIN
        worker.join(STOPPED_WITHIN)
        run = take_in_turn(Queue.QUICK, kinds={ERASE_RECORDING})
        assert run is not None
        with run:
            erase_recording_task(run)

    assert Story.objects.get(pk=recorded.pk).state == StoryState.WITHDRAWN
    assert Job.objects.get(kind=PREPARE).state == JobState.CANCELLED
    assert list(storage.list_keys(f"out/{video.pk}/")) == []
    assert list(storage.list_keys(f"raw/{video.upload_id}/")) == []
    assert list(Path(settings.MEDIA_ROOT).iterdir()) == []


def test_an_erasure_that_came_first_finds_nothing_left_of_a_worker_that_stopped_late(
    recorded: Story, bo: User
) -> None:
    video = recorded.video
    assert video is not None
    with at_work(recorded):
        wait_until(lambda: stage_of(video) == "encoding")
        publishing.withdraw(recorded, by=bo)
        preparation.erase_recording(video)
    assert list(storage.list_keys(f"out/{video.pk}/")) == []


def test_work_is_handed_in_for_its_teller_and_taking_back_comes_first(recorded: Story, bo: User) -> None:
    publishing.withdraw(recorded, by=bo)
    assert set(Job.objects.values_list("kind", "whose", "urgency")) == {
        (PREPARE, str(bo.pk), Urgency.USUAL),
        (ERASE_RECORDING, str(bo.pk), Urgency.AT_ONCE),
    }


def test_a_worker_that_lost_its_lease_ends_quietly(recorded: Story) -> None:
    run = take_in_turn(Queue.MEDIA, kinds={PREPARE})
    assert run is not None
    Job.objects.update(state=JobState.CANCELLED, lease_until=None)
    with pytest.raises(LeaseLost):
        preparation.prepare(recorded, run)
    assert Job.objects.get().state == JobState.CANCELLED
