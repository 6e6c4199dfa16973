import pytest

from accounts.models import User
from challenges.models import Challenge
from jobs.models import Job
from media import faces
from media.models import Video
from stories import disguising, publishing, telling
from stories.disguising import Wish
from stories.lifecycle import NotPossibleNow
from stories.models import Story
from stories.preparation import PREPARE
from stories.telling import BadStory, NotYours
from tests.stories_told import draft_by, recording_of, story_in_review

pytestmark = pytest.mark.django_db
VOICE = Wish(faces=False, voice=True)


@pytest.fixture
def draft(bo: User, the_conversation: Challenge) -> Story:
    return draft_by(bo, the_conversation)


def video_of(story: Story) -> Video:
    return Video.objects.get(story=story)


def test_a_recording_that_is_there_is_prepared_anew_and_not_shown_until_then(bo: User, draft: Story) -> None:
    Job.objects.all().delete()
    before = video_of(draft)
    story = disguising.disguise(draft, VOICE, by=bo, seen=draft.version)
    video = video_of(story)
    assert before.is_playable
    assert not video.is_playable
    assert (video.status, video.prefix, video.master) == (Video.Status.STORED, "", {})
    assert (story.change_voice, video.change_voice, video.hide_faces) == (True, True, False)
    assert Job.objects.unfinished().filter(kind=PREPARE, subject=str(story.pk)).count() == 1


def test_a_wish_that_is_fulfilled_already_changes_nothing(bo: User, draft: Story) -> None:
    story = disguising.disguise(draft, Wish(faces=False, voice=False), by=bo, seen=draft.version)
    assert story.version == draft.version
    assert video_of(story).is_playable


def test_the_next_recording_is_disguised_like_the_one_before(bo: User, draft: Story) -> None:
    story = disguising.disguise(draft, VOICE, by=bo, seen=draft.version)
    story = telling.attach(story, recording_of(bo), by=bo, seen=story.version)
    video = video_of(story)
    assert (video.change_voice, video.status, video.is_playable) == (True, Video.Status.STORED, False)


def test_a_disguise_can_be_taken_off_again(bo: User, draft: Story) -> None:
    story = disguising.disguise(draft, VOICE, by=bo, seen=draft.version)
    story = disguising.disguise(story, Wish(faces=False, voice=False), by=bo, seen=story.version)
    assert not story.change_voice
    assert not video_of(story).change_voice


def test_what_is_being_looked_at_cannot_be_changed(bo: User, the_conversation: Challenge) -> None:
    story = story_in_review(bo, the_conversation)
    with pytest.raises(NotPossibleNow):
        disguising.disguise(story, VOICE, by=bo, seen=story.version)


def test_a_stranger_disguises_nobody(sam: User, draft: Story) -> None:
    with pytest.raises(NotYours):
        disguising.disguise(draft, VOICE, by=sam, seen=draft.version)


def test_where_no_faces_can_be_hidden_nobody_is_promised_it(
    bo: User, draft: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(faces, "PACKAGES", ("a_package_that_nobody_has",))
    with pytest.raises(BadStory, match="cannot be hidden here"):
        disguising.disguise(draft, Wish(faces=True, voice=False), by=bo, seen=draft.version)
    assert video_of(draft).is_playable


def test_a_story_is_not_sent_before_its_disguise_is_there(bo: User, draft: Story) -> None:
    story = disguising.disguise(draft, VOICE, by=bo, seen=draft.version)
    story = publishing.submit(story, by=bo, seen=story.version)
    assert story.state == "preparing"
