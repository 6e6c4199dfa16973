from pathlib import Path

import pytest
from pytest_django import Settings

from accounts.models import User
from challenges.models import Challenge
from jobs import desk, leasing
from jobs.models import Job
from media import captions
from media.models import Captions, Video
from stories import captioning, publishing, telling
from stories.captioning import CAPTION
from stories.models import Story
from stories.publishing import NotReadyToSubmit
from tests.stories_told import WORDS, draft_by

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(bo: User, the_conversation: Challenge) -> Story:
    return draft_by(bo, the_conversation)


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


def written_by_a_machine(story: Story) -> Story:
    assert story.video is not None
    captions.attach(story.video, language="en", text=WORDS, source=Captions.Source.AUTOMATIC)
    return Story.objects.get(pk=story.pk)


def ordered() -> list[str]:
    return list(Job.objects.unfinished().filter(kind=CAPTION).values_list("subject", flat=True))


@pytest.mark.usefixtures("model")
def test_a_recording_without_captions_has_them_written_down(wordless: Story) -> None:
    pytest.importorskip("faster_whisper")
    captioning.order(wordless)
    assert ordered() == [str(wordless.pk)]


@pytest.mark.usefixtures("model")
def test_a_recording_that_has_them_is_left_alone(draft: Story) -> None:
    captioning.order(draft)
    assert ordered() == []


@pytest.mark.usefixtures("model")
def test_a_silent_recording_has_nothing_to_write_down(wordless: Story) -> None:
    Video.objects.update(has_sound=False)
    captioning.order(Story.objects.get(pk=wordless.pk))
    assert ordered() == []


def test_where_there_is_no_model_nothing_is_ordered(wordless: Story, settings: Settings) -> None:
    settings.SPEECH_MODEL = "none"
    captioning.order(wordless)
    assert ordered() == []


def test_captions_that_came_meanwhile_stay(draft: Story) -> None:
    job = desk.enqueue(CAPTION, draft.pk)
    run = leasing.take(job.pk)
    assert run is not None
    with run:
        captioning.write_down(draft, run)
    kept = Captions.objects.get()
    assert kept.source == Captions.Source.UPLOADED


def test_a_story_is_not_sent_without_captions_in_its_language(wordless: Story, bo: User) -> None:
    with pytest.raises(NotReadyToSubmit) as refused:
        publishing.submit(wordless, by=bo, seen=wordless.version)
    assert [one.field for one in refused.value.missing] == ["captions"]


def test_what_a_machine_wrote_down_has_to_be_read_first(wordless: Story, bo: User) -> None:
    story = written_by_a_machine(wordless)
    assert captioning.unread(story)
    with pytest.raises(NotReadyToSubmit, match="mishears"):
        publishing.submit(story, by=bo, seen=story.version)

    story = telling.set_captions(
        story, language="en", text=WORDS, source=Captions.Source.EDITED, by=bo, seen=story.version
    )
    assert publishing.missing(Story.objects.get(pk=story.pk)) == []


def test_a_silent_recording_can_be_sent_without(wordless: Story, bo: User) -> None:
    Video.objects.update(has_sound=False)
    assert publishing.missing(Story.objects.get(pk=wordless.pk)) == []
