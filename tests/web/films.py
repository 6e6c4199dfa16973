"""Published stories with a recording that a player could ask for, piece by piece."""

from accounts.models import User
from challenges.models import Challenge
from media.captions import attach
from media.models import Video
from media.playlists import Master, Rendition
from stories.models import Story
from tests.stories_told import published_story

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
