import uuid

import pytest

from accounts.models import Role, User
from audit.models import Event
from challenges.models import Challenge
from jobs import queue
from jobs.models import Job, JobState
from media import video_status
from media.models import Video
from stories import drafts, processing, retries
from stories.models import Story
from stories.processing import PROCESS_STORY_JOB, PROCESSING_FAILED_MESSAGE
from stories.retries import JobNotQuarantined, NotAnOperator
from tests.people import create_person
from tests.story_factories import create_complete_draft, create_recording

pytestmark = pytest.mark.django_db


@pytest.fixture
def ola(db: None) -> User:
    return create_person("ola", Role.OPERATOR)


def create_quarantined_job(kind: str = "tests.nothing", subject: object = "") -> Job:
    job = queue.enqueue_job(kind, subject or uuid.uuid4(), owner_key="bo")
    Job.objects.filter(pk=job.pk).update(state=JobState.QUARANTINED, attempts=3, reason="again")
    return Job.objects.get(pk=job.pk)


@pytest.fixture
def failed_story(bo: User, the_conversation: Challenge) -> Story:
    """A story whose recording could not be processed."""
    story = create_complete_draft(bo, the_conversation)
    video = create_recording(bo, status=Video.Status.STORED)
    story = drafts.attach_recording(story, video, by=bo, expected_version=story.version)
    Job.objects.unfinished().filter(kind=PROCESS_STORY_JOB).update(state=JobState.QUARANTINED)
    processing.recover_orphaned_recordings()
    video.refresh_from_db()
    assert (video.status, video.reason) == (Video.Status.UNPLAYABLE, PROCESSING_FAILED_MESSAGE)
    return story


def test_a_retry_by_an_operator_enqueues_a_new_job_and_is_audited(ola: User) -> None:
    job = create_quarantined_job()
    assert retries.may_retry_job(job, ola)

    new_job = retries.retry_job(job, by=ola)

    assert (new_job.state, new_job.subject, new_job.owner_key) == (JobState.WAITING, job.subject, "bo")
    event = Event.objects.get(verb="job.retried")
    assert (event.actor, event.subject_id) == (str(ola.pk), str(new_job.pk))
    assert event.details == {"kind": "tests.nothing", "before": str(job.pk)}


def test_only_operators_may_retry_jobs(bo: User, mo: User) -> None:
    job = create_quarantined_job()
    for person in (bo, mo):
        assert not retries.may_retry_job(job, person)
        with pytest.raises(NotAnOperator):
            retries.retry_job(job, by=person)
    assert Job.objects.count() == 1


def test_a_job_can_be_retried_only_once(ola: User) -> None:
    job = create_quarantined_job()
    retries.retry_job(job, by=ola)
    with pytest.raises(JobNotQuarantined):
        retries.retry_job(job, by=ola)
    assert not retries.may_retry_job(job, ola)
    assert Job.objects.quarantined_and_not_retried().count() == 0


def test_a_retried_job_that_fails_is_quarantined_again(ola: User) -> None:
    new_job = retries.retry_job(create_quarantined_job(), by=ola)
    Job.objects.filter(pk=new_job.pk).update(state=JobState.QUARANTINED)
    assert list(Job.objects.quarantined_and_not_retried()) == [new_job]


@pytest.mark.parametrize("state", [JobState.WAITING, JobState.DONE, JobState.CANCELLED])
def test_only_quarantined_jobs_can_be_retried(ola: User, state: JobState) -> None:
    job = create_quarantined_job()
    Job.objects.update(state=state)
    with pytest.raises(JobNotQuarantined):
        retries.retry_job(job, by=ola)


def test_a_retry_resets_a_recording_whose_processing_failed(failed_story: Story, ola: User) -> None:
    retries.retry_job(Job.objects.quarantined_and_not_retried().get(), by=ola)

    video = Video.objects.get(story=failed_story)
    assert (video.status, video.reason, video.percent) == (Video.Status.STORED, "", 0)
    assert Job.objects.unfinished().get(kind=PROCESS_STORY_JOB).subject == str(failed_story.pk)


def test_a_retry_does_not_reset_a_recording_that_failed_validation(failed_story: Story, ola: User) -> None:
    Video.objects.update(status=Video.Status.STORED, reason="")
    assert failed_story.video is not None
    video_status.mark_unplayable(failed_story.video, "This is not a recording.")

    retries.retry_job(Job.objects.quarantined_and_not_retried().get(), by=ola)

    assert Video.objects.get(story=failed_story).reason == "This is not a recording."
