import pytest

from accounts.models import User
from challenges.models import Challenge
from jobs.models import Job
from media.faces import detection
from media.models import Video
from stories import anonymisation, drafts, publishing
from stories.anonymisation import AnonymisationChoice
from stories.drafts import BadStory, NotYourStory
from stories.lifecycle import TransitionNotAllowed
from stories.models import Story
from stories.processing import PROCESS_STORY_JOB
from tests.story_factories import create_complete_draft, create_recording, create_story_in_review

pytestmark = pytest.mark.django_db
VOICE = AnonymisationChoice(hide_faces=False, change_voice=True)


@pytest.fixture
def draft(bo: User, the_conversation: Challenge) -> Story:
    return create_complete_draft(bo, the_conversation)


def video_of(story: Story) -> Video:
    return Video.objects.get(story=story)


def test_a_recording_that_is_there_is_prepared_anew_and_not_shown_until_then(bo: User, draft: Story) -> None:
    Job.objects.all().delete()
    before = video_of(draft)
    story = anonymisation.set_anonymisation(draft, VOICE, by=bo, expected_version=draft.version)
    video = video_of(story)
    assert before.is_playable
    assert not video.is_playable
    assert (video.status, video.prefix, video.master) == (Video.Status.STORED, "", {})
    assert (story.change_voice, video.change_voice, video.hide_faces) == (True, True, False)
    assert Job.objects.unfinished().filter(kind=PROCESS_STORY_JOB, subject=str(story.pk)).count() == 1


def test_a_wish_that_is_fulfilled_already_changes_nothing(bo: User, draft: Story) -> None:
    story = anonymisation.set_anonymisation(
        draft,
        AnonymisationChoice(hide_faces=False, change_voice=False),
        by=bo,
        expected_version=draft.version,
    )
    assert story.version == draft.version
    assert video_of(story).is_playable


def test_the_next_recording_is_disguised_like_the_one_before(bo: User, draft: Story) -> None:
    story = anonymisation.set_anonymisation(draft, VOICE, by=bo, expected_version=draft.version)
    story = drafts.attach_recording(story, create_recording(bo), by=bo, expected_version=story.version)
    video = video_of(story)
    assert (video.change_voice, video.status, video.is_playable) == (True, Video.Status.STORED, False)


def test_a_disguise_can_be_taken_off_again(bo: User, draft: Story) -> None:
    story = anonymisation.set_anonymisation(draft, VOICE, by=bo, expected_version=draft.version)
    story = anonymisation.set_anonymisation(
        story,
        AnonymisationChoice(hide_faces=False, change_voice=False),
        by=bo,
        expected_version=story.version,
    )
    assert not story.change_voice
    assert not video_of(story).change_voice


def test_what_is_being_looked_at_cannot_be_changed(bo: User, the_conversation: Challenge) -> None:
    story = create_story_in_review(bo, the_conversation)
    with pytest.raises(TransitionNotAllowed):
        anonymisation.set_anonymisation(story, VOICE, by=bo, expected_version=story.version)


def test_a_stranger_disguises_nobody(sam: User, draft: Story) -> None:
    with pytest.raises(NotYourStory):
        anonymisation.set_anonymisation(draft, VOICE, by=sam, expected_version=draft.version)


def test_where_no_faces_can_be_hidden_nobody_is_promised_it(
    bo: User, draft: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(detection, "REQUIRED_PACKAGES", ("a_package_that_nobody_has",))
    with pytest.raises(BadStory, match="cannot be hidden here"):
        anonymisation.set_anonymisation(
            draft,
            AnonymisationChoice(hide_faces=True, change_voice=False),
            by=bo,
            expected_version=draft.version,
        )
    assert video_of(draft).is_playable


def test_a_story_is_not_sent_before_its_disguise_is_there(bo: User, draft: Story) -> None:
    story = anonymisation.set_anonymisation(draft, VOICE, by=bo, expected_version=draft.version)
    story = publishing.submit_story(story, by=bo, expected_version=story.version)
    assert story.state == "preparing"
