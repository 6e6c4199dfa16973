import uuid

import pytest

from accounts.models import Role, User
from audit.models import Event
from challenges.models import Challenge
from jobs import desk
from jobs.models import Job, JobState
from media import versions
from media.models import Video
from stories import preparation, telling, upkeep
from stories.models import Story
from stories.preparation import COULD_NOT_PREPARE, PREPARE
from stories.upkeep import NotAnOperator, NotSetAside
from tests.people import join
from tests.stories_told import draft_by, recording_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def ola(db: None) -> User:
    return join("ola", Role.OPERATOR)


def set_aside(kind: str = "tests.nothing", subject: object = "") -> Job:
    job = desk.enqueue(kind, subject or uuid.uuid4(), whose="bo")
    Job.objects.filter(pk=job.pk).update(state=JobState.QUARANTINED, attempts=3, reason="again")
    return Job.objects.get(pk=job.pk)


@pytest.fixture
def given_up(bo: User, the_conversation: Challenge) -> Story:
    """A story whose recording we gave up on."""
    story = draft_by(bo, the_conversation)
    video = recording_of(bo, status=Video.Status.STORED)
    story = telling.attach(story, video, by=bo, seen=story.version)
    Job.objects.unfinished().filter(kind=PREPARE).update(state=JobState.QUARANTINED)
    preparation.heal()
    video.refresh_from_db()
    assert (video.status, video.reason) == (Video.Status.UNPLAYABLE, COULD_NOT_PREPARE)
    return story


def test_an_operator_has_work_tried_again_and_it_is_written_down(ola: User) -> None:
    job = set_aside()
    assert upkeep.may_retry(job, ola)

    again = upkeep.retry(job, by=ola)

    assert (again.state, again.subject, again.whose) == (JobState.WAITING, job.subject, "bo")
    event = Event.objects.get(verb="job.retried")
    assert (event.actor, event.subject_id) == (str(ola.pk), str(again.pk))
    assert event.details == {"kind": "tests.nothing", "before": str(job.pk)}


def test_nobody_else_does(bo: User, mo: User) -> None:
    job = set_aside()
    for person in (bo, mo):
        assert not upkeep.may_retry(job, person)
        with pytest.raises(NotAnOperator):
            upkeep.retry(job, by=person)
    assert Job.objects.count() == 1


def test_work_is_tried_again_once_however_often_the_button_is_pressed(ola: User) -> None:
    job = set_aside()
    upkeep.retry(job, by=ola)
    with pytest.raises(NotSetAside):
        upkeep.retry(job, by=ola)
    assert not upkeep.may_retry(job, ola)
    assert Job.objects.set_aside().count() == 0


def test_what_fails_again_is_set_aside_again(ola: User) -> None:
    again = upkeep.retry(set_aside(), by=ola)
    Job.objects.filter(pk=again.pk).update(state=JobState.QUARANTINED)
    assert list(Job.objects.set_aside()) == [again]


@pytest.mark.parametrize("state", [JobState.WAITING, JobState.DONE, JobState.CANCELLED])
def test_only_what_was_set_aside_can_be_tried_again(ola: User, state: JobState) -> None:
    job = set_aside()
    Job.objects.update(state=state)
    with pytest.raises(NotSetAside):
        upkeep.retry(job, by=ola)


def test_a_recording_that_we_gave_up_on_is_taken_up_again(given_up: Story, ola: User) -> None:
    upkeep.retry(Job.objects.set_aside().get(), by=ola)

    video = Video.objects.get(story=given_up)
    assert (video.status, video.reason, video.percent) == (Video.Status.STORED, "", 0)
    assert Job.objects.unfinished().get(kind=PREPARE).subject == str(given_up.pk)


def test_a_recording_that_was_refused_for_what_it_is_stays_refused(given_up: Story, ola: User) -> None:
    Video.objects.update(status=Video.Status.STORED, reason="")
    assert given_up.video is not None
    versions.refuse(given_up.video, "This is not a recording.")

    upkeep.retry(Job.objects.set_aside().get(), by=ola)

    assert Video.objects.get(story=given_up).reason == "This is not a recording."
