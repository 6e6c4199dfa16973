"""The words of a recording line by line, for those who read along or read instead of watching."""

from dataclasses import dataclass

from media.captions.vtt import Cue, parse_captions
from stories.models import Story


@dataclass(frozen=True)
class Transcript:
    """All lines in one language, in order of time."""

    language: str
    lines: list[Cue]


def story_transcripts(story: Story) -> list[Transcript]:
    """Return the words of the story's recording in each language there is."""
    if story.video is None:
        return []
    return [
        Transcript(captions.language, parse_captions(captions.vtt))
        for captions in story.video.captions.order_by("language")
    ]
