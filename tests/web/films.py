"""Published stories with a recording that a player could ask for, piece by piece, or really play."""

from pathlib import Path

from accounts import consenting
from accounts.models import ConsentUse, User
from challenges.models import Challenge
from media.captions import attach
from media.models import Video
from media.playlists import Master, Rendition
from stories import publishing, telling
from stories.models import Story
from stories.telling import ChapterDraft, StoryDraft
from tests.media.arrivals import arrived, process
from tests.stories_told import published_story, recorded

WORDS = "WEBVTT\n\n00:01.000 --> 00:04.000\nI put it off for two years.\n"
PIECES = ("v480_init.mp4", "v480_00000.m4s", "v480_00015.m4s", "a_init.mp4", "poster_0.jpg")
MASTER = Master(
    (
        Rendition("v480", "video", "avc1.64001f", 900_000, 700_000, (2.0,) * 16, 854, 480, 30.0),
        Rendition("a", "audio", "mp4a.40.2", 128_000, 96_000, (2.0,) * 16),
    )
)


def film(teller: User, challenge: Challenge, *, by: User, words: str = WORDS, **facts: object) -> Story:
    """Return a published story whose recording has one picture, its sound, and captions unless `words` is empty."""
    story = published_story(teller, challenge, by=by, **facts)
    assert story.video is not None
    story.video.master = MASTER.as_json()
    story.video.save()
    if words:
        attach(story.video, language="en", text=words)
    else:  # as of the days before captions were needed
        story.video.captions.all().delete()
        Video.objects.filter(pk=story.video.pk).update(caption_languages=[])
    return story


def playable(teller: User, challenge: Challenge, *, by: User, recording: Path) -> Story:
    """Return a published story with this recording, prepared as in life; its second chapter begins after two seconds."""
    video = arrived(teller, recording)
    process(video)
    assert Video.objects.get(pk=video.pk).is_playable
    story = telling.start(
        challenge, StoryDraft(title="Ten words on a receipt", start_rung=0, end_rung=2), by=teller
    )
    story = recorded(story, video)
    chapters = [ChapterDraft("start", 0, "At first"), ChapterDraft("result", 2_000, "In the end")]
    story = telling.set_chapters(story, chapters, by=teller, seen=story.version)
    text = consenting.load()
    story = telling.give_consent(
        story, [ConsentUse.MEMBERS], text_version=text, by=teller, seen=story.version
    )
    story = publishing.submit(story, by=teller, seen=story.version)
    return publishing.publish(story, by=by, seen=story.version, content_hash=story.content_hash)
