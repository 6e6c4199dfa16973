"""How far a recording is, in words: on plain values, then from the rows."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from challenges.models import Challenge
from jobs.leasing import LEASE, take
from jobs.models import Job, JobState
from media.models import Video
from stories import telling
from stories.models import Story
from stories.preparation import PREPARE
from stories.progress import (
    ARRIVED,
    ONCE_MORE,
    QUIET_AFTER,
    STOPPED,
    Attempt,
    describe,
    progress_of,
    seconds_left,
)
from tests.stories_told import draft_by, recording_of

S = Video.Status


def recording(status: Video.Status = S.PROCESSING, **facts: object) -> Video:
    return Video(status=status, **{"stage": "encoding", "percent": 40, **facts})


def running(*, silent: float = 1, since: float = 60) -> Attempt:
    return Attempt(JobState.RUNNING, 1, timedelta(seconds=silent), timedelta(seconds=since))


def test_a_recording_that_waits_says_so() -> None:
    waiting = Attempt(JobState.WAITING, 0)
    assert describe(recording(S.STORED, stage="", percent=0), waiting).words == f"{ARRIVED}."


def test_a_recording_at_work_says_what_is_done_and_how_long_it_will_take() -> None:
    progress = describe(recording(), running(since=60))
    assert (progress.stage, progress.percent, progress.seconds_left) == ("encoding", 40, 90)
    assert progress.words == "We are making it playable on every device: 40 %. About 2 minutes to go."


def test_a_worker_that_is_silent_is_said_in_words() -> None:
    silent = QUIET_AFTER.total_seconds() + 1
    assert describe(recording(), running(silent=silent)).words == f"{STOPPED}."


def test_an_attempt_that_failed_is_said_in_words() -> None:
    assert describe(recording(), Attempt(JobState.WAITING, 1)).words == f"{ONCE_MORE}."


def test_a_long_recording_that_several_are_at_says_how_far_it_is() -> None:
    of_the_first_job = timedelta(minutes=5)
    progress = describe(recording(), Attempt(JobState.DONE, 1, None, of_the_first_job))
    assert (progress.words, progress.over) == ("We are making it playable on every device: 40 %.", False)


def test_how_long_parts_will_take_is_guessed_from_parts_alone() -> None:
    attempt = Attempt(JobState.DONE, 1, None, timedelta(hours=1), parts=25.0, parts_for=timedelta(minutes=2))
    progress = describe(recording(), attempt)
    assert progress.seconds_left == 360
    assert progress.words.endswith("40 %. About 6 minutes to go.")


@pytest.mark.parametrize(
    ("status", "reason", "words"),
    [(S.READY, "", "Your recording is ready."), (S.UNPLAYABLE, "It has no picture.", "It has no picture.")],
)
def test_a_recording_that_is_done_says_how_it_ended(status: Video.Status, reason: str, words: str) -> None:
    progress = describe(recording(status, reason=reason), None)
    assert (progress.words, progress.percent, progress.over) == (words, 100, True)


@pytest.mark.parametrize(
    ("percent", "seconds", "left"), [(50, 30, 30), (90, 90, 10), (3, 30, None), (50, 2, None), (0, 0, None)]
)
def test_the_time_that_is_left_is_guessed_from_the_time_it_took(
    percent: int, seconds: float, left: int | None
) -> None:
    assert seconds_left(percent, timedelta(seconds=seconds)) == left


@pytest.fixture
def arriving(bo: User, the_conversation: Challenge) -> Story:
    story = draft_by(bo, the_conversation)
    return telling.attach(story, recording_of(bo, status=S.STORED), by=bo, seen=story.version)


def test_it_is_read_from_the_last_attempt(
    arriving: Story, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    assert progress_of(arriving).words == f"{ARRIVED}."
    assert take(Job.objects.unfinished().get(kind=PREPARE).pk) is not None
    Job.objects.update(lease_until=Now() + LEASE - timedelta(seconds=20))
    with django_assert_num_queries(1):
        assert progress_of(arriving).words == f"{STOPPED}."


def test_without_a_recording_there_is_nothing_to_wait_for(bo: User, the_conversation: Challenge) -> None:
    story = Story(teller=bo, challenge=the_conversation)
    assert progress_of(story).over
