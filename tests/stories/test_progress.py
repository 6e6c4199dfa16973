"""How far a recording is, in words: on plain values, then from the rows."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from challenges.models import Challenge
from jobs.leasing import LEASE_DURATION, acquire_lease
from jobs.models import Job, JobState
from media.models import Video
from stories import drafts
from stories.models import Story
from stories.processing import PROCESS_STORY_JOB
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
from tests.story_factories import create_complete_draft, create_recording

S = Video.Status


def build_video(status: Video.Status = S.PROCESSING, **facts: object) -> Video:
    return Video(status=status, **{"stage": "encoding", "percent": 40, **facts})


def running_attempt(*, since_heartbeat: float = 1, running_for: float = 60) -> ProcessingAttempt:
    return ProcessingAttempt(
        JobState.RUNNING, 1, timedelta(seconds=since_heartbeat), timedelta(seconds=running_for)
    )


def test_a_recording_that_waits_says_so() -> None:
    waiting = ProcessingAttempt(JobState.WAITING, 0)
    assert (
        describe_progress(build_video(S.STORED, stage="", percent=0), waiting).words == f"{QUEUED_MESSAGE}."
    )


def test_a_recording_at_work_says_what_is_done_and_how_long_it_will_take() -> None:
    progress = describe_progress(build_video(), running_attempt(running_for=60))
    assert (progress.stage, progress.percent, progress.seconds_left) == ("encoding", 40, 90)
    assert progress.words == "We are making it playable on every device: 40 %. About 2 minutes to go."


def test_a_worker_that_is_silent_is_said_in_words() -> None:
    silent = HEARTBEAT_TIMEOUT.total_seconds() + 1
    assert (
        describe_progress(build_video(), running_attempt(since_heartbeat=silent)).words
        == f"{WORKER_LOST_MESSAGE}."
    )


def test_an_attempt_that_failed_is_said_in_words() -> None:
    assert (
        describe_progress(build_video(), ProcessingAttempt(JobState.WAITING, 1)).words
        == f"{RETRYING_MESSAGE}."
    )


def test_a_long_recording_that_several_are_at_says_how_far_it_is() -> None:
    of_the_first_job = timedelta(minutes=5)
    progress = describe_progress(build_video(), ProcessingAttempt(JobState.DONE, 1, None, of_the_first_job))
    assert (progress.words, progress.over) == ("We are making it playable on every device: 40 %.", False)


def test_how_long_parts_will_take_is_guessed_from_parts_alone() -> None:
    attempt = ProcessingAttempt(
        JobState.DONE,
        1,
        None,
        timedelta(hours=1),
        segments_percent=25.0,
        segments_running_for=timedelta(minutes=2),
    )
    progress = describe_progress(build_video(), attempt)
    assert progress.seconds_left == 360
    assert progress.words.endswith("40 %. About 6 minutes to go.")


@pytest.mark.parametrize(
    ("status", "reason", "words"),
    [(S.READY, "", "Your recording is ready."), (S.UNPLAYABLE, "It has no picture.", "It has no picture.")],
)
def test_a_recording_that_is_done_says_how_it_ended(status: Video.Status, reason: str, words: str) -> None:
    progress = describe_progress(build_video(status, reason=reason), None)
    assert (progress.words, progress.percent, progress.over) == (words, 100, True)


@pytest.mark.parametrize(
    ("percent", "seconds", "left"), [(50, 30, 30), (90, 90, 10), (3, 30, None), (50, 2, None), (0, 0, None)]
)
def test_the_time_that_is_left_is_guessed_from_the_time_it_took(
    percent: int, seconds: float, left: int | None
) -> None:
    assert estimate_seconds_left(percent, timedelta(seconds=seconds)) == left


@pytest.fixture
def arriving(bo: User, the_conversation: Challenge) -> Story:
    story = create_complete_draft(bo, the_conversation)
    return drafts.attach_recording(
        story, create_recording(bo, status=S.STORED), by=bo, expected_version=story.version
    )


def test_it_is_read_from_the_last_attempt(
    arriving: Story, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    assert processing_progress(arriving).words == f"{QUEUED_MESSAGE}."
    assert acquire_lease(Job.objects.unfinished().get(kind=PROCESS_STORY_JOB).pk) is not None
    Job.objects.update(lease_until=Now() + LEASE_DURATION - timedelta(seconds=20))
    with django_assert_num_queries(1):
        assert processing_progress(arriving).words == f"{WORKER_LOST_MESSAGE}."


def test_without_a_recording_there_is_nothing_to_wait_for(bo: User, the_conversation: Challenge) -> None:
    story = Story(teller=bo, challenge=the_conversation)
    assert processing_progress(story).over
