"""A long recording is processed by several jobs."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Role, User
from challenges.models import Challenge
from jobs import leasing
from jobs.leasing import JobRun, LeaseLost
from jobs.models import Job, JobState
from media import storage
from media.models import Chunk, Splitting, Video
from media.playback.playlists import manifest_from_json
from stories import drafts, processing, publishing, retries
from stories.draft_validation import StoryDraft
from stories.models import Story
from stories.processing import ENCODE_CHUNK_JOB, PROCESS_STORY_JOB, PROCESSING_FAILED_MESSAGE
from stories.progress import processing_progress
from tests.media.sample_recordings import RecordingFactory
from tests.media.uploaded_videos import create_uploaded_video
from tests.people import create_person

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("bucket")]


@pytest.fixture(autouse=True)
def _split_long_recordings(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT, settings.SPLIT_FROM_SECONDS = tmp_path / "scratch", 8


@pytest.fixture(scope="session")
def recording_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return RecordingFactory(tmp_path_factory.mktemp("long")).video_with_tone(seconds=9, size="424x320")


@pytest.fixture
def story(bo: User, the_conversation: Challenge, recording_path: Path) -> Story:
    """A story with a long recording, after its first version was encoded."""
    draft = drafts.create_draft(the_conversation, StoryDraft(title="I said it", end_rung=2), by=bo)
    story = drafts.attach_recording(
        draft, create_uploaded_video(bo, recording_path), by=bo, expected_version=draft.version
    )
    run_oldest_job(PROCESS_STORY_JOB)
    return Story.objects.get(pk=story.pk)


def unfinished_jobs(kind: str) -> list[Job]:
    return list(Job.objects.unfinished().filter(kind=kind).order_by("created_at"))


def lease_oldest_job(kind: str) -> JobRun:
    run = leasing.acquire_lease(unfinished_jobs(kind)[0].pk)
    assert run is not None
    return run


def run_oldest_job(kind: str) -> None:
    """Run the oldest job of a kind."""
    run = lease_oldest_job(kind)
    with run:
        if kind == PROCESS_STORY_JOB:
            processing.process_story(Story.objects.get(pk=run.subject), run)
        else:
            processing.encode_story_chunk(Chunk.objects.get(pk=run.subject), run)


def video_of(story: Story) -> Video:
    return Video.objects.get(story=story)


def test_each_chunk_is_a_job_and_the_last_one_enqueues_joining(story: Story) -> None:
    assert unfinished_jobs(PROCESS_STORY_JOB) == []
    chunk_jobs = unfinished_jobs(ENCODE_CHUNK_JOB)
    assert len(chunk_jobs) == 3
    for _ in chunk_jobs:
        assert unfinished_jobs(PROCESS_STORY_JOB) == []
        run_oldest_job(ENCODE_CHUNK_JOB)
    assert unfinished_jobs(ENCODE_CHUNK_JOB) == []
    run_oldest_job(PROCESS_STORY_JOB)
    video = video_of(story)
    assert (video.status, video.percent) == (Video.Status.READY, 100)
    assert manifest_from_json(video.master).video_renditions[0].height == 320
    assert not Splitting.objects.exists()


def test_an_attempt_without_its_lease_stores_nothing(story: Story) -> None:
    run = lease_oldest_job(ENCODE_CHUNK_JOB)
    with run:
        Job.objects.filter(pk=run.job_id).update(token=run.token + 1)
        with pytest.raises(LeaseLost):
            processing.encode_story_chunk(Chunk.objects.get(pk=run.subject), run)
        Job.objects.filter(pk=run.job_id).update(token=run.token)
    assert list(Chunk.objects.exclude(encoded={})) == []
    assert list(storage.list_keys("work/")) == []


def test_withdrawing_cancels_all_jobs_and_erasure_removes_all_files(bo: User, story: Story) -> None:
    video = video_of(story)
    run_oldest_job(ENCODE_CHUNK_JOB)
    publishing.withdraw_story(story, by=bo)
    assert unfinished_jobs(PROCESS_STORY_JOB) == unfinished_jobs(ENCODE_CHUNK_JOB) == []
    processing.erase_recording(video)
    assert list(storage.list_keys("work/")) == []
    assert list(storage.list_keys("out/")) == []


def test_a_chunk_encoded_after_the_withdrawal_is_discarded(bo: User, story: Story) -> None:
    run, video = lease_oldest_job(ENCODE_CHUNK_JOB), video_of(story)
    with run:
        publishing.withdraw_story(story, by=bo)
        processing.encode_story_chunk(Chunk.objects.get(pk=run.subject), run)
        pytest.fail("the job continued after it was cancelled")
    processing.erase_recording(video)
    assert unfinished_jobs(PROCESS_STORY_JOB) == []
    assert list(storage.list_keys("work/")) == []


def test_a_new_recording_cancels_the_chunks_of_the_old_one(
    bo: User, story: Story, recording_path: Path
) -> None:
    before = {job.subject for job in unfinished_jobs(ENCODE_CHUNK_JOB)}
    drafts.attach_recording(
        story, create_uploaded_video(bo, recording_path), by=bo, expected_version=story.version
    )
    assert unfinished_jobs(ENCODE_CHUNK_JOB) == []
    assert len(before) == 3
    assert len(unfinished_jobs(PROCESS_STORY_JOB)) == 1


def test_a_recording_that_cannot_be_split_is_encoded_as_a_whole(story: Story) -> None:
    Splitting.objects.update(source_sha256="0" * 64)
    run_oldest_job(ENCODE_CHUNK_JOB)
    assert unfinished_jobs(ENCODE_CHUNK_JOB) == []
    run_oldest_job(PROCESS_STORY_JOB)
    assert video_of(story).status == Video.Status.READY


def test_chunks_that_do_not_match_are_replaced_by_one_encode(story: Story) -> None:
    for _ in unfinished_jobs(ENCODE_CHUNK_JOB):
        run_oldest_job(ENCODE_CHUNK_JOB)
    chunk = Chunk.objects.all()[1]
    chunk.encoded["files"]["v320_init.mp4"] = "0" * 64
    chunk.save()
    run_oldest_job(PROCESS_STORY_JOB)
    assert video_of(story).status == Video.Status.READY


def test_chunks_without_jobs_are_enqueued_again(story: Story) -> None:
    Job.objects.all().delete()
    assert processing.recover_orphaned_recordings() == 1
    run_oldest_job(PROCESS_STORY_JOB)
    assert len(unfinished_jobs(ENCODE_CHUNK_JOB)) == 3


def test_unfinished_chunk_jobs_need_no_recovery(story: Story) -> None:
    assert processing.recover_orphaned_recordings() == 0


def test_a_quarantined_chunk_marks_the_recording_unplayable(story: Story) -> None:
    Job.objects.filter(kind=ENCODE_CHUNK_JOB).update(state=JobState.QUARANTINED, reason="It fell over.")
    assert processing.recover_orphaned_recordings() == 1
    video = video_of(story)
    assert (video.status, video.reason) == (Video.Status.UNPLAYABLE, PROCESSING_FAILED_MESSAGE)
    assert unfinished_jobs(PROCESS_STORY_JOB) == unfinished_jobs(ENCODE_CHUNK_JOB) == []


def test_retrying_a_quarantined_chunk_processes_the_whole_recording(story: Story) -> None:
    ola = create_person("ola", Role.OPERATOR)
    Job.objects.filter(kind=ENCODE_CHUNK_JOB).update(state=JobState.QUARANTINED, reason="It fell over.")
    processing.recover_orphaned_recordings()

    (quarantined,) = Job.objects.quarantined_and_not_retried()
    assert (quarantined.kind, quarantined.subject, quarantined.reason) == (
        PROCESS_STORY_JOB,
        str(story.pk),
        "It fell over.",
    )
    retries.retry_job(quarantined, by=ola)

    assert video_of(story).status == Video.Status.STORED
    run_oldest_job(PROCESS_STORY_JOB)
    assert len(unfinished_jobs(ENCODE_CHUNK_JOB)) == 3


def test_the_progress_of_chunks_gives_the_time_left(story: Story) -> None:
    assert processing_progress(story).seconds_left is None
    Chunk.objects.update(percent=40)
    Splitting.objects.update(created_at=timezone.now() - timedelta(minutes=2))

    seconds_left = processing_progress(story).seconds_left

    assert seconds_left == pytest.approx(180, abs=5)
