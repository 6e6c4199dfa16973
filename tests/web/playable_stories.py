"""Published stories with media files, synthetic or from a real recording."""

from pathlib import Path

from accounts import consent_text_loading
from accounts.models import ConsentUse, User
from challenges.models import Challenge
from media.captions.tracks import save_captions
from media.models import Video
from media.playback.playlists import Manifest, Rendition
from stories import drafts, publishing
from stories.draft_validation import ChapterDraft, StoryDraft
from stories.models import Story
from tests.media.uploaded_videos import create_uploaded_video, process_and_record
from tests.story_factories import attach_recording_and_captions, create_published_story

CAPTIONS_VTT = "WEBVTT\n\n00:01.000 --> 00:04.000\nI put it off for two years.\n"
MEDIA_FILES = ("v480_init.mp4", "v480_00000.m4s", "v480_00015.m4s", "a_init.mp4", "poster_0.jpg")
MASTER_PLAYLIST = Manifest(
    (
        Rendition("v480", "video", "avc1.64001f", 900_000, 700_000, (2.0,) * 16, 854, 480, 30.0),
        Rendition("a", "audio", "mp4a.40.2", 128_000, 96_000, (2.0,) * 16),
    )
)


def published_story_with_media(
    teller: User, challenge: Challenge, *, by: User, words: str = CAPTIONS_VTT, **facts: object
) -> Story:
    """Return a published story with a manifest; without captions if `words` is empty."""
    story = create_published_story(teller, challenge, by=by, **facts)
    assert story.video is not None
    story.video.master = MASTER_PLAYLIST.as_json()
    story.video.save()
    if words:
        save_captions(story.video, language="en", text=words)
    else:  # as of the days before captions were needed
        story.video.captions.all().delete()
        Video.objects.filter(pk=story.video.pk).update(caption_languages=[])
    return story


def published_story_from_recording(teller: User, challenge: Challenge, *, by: User, recording: Path) -> Story:
    """Return a published story with this recording, processed by the pipeline; its second chapter starts at 2 s."""
    video = create_uploaded_video(teller, recording)
    process_and_record(video)
    assert Video.objects.get(pk=video.pk).is_playable
    story = drafts.create_draft(
        challenge, StoryDraft(title="Ten words on a receipt", start_rung=0, end_rung=2), by=teller
    )
    story = attach_recording_and_captions(story, video)
    chapters = [ChapterDraft("start", 0, "At first"), ChapterDraft("result", 2_000, "In the end")]
    story = drafts.set_chapters(story, chapters, by=teller, expected_version=story.version)
    text = consent_text_loading.load_consent_texts()
    story = drafts.give_consent(
        story, [ConsentUse.MEMBERS], text_version=text, by=teller, expected_version=story.version
    )
    story = publishing.submit_story(story, by=teller, expected_version=story.version)
    return publishing.publish_story(
        story, by=by, expected_version=story.version, content_hash=story.content_hash
    )
