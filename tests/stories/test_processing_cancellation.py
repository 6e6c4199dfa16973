"""Withdrawing a story during its processing, with real encodes in a thread."""

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
from stories.draft_validation import StoryDraft
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
def recording_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recording that takes seconds to encode."""
    return RecordingFactory(tmp_path_factory.mktemp("films")).video_with_tone(seconds=20, size="1280x720")


@pytest.fixture
def story_with_recording(bo: User, settings: Settings, tmp_path: Path, recording_path: Path) -> Story:
    """A story whose processing is enqueued."""
    settings.MEDIA_ROOT = tmp_path / "scratch"
    story = drafts.create_draft(create_challenge("the-conversation"), StoryDraft(title="Mine"), by=bo)
    return drafts.attach_recording(
        story, create_uploaded_video(bo, recording_path), by=bo, expected_version=story.version
    )


@contextmanager
def processing_in_thread(story: Story) -> Iterator[threading.Thread]:
    """Process the story in another thread."""

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
    started_at = time.monotonic()
    while not condition():
        assert time.monotonic() - started_at < TIMEOUT_SECONDS
        time.sleep(0.05)
    return time.monotonic() - started_at


def stage_of(video: Video) -> str:
    return str(Video.objects.values_list("stage", flat=True).get(pk=video.pk))


@pytest.mark.parametrize("stage", ["checking", "encoding"])
def test_withdrawing_stops_the_encoder_and_removes_all_files(
    story_with_recording: Story, bo: User, settings: Settings, stage: str
) -> None:
    video = story_with_recording.video
    assert video is not None
    with processing_in_thread(story_with_recording) as worker:
        wait_until(lambda: stage_of(video) == stage and bool(decoder_pids(os.getpid())))
        publishing.withdraw_story(story_with_recording, by=bo)
        assert wait_until(lambda: not decoder_pids(os.getpid())) < MAX_STOP_SECONDS
        worker.join(MAX_STOP_SECONDS)
        run = lease_next_job(Queue.QUICK, kinds={ERASE_RECORDING_JOB})
        assert run is not None
        with run:
            erase_recording_task(run)

    assert Story.objects.get(pk=story_with_recording.pk).state == StoryState.WITHDRAWN
    assert Job.objects.get(kind=PROCESS_STORY_JOB).state == JobState.CANCELLED
    assert list(storage.list_keys(f"out/{video.pk}/")) == []
    assert list(storage.list_keys(f"raw/{video.upload_id}/")) == []
    assert list(Path(settings.MEDIA_ROOT).iterdir()) == []


def test_no_file_remains_if_the_worker_stops_after_the_erasure(story_with_recording: Story, bo: User) -> None:
    video = story_with_recording.video
    assert video is not None
    with processing_in_thread(story_with_recording):
        wait_until(lambda: stage_of(video) == "encoding")
        publishing.withdraw_story(story_with_recording, by=bo)
        processing.erase_recording(video)
    assert list(storage.list_keys(f"out/{video.pk}/")) == []


def test_jobs_belong_to_the_teller_and_erasure_is_urgent(story_with_recording: Story, bo: User) -> None:
    publishing.withdraw_story(story_with_recording, by=bo)
    assert set(Job.objects.values_list("kind", "owner_key", "urgency")) == {
        (PROCESS_STORY_JOB, str(bo.pk), Urgency.NORMAL),
        (ERASE_RECORDING_JOB, str(bo.pk), Urgency.URGENT),
    }


def test_a_worker_without_its_lease_changes_nothing(story_with_recording: Story) -> None:
    run = lease_next_job(Queue.MEDIA, kinds={PROCESS_STORY_JOB})
    assert run is not None
    Job.objects.update(state=JobState.CANCELLED, lease_until=None)
    with pytest.raises(LeaseLost):
        processing.process_story(story_with_recording, run)
    assert Job.objects.get().state == JobState.CANCELLED
