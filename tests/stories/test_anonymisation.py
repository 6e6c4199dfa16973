import pytest

from accounts.models import User
from challenges.models import Challenge
from jobs.models import Job
from media.faces import detection
from media.models import Video
from stories import anonymisation, drafts, publishing
from stories.anonymisation import AnonymisationChoice
from stories.draft_validation import InvalidStory
from stories.drafts import NotYourStory
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


def test_a_change_hides_the_recording_until_it_is_processed_again(bo: User, draft: Story) -> None:
    Job.objects.all().delete()
    before = video_of(draft)
    story = anonymisation.set_anonymisation(draft, VOICE, by=bo, expected_version=draft.version)
    video = video_of(story)
    assert before.is_playable
    assert not video.is_playable
    assert (video.status, video.prefix, video.master) == (Video.Status.STORED, "", {})
    assert (story.change_voice, video.change_voice, video.hide_faces) == (True, True, False)
    assert Job.objects.unfinished().filter(kind=PROCESS_STORY_JOB, subject=str(story.pk)).count() == 1


def test_an_unchanged_choice_changes_nothing(bo: User, draft: Story) -> None:
    story = anonymisation.set_anonymisation(
        draft,
        AnonymisationChoice(hide_faces=False, change_voice=False),
        by=bo,
        expected_version=draft.version,
    )
    assert story.version == draft.version
    assert video_of(story).is_playable


def test_the_choice_applies_to_a_new_recording(bo: User, draft: Story) -> None:
    story = anonymisation.set_anonymisation(draft, VOICE, by=bo, expected_version=draft.version)
    story = drafts.attach_recording(story, create_recording(bo), by=bo, expected_version=story.version)
    video = video_of(story)
    assert (video.change_voice, video.status, video.is_playable) == (True, Video.Status.STORED, False)


def test_anonymisation_can_be_switched_off(bo: User, draft: Story) -> None:
    story = anonymisation.set_anonymisation(draft, VOICE, by=bo, expected_version=draft.version)
    story = anonymisation.set_anonymisation(
        story,
        AnonymisationChoice(hide_faces=False, change_voice=False),
        by=bo,
        expected_version=story.version,
    )
    assert not story.change_voice
    assert not video_of(story).change_voice


def test_a_story_in_review_cannot_be_changed(bo: User, the_conversation: Challenge) -> None:
    story = create_story_in_review(bo, the_conversation)
    with pytest.raises(TransitionNotAllowed):
        anonymisation.set_anonymisation(story, VOICE, by=bo, expected_version=story.version)


def test_only_the_teller_can_change_anonymisation(sam: User, draft: Story) -> None:
    with pytest.raises(NotYourStory):
        anonymisation.set_anonymisation(draft, VOICE, by=sam, expected_version=draft.version)


def test_hiding_faces_is_refused_without_face_detection(
    bo: User, draft: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(detection, "REQUIRED_PACKAGES", ("a_package_that_nobody_has",))
    with pytest.raises(InvalidStory, match="cannot hide faces"):
        anonymisation.set_anonymisation(
            draft,
            AnonymisationChoice(hide_faces=True, change_voice=False),
            by=bo,
            expected_version=draft.version,
        )
    assert video_of(draft).is_playable


def test_a_story_is_not_reviewed_before_its_recording_is_anonymised(bo: User, draft: Story) -> None:
    story = anonymisation.set_anonymisation(draft, VOICE, by=bo, expected_version=draft.version)
    story = publishing.submit_story(story, by=bo, expected_version=story.version)
    assert story.state == "preparing"
