"""A long recording is prepared by several jobs, whoever does them and whatever becomes of them."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Role, User
from challenges.models import Challenge
from jobs import leasing
from jobs.leasing import LeaseLost, Run
from jobs.models import Job, JobState
from media import storage
from media.models import Chunk, Splitting, Video
from media.playlists import from_json
from stories import preparation, publishing, telling, upkeep
from stories.models import Story
from stories.preparation import COULD_NOT_PREPARE, PREPARE, PREPARE_PART
from stories.progress import progress_of
from stories.telling import StoryDraft
from tests.media.arrivals import arrived
from tests.media.films import Studio
from tests.people import join

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("bucket")]


@pytest.fixture(autouse=True)
def _parted(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT, settings.SPLIT_FROM_SECONDS = tmp_path / "scratch", 8


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Studio(tmp_path_factory.mktemp("long")).talk(seconds=9, size="424x320")


@pytest.fixture
def story(bo: User, the_conversation: Challenge, film: Path) -> Story:
    """Give a story whose recording is long, and has its first version."""
    draft = telling.start(the_conversation, StoryDraft(title="I said it", end_rung=2), by=bo)
    story = telling.attach(draft, arrived(bo, film), by=bo, seen=draft.version)
    work(PREPARE)
    return Story.objects.get(pk=story.pk)


def due(kind: str) -> list[Job]:
    return list(Job.objects.unfinished().filter(kind=kind).order_by("created_at"))


def take(kind: str) -> Run:
    run = leasing.take(due(kind)[0].pk)
    assert run is not None
    return run


def work(kind: str) -> None:
    """Do the oldest job of a kind, as a worker would."""
    run = take(kind)
    with run:
        if kind == PREPARE:
            preparation.prepare(Story.objects.get(pk=run.subject), run)
        else:
            preparation.prepare_part(Chunk.objects.get(pk=run.subject), run)


def video_of(story: Story) -> Video:
    return Video.objects.get(story=story)


def test_each_part_is_a_job_and_the_last_one_has_them_put_together(story: Story) -> None:
    assert due(PREPARE) == []
    parts = due(PREPARE_PART)
    assert len(parts) == 3
    for _ in parts:
        assert due(PREPARE) == []
        work(PREPARE_PART)
    assert due(PREPARE_PART) == []
    work(PREPARE)
    video = video_of(story)
    assert (video.status, video.percent) == (Video.Status.READY, 100)
    assert from_json(video.master).pictures[0].height == 320
    assert not Splitting.objects.exists()


def test_an_attempt_that_lost_its_lease_keeps_nothing(story: Story) -> None:
    run = take(PREPARE_PART)
    with run:
        Job.objects.filter(pk=run.job_id).update(token=run.token + 1)
        with pytest.raises(LeaseLost):
            preparation.prepare_part(Chunk.objects.get(pk=run.subject), run)
        Job.objects.filter(pk=run.job_id).update(token=run.token)
    assert list(Chunk.objects.exclude(made={})) == []
    assert list(storage.list_keys("work/")) == []


def test_taking_a_story_back_calls_off_all_of_it_and_erases_what_is_there(bo: User, story: Story) -> None:
    video = video_of(story)
    work(PREPARE_PART)
    publishing.withdraw(story, by=bo)
    assert due(PREPARE) == due(PREPARE_PART) == []
    preparation.erase_recording(video)
    assert list(storage.list_keys("work/")) == []
    assert list(storage.list_keys("out/")) == []


def test_a_part_that_is_finished_after_its_story_was_taken_back_is_no_part_of_anything(
    bo: User, story: Story
) -> None:
    run, video = take(PREPARE_PART), video_of(story)
    with run:
        publishing.withdraw(story, by=bo)
        preparation.prepare_part(Chunk.objects.get(pk=run.subject), run)
        pytest.fail("it went on although its job was cancelled")
    preparation.erase_recording(video)
    assert due(PREPARE) == []
    assert list(storage.list_keys("work/")) == []


def test_another_recording_calls_off_the_parts_of_the_first(bo: User, story: Story, film: Path) -> None:
    before = {job.subject for job in due(PREPARE_PART)}
    telling.attach(story, arrived(bo, film), by=bo, seen=story.version)
    assert due(PREPARE_PART) == []
    assert len(before) == 3
    assert len(due(PREPARE)) == 1


def test_a_recording_that_cannot_be_made_in_parts_is_made_in_one_go(story: Story) -> None:
    Splitting.objects.update(source_sha256="0" * 64)
    work(PREPARE_PART)
    assert due(PREPARE_PART) == []
    work(PREPARE)
    assert video_of(story).status == Video.Status.READY


def test_parts_that_do_not_fit_together_are_made_anew_in_one_go(story: Story) -> None:
    for _ in due(PREPARE_PART):
        work(PREPARE_PART)
    chunk = Chunk.objects.all()[1]
    chunk.made["files"]["v320_init.mp4"] = "0" * 64
    chunk.save()
    work(PREPARE)
    assert video_of(story).status == Video.Status.READY


def test_parts_whose_jobs_were_lost_are_handed_in_again(story: Story) -> None:
    Job.objects.all().delete()
    assert preparation.heal() == 1
    work(PREPARE)
    assert len(due(PREPARE_PART)) == 3


def test_while_parts_are_made_there_is_nothing_to_heal(story: Story) -> None:
    assert preparation.heal() == 0


def test_a_part_that_was_set_aside_is_told_to_the_teller(story: Story) -> None:
    Job.objects.filter(kind=PREPARE_PART).update(state=JobState.QUARANTINED, reason="It fell over.")
    assert preparation.heal() == 1
    video = video_of(story)
    assert (video.status, video.reason) == (Video.Status.UNPLAYABLE, COULD_NOT_PREPARE)
    assert due(PREPARE) == due(PREPARE_PART) == []


def test_a_part_that_was_set_aside_is_tried_again_as_the_whole_recording(story: Story) -> None:
    ola = join("ola", Role.OPERATOR)
    Job.objects.filter(kind=PREPARE_PART).update(state=JobState.QUARANTINED, reason="It fell over.")
    preparation.heal()

    (aside,) = Job.objects.set_aside()
    assert (aside.kind, aside.subject, aside.reason) == (PREPARE, str(story.pk), "It fell over.")
    upkeep.retry(aside, by=ola)

    assert video_of(story).status == Video.Status.STORED
    work(PREPARE)
    assert len(due(PREPARE_PART)) == 3


def test_how_far_the_parts_are_says_how_long_it_will_take(story: Story) -> None:
    assert progress_of(story).seconds_left is None
    Chunk.objects.update(percent=40)
    Splitting.objects.update(created_at=timezone.now() - timedelta(minutes=2))

    left = progress_of(story).seconds_left

    assert left == pytest.approx(180, abs=5)
