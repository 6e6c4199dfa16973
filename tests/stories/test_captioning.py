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
def story_without_captions(draft: Story) -> Story:
    Captions.objects.all().delete()
    Video.objects.update(caption_languages=[])
    return Story.objects.get(pk=draft.pk)


@pytest.fixture
def speech_model(settings: Settings, tmp_path: Path) -> Path:
    """Configure a model folder; these tests do not run speech recognition."""
    settings.SPEECH_MODEL = str(tmp_path)
    return tmp_path


def add_automatic_captions(story: Story) -> Story:
    assert story.video is not None
    tracks.save_captions(story.video, language="en", text=CAPTIONS_TEXT, source=Captions.Source.AUTOMATIC)
    return Story.objects.get(pk=story.pk)


def queued_captioning_subjects() -> list[str]:
    return list(Job.objects.unfinished().filter(kind=CAPTION_STORY_JOB).values_list("subject", flat=True))


@pytest.mark.usefixtures("speech_model")
def test_captioning_is_enqueued_for_a_recording_without_captions(story_without_captions: Story) -> None:
    pytest.importorskip("faster_whisper")
    captioning.enqueue_captioning(story_without_captions)
    assert queued_captioning_subjects() == [str(story_without_captions.pk)]


@pytest.mark.usefixtures("speech_model")
def test_captioning_is_not_enqueued_for_a_recording_with_captions(draft: Story) -> None:
    captioning.enqueue_captioning(draft)
    assert queued_captioning_subjects() == []


@pytest.mark.usefixtures("speech_model")
def test_captioning_is_not_enqueued_for_a_silent_recording(story_without_captions: Story) -> None:
    Video.objects.update(has_sound=False)
    captioning.enqueue_captioning(Story.objects.get(pk=story_without_captions.pk))
    assert queued_captioning_subjects() == []


def test_captioning_is_not_enqueued_without_a_speech_model(
    story_without_captions: Story, settings: Settings
) -> None:
    settings.SPEECH_MODEL = "none"
    captioning.enqueue_captioning(story_without_captions)
    assert queued_captioning_subjects() == []


def test_generated_captions_do_not_replace_uploaded_ones(draft: Story) -> None:
    job = queue.enqueue_job(CAPTION_STORY_JOB, draft.pk)
    run = leasing.acquire_lease(job.pk)
    assert run is not None
    with run:
        captioning.generate_captions(draft, run)
    captions = Captions.objects.get()
    assert captions.source == Captions.Source.UPLOADED


def test_a_story_cannot_be_submitted_without_captions_in_its_language(
    story_without_captions: Story, bo: User
) -> None:
    with pytest.raises(NotReadyToSubmit) as error:
        publishing.submit_story(
            story_without_captions, by=bo, expected_version=story_without_captions.version
        )
    assert [requirement.field for requirement in error.value.missing] == ["captions"]


def test_generated_captions_have_to_be_saved_by_the_teller_before_submission(
    story_without_captions: Story, bo: User
) -> None:
    story = add_automatic_captions(story_without_captions)
    assert captioning.has_automatic_captions(story)
    with pytest.raises(NotReadyToSubmit, match="generated automatically"):
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


def test_a_silent_recording_needs_no_captions(story_without_captions: Story, bo: User) -> None:
    Video.objects.update(has_sound=False)
    assert publishing.missing_requirements(Story.objects.get(pk=story_without_captions.pk)) == []
