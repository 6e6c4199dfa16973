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
from jobs.scheduling import lease_next_job
from media import storage
from media.models import Video
from stories import drafts, processing, publishing
from stories.drafts import StoryDraft
from stories.erasure import ERASE_RECORDING_JOB
from stories.models import Story, StoryState
from stories.processing import PROCESS_STORY_JOB
from stories.tasks import erase_recording_task
from tests.media.sample_recordings import RecordingFactory
from tests.media.uploaded_videos import create_uploaded_video
from tests.processes import decoder_pids
from tests.story_factories import create_challenge

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("bucket")]
MAX_STOP_SECONDS = 5.0
TIMEOUT_SECONDS = 60.0


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a recording that keeps the encoder busy for some seconds."""
    return RecordingFactory(tmp_path_factory.mktemp("films")).video_with_tone(seconds=20, size="1280x720")


@pytest.fixture
def recorded(bo: User, settings: Settings, tmp_path: Path, film: Path) -> Story:
    """Give a story that waits for being prepared."""
    settings.MEDIA_ROOT = tmp_path / "scratch"
    story = drafts.create_draft(create_challenge("the-conversation"), StoryDraft(title="Mine"), by=bo)
    return drafts.attach_recording(
        story, create_uploaded_video(bo, film), by=bo, expected_version=story.version
    )


@contextmanager
def processing_in_thread(story: Story) -> Iterator[threading.Thread]:
    """Let a worker prepare the story beside us."""

    def work() -> None:
        run = lease_next_job(Queue.MEDIA, kinds={PROCESS_STORY_JOB})
        assert run is not None
        with run:
            processing.process_story(Story.objects.get(pk=story.pk), run)
        connection.close()

    worker = threading.Thread(target=work)
    worker.start()
    yield worker
    worker.join(TIMEOUT_SECONDS)
    assert not worker.is_alive()


def wait_until(condition: Callable[[], bool]) -> float:
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < TIMEOUT_SECONDS
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
    with processing_in_thread(recorded) as worker:
        wait_until(lambda: stage_of(video) == stage and bool(decoder_pids(os.getpid())))
        publishing.withdraw_story(recorded, by=bo)
        assert wait_until(lambda: not decoder_pids(os.getpid())) < MAX_STOP_SECONDS
        worker.join(MAX_STOP_SECONDS)
        run = lease_next_job(Queue.QUICK, kinds={ERASE_RECORDING_JOB})
        assert run is not None
        with run:
            erase_recording_task(run)

    assert Story.objects.get(pk=recorded.pk).state == StoryState.WITHDRAWN
    assert Job.objects.get(kind=PROCESS_STORY_JOB).state == JobState.CANCELLED
    assert list(storage.list_keys(f"out/{video.pk}/")) == []
    assert list(storage.list_keys(f"raw/{video.upload_id}/")) == []
    assert list(Path(settings.MEDIA_ROOT).iterdir()) == []


def test_an_erasure_that_came_first_finds_nothing_left_of_a_worker_that_stopped_late(
    recorded: Story, bo: User
) -> None:
    video = recorded.video
    assert video is not None
    with processing_in_thread(recorded):
        wait_until(lambda: stage_of(video) == "encoding")
        publishing.withdraw_story(recorded, by=bo)
        processing.erase_recording(video)
    assert list(storage.list_keys(f"out/{video.pk}/")) == []


def test_work_is_handed_in_for_its_teller_and_taking_back_comes_first(recorded: Story, bo: User) -> None:
    publishing.withdraw_story(recorded, by=bo)
    assert set(Job.objects.values_list("kind", "owner_key", "urgency")) == {
        (PROCESS_STORY_JOB, str(bo.pk), Urgency.NORMAL),
        (ERASE_RECORDING_JOB, str(bo.pk), Urgency.URGENT),
    }


def test_a_worker_that_lost_its_lease_ends_quietly(recorded: Story) -> None:
    run = lease_next_job(Queue.MEDIA, kinds={PROCESS_STORY_JOB})
    assert run is not None
    Job.objects.update(state=JobState.CANCELLED, lease_until=None)
    with pytest.raises(LeaseLost):
        processing.process_story(recorded, run)
    assert Job.objects.get().state == JobState.CANCELLED
