import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.db.models.functions import Now
from django.utils import translation
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.models import User
from challenges.models import Challenge
from jobs.leasing import LEASE_DURATION, acquire_lease
from jobs.models import Job, JobState
from media.models import Video
from stories import drafts
from stories.models import Story
from stories.processing import PROCESS_STORY_JOB, PROCESSING_FAILED_MESSAGE
from stories.progress import (
    HEARTBEAT_TIMEOUT,
    QUEUED_MESSAGE,
    RETRYING_MESSAGE,
    WORKER_LOST_MESSAGE,
    ProcessingAttempt,
    describe_progress,
    estimate_seconds_left,
    processing_progress,
)
from tests.pseudo_locales import LEFT_TO_RIGHT, write_pseudo_locales
from tests.story_factories import create_complete_draft, create_recording


def build_video(status: Video.Status = Video.Status.PROCESSING, **fields: object) -> Video:
    return Video(status=status, **{"stage": "encoding", "percent": 40, **fields})


def running_attempt(*, since_heartbeat: float = 1, running_for: float = 60) -> ProcessingAttempt:
    return ProcessingAttempt(
        JobState.RUNNING, 1, timedelta(seconds=since_heartbeat), timedelta(seconds=running_for)
    )


def test_a_waiting_recording_is_in_the_queue() -> None:
    waiting = ProcessingAttempt(JobState.WAITING, 0)
    assert describe_progress(build_video(Video.Status.STORED, stage="", percent=0), waiting).words == str(
        QUEUED_MESSAGE
    )


def test_a_running_attempt_has_a_stage_a_percentage_and_the_time_left() -> None:
    progress = describe_progress(build_video(), running_attempt(running_for=60))
    assert (progress.stage, progress.percent, progress.seconds_left) == ("encoding", 40, 90)
    assert progress.words == (
        "We are making your recording playable on every device: 40%. About 2 minutes left."
    )


def test_a_worker_without_a_heartbeat_is_reported() -> None:
    silent = HEARTBEAT_TIMEOUT.total_seconds() + 1
    assert describe_progress(build_video(), running_attempt(since_heartbeat=silent)).words == str(
        WORKER_LOST_MESSAGE
    )


def test_a_failed_attempt_will_be_retried() -> None:
    assert describe_progress(build_video(), ProcessingAttempt(JobState.WAITING, 1)).words == str(
        RETRYING_MESSAGE
    )


def test_a_finished_first_job_has_no_estimate_for_the_chunks() -> None:
    running_for = timedelta(minutes=5)
    progress = describe_progress(build_video(), ProcessingAttempt(JobState.DONE, 1, None, running_for))
    assert (progress.words, progress.over) == (
        "We are making your recording playable on every device: 40%.",
        False,
    )


def test_the_time_left_for_chunks_is_estimated_from_chunks_only() -> None:
    attempt = ProcessingAttempt(
        JobState.DONE,
        1,
        None,
        timedelta(hours=1),
        chunks_percent=25.0,
        chunks_running_for=timedelta(minutes=2),
    )
    progress = describe_progress(build_video(), attempt)
    assert progress.seconds_left == 360
    assert progress.words.endswith("40%. About 6 minutes left.")


@pytest.mark.parametrize(
    ("status", "reason", "message"),
    [
        (Video.Status.READY, "", "Your recording is ready."),
        (Video.Status.UNPLAYABLE, "It has no picture.", "It has no picture."),
    ],
)
def test_a_processed_recording_reports_its_result(status: Video.Status, reason: str, message: str) -> None:
    progress = describe_progress(build_video(status, reason=reason), None)
    assert (progress.words, progress.percent, progress.over) == (message, 100, True)


@pytest.mark.parametrize(
    ("percent", "seconds", "expected"),
    [(50, 30, 30), (90, 90, 10), (3, 30, None), (50, 2, None), (0, 0, None)],
)
def test_the_time_left_is_extrapolated_once_there_is_enough_progress(
    percent: int, seconds: float, expected: int | None
) -> None:
    assert estimate_seconds_left(percent, timedelta(seconds=seconds)) == expected


@pytest.fixture
def story_being_processed(bo: User, the_conversation: Challenge) -> Story:
    story = create_complete_draft(bo, the_conversation)
    return drafts.attach_recording(
        story, create_recording(bo, status=Video.Status.STORED), by=bo, expected_version=story.version
    )


def test_the_progress_comes_from_the_latest_job_in_one_query(
    story_being_processed: Story, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    assert processing_progress(story_being_processed).words == str(QUEUED_MESSAGE)
    assert acquire_lease(Job.objects.unfinished().get(kind=PROCESS_STORY_JOB).pk) is not None
    Job.objects.update(lease_until=Now() + LEASE_DURATION - timedelta(seconds=20))
    with django_assert_num_queries(1):
        assert processing_progress(story_being_processed).words == str(WORKER_LOST_MESSAGE)


def test_a_story_without_a_recording_has_nothing_to_process(bo: User, the_conversation: Challenge) -> None:
    story = Story(teller=bo, challenge=the_conversation)
    assert processing_progress(story).over


def test_every_sentence_of_the_progress_is_translated(tmp_path: Path, settings: Settings) -> None:
    write_pseudo_locales(tmp_path)
    settings.LOCALE_PATHS = [tmp_path]
    settings.LANGUAGES = [("en-gb", "English"), (LEFT_TO_RIGHT.code, "Pseudo")]

    with translation.override(LEFT_TO_RIGHT.code):
        running = describe_progress(build_video(), running_attempt(running_for=60)).words
        failed = describe_progress(
            build_video(Video.Status.UNPLAYABLE, reason=PROCESSING_FAILED_MESSAGE), None
        ).words

    assert not re.search(r"[A-Za-z]", re.sub(r"\[[^][]*\]", "", f"{running} {failed}"))
