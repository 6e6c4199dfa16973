"""Transcripts of a story, one per caption language."""

from dataclasses import dataclass

from media.captions.vtt import Cue, parse_captions
from stories.models import Story


@dataclass(frozen=True)
class Transcript:
    """All cues in one language, in time order."""

    language: str
    lines: list[Cue]


def story_transcripts(story: Story) -> list[Transcript]:
    if story.video is None:
        return []
    return [
        Transcript(captions.language, parse_captions(captions.vtt))
        for captions in story.video.captions.order_by("language")
    ]
