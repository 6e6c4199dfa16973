from pathlib import Path

import pytest
from pytest_django import Settings

from accounts.models import User
from challenges.models import Challenge
from jobs import leasing, queue
from jobs.models import Job
from media.captions import tracks
from media.models import Captions, Video
from stories import captioning, drafts, publishing
from stories.captioning import CAPTION_STORY_JOB
from stories.models import Story
from stories.publishing import NotReadyToSubmit
from tests.story_factories import CAPTIONS_TEXT, create_complete_draft

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(bo: User, the_conversation: Challenge) -> Story:
    return create_complete_draft(bo, the_conversation)


@pytest.fixture
def wordless(draft: Story) -> Story:
    Captions.objects.all().delete()
    Video.objects.update(caption_languages=[])
    return Story.objects.get(pk=draft.pk)


@pytest.fixture
def model(settings: Settings, tmp_path: Path) -> Path:
    """Say that there is a model; nothing here listens to anything."""
    settings.SPEECH_MODEL = str(tmp_path)
    return tmp_path


def add_automatic_captions(story: Story) -> Story:
    assert story.video is not None
    tracks.save_captions(story.video, language="en", text=CAPTIONS_TEXT, source=Captions.Source.AUTOMATIC)
    return Story.objects.get(pk=story.pk)


def queued_captioning_subjects() -> list[str]:
    return list(Job.objects.unfinished().filter(kind=CAPTION_STORY_JOB).values_list("subject", flat=True))


@pytest.mark.usefixtures("model")
def test_a_recording_without_captions_has_them_written_down(wordless: Story) -> None:
    pytest.importorskip("faster_whisper")
    captioning.enqueue_captioning(wordless)
    assert queued_captioning_subjects() == [str(wordless.pk)]


@pytest.mark.usefixtures("model")
def test_a_recording_that_has_them_is_left_alone(draft: Story) -> None:
    captioning.enqueue_captioning(draft)
    assert queued_captioning_subjects() == []


@pytest.mark.usefixtures("model")
def test_a_silent_recording_has_nothing_to_write_down(wordless: Story) -> None:
    Video.objects.update(has_sound=False)
    captioning.enqueue_captioning(Story.objects.get(pk=wordless.pk))
    assert queued_captioning_subjects() == []


def test_where_there_is_no_model_nothing_is_ordered(wordless: Story, settings: Settings) -> None:
    settings.SPEECH_MODEL = "none"
    captioning.enqueue_captioning(wordless)
    assert queued_captioning_subjects() == []


def test_captions_that_came_meanwhile_stay(draft: Story) -> None:
    job = queue.enqueue_job(CAPTION_STORY_JOB, draft.pk)
    run = leasing.acquire_lease(job.pk)
    assert run is not None
    with run:
        captioning.generate_captions(draft, run)
    kept = Captions.objects.get()
    assert kept.source == Captions.Source.UPLOADED


def test_a_story_is_not_sent_without_captions_in_its_language(wordless: Story, bo: User) -> None:
    with pytest.raises(NotReadyToSubmit) as refused:
        publishing.submit_story(wordless, by=bo, expected_version=wordless.version)
    assert [one.field for one in refused.value.missing] == ["captions"]


def test_what_a_machine_wrote_down_has_to_be_read_first(wordless: Story, bo: User) -> None:
    story = add_automatic_captions(wordless)
    assert captioning.has_automatic_captions(story)
    with pytest.raises(NotReadyToSubmit, match="mishears"):
        publishing.submit_story(story, by=bo, expected_version=story.version)

    story = drafts.set_captions(
        story,
        language="en",
        text=CAPTIONS_TEXT,
        source=Captions.Source.EDITED,
        by=bo,
        expected_version=story.version,
    )
    assert publishing.missing_requirements(Story.objects.get(pk=story.pk)) == []


def test_a_silent_recording_can_be_sent_without(wordless: Story, bo: User) -> None:
    Video.objects.update(has_sound=False)
    assert publishing.missing_requirements(Story.objects.get(pk=wordless.pk)) == []
