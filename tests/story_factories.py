"""Creates challenges, recordings and stories through the product's own functions.

A recording is a row with plausible renditions; the real pipeline has its own tests.
"""

import hashlib
import uuid

import pytest

from accounts import consent_text_loading
from accounts.models import ConsentUse, User
from challenges.models import Barrier, Challenge, Domain, Rung
from media.models import Upload, Video
from media.playback.playlists import Manifest, Rendition
from media.playback.storyboard import Storyboard
from media.video_status import MAY_BE_DAMAGED
from stories import drafts, publishing
from stories.draft_validation import ChapterDraft, StoryDraft
from stories.models import Story, StoryState

VIDEO_AND_AUDIO_MASTER = Manifest(
    (
        Rendition("v720", "video", "avc1.64001f", 1_500_000, 900_000, (4.0,) * 8, 1280, 720, 30.0),
        Rendition("a", "audio", "mp4a.40.2", 100_000, 96_000, (4.0,) * 8),
    ),
    posters=3,
    storyboard=Storyboard(every_ms=1000, count=32, columns=10, width=160, height=90),
)


CAPTIONS_TEXT = (
    "00:01.000 --> 00:04.000\nFor two years I put it off.\n\n00:05.000 --> 00:08.000\nThen I said it.\n"
)


def create_challenge(slug: str, *, rungs: int = 7) -> Challenge:
    """A challenge in the domain `relationships`, with a ladder and one barrier."""
    domain, _ = Domain.objects.get_or_create(slug="relationships", defaults={"name": "People", "order": 1})
    challenge = Challenge.objects.create(
        slug=slug, domain=domain, title=f"Manage {slug}", summary="Something one puts off.", order=1
    )
    Rung.objects.bulk_create(
        Rung(challenge=challenge, position=position, text=f"Do part {position}")
        for position in range(1, rungs + 1)
    )
    Barrier.objects.create(challenge=challenge, key="freezing", text="My mind goes blank")
    return challenge


def create_recording(owner: User, *, status: Video.Status = Video.Status.READY) -> Video:
    """A recording in the given state of the pipeline."""
    upload = Upload.objects.create(
        owner=owner,
        state=Upload.State.COMPLETE,
        completed_at="2026-01-01T00:00:00Z",
        content_type="video/mp4",
        size=1000,
        part_size=5_242_880,
        key=f"raw/{uuid.uuid4().hex}",
    )
    video = Video(owner=owner, upload=upload, status=status)
    if video.is_playable:
        video.duration_ms, video.width, video.height, video.has_sound = 32_000, 1280, 720, True
        video.prefix = f"video/{uuid.uuid4().hex}/"
        video.content_hash = hashlib.sha256(video.prefix.encode()).hexdigest()
        video.master = VIDEO_AND_AUDIO_MASTER.as_json()
    if status in {Video.Status.DAMAGED, Video.Status.UNPLAYABLE}:
        video.reason = str(MAY_BE_DAMAGED)
    video.save()
    return video


def attach_recording_and_captions(story: Story, video: Video) -> Story:
    story = drafts.attach_recording(story, video, by=story.teller, expected_version=story.version)
    return drafts.set_captions(
        story, language=story.language, text=CAPTIONS_TEXT, by=story.teller, expected_version=story.version
    )


def create_complete_draft(teller: User, challenge: Challenge, **facts: object) -> Story:
    """A draft that can be submitted."""
    draft = StoryDraft(**{"title": "I said it", "start_rung": 0, "end_rung": 2, **facts})  # type: ignore[arg-type]
    story = drafts.create_draft(challenge, draft, by=teller)
    story = attach_recording_and_captions(story, create_recording(teller))
    chapters = [ChapterDraft("start", 0, "At first"), ChapterDraft("result", 20_000, "In the end")]
    story = drafts.set_chapters(story, chapters, by=teller, expected_version=story.version)
    text = consent_text_loading.load_consent_texts()
    return drafts.give_consent(
        story, [ConsentUse.MEMBERS], text_version=text, by=teller, expected_version=story.version
    )


def create_story_in_review(teller: User, challenge: Challenge, **facts: object) -> Story:
    draft = create_complete_draft(teller, challenge, **facts)
    story = publishing.submit_story(draft, by=teller, expected_version=draft.version)
    assert story.state == StoryState.IN_REVIEW
    return Story.objects.get(pk=story.pk)


def create_published_story(teller: User, challenge: Challenge, *, by: User, **facts: object) -> Story:
    """Approved by `by`; bypasses the review queue, which has its own tests."""
    story = create_story_in_review(teller, challenge, **facts)
    story = publishing.publish_story(
        story, by=by, expected_version=story.version, content_hash=story.content_hash
    )
    return Story.objects.get(pk=story.pk)


@pytest.fixture
def the_conversation(db: None) -> Challenge:
    return create_challenge("the-conversation")
