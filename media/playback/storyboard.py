"""Thumbnail sprite sheet of a video and the WebVTT track that maps seconds to its thumbnails."""

from dataclasses import dataclass
from fractions import Fraction

SPRITE_SHEET = "storyboard.jpg"
THUMBNAIL_TRACK = "storyboard.vtt"
THUMBNAIL_LONGER_SIDE = 160  # pixels
SPRITE_COLUMNS = 10
# Players download the whole sprite sheet before they show the first thumbnail, so it must stay small.
MAX_THUMBNAILS = 100
MIN_INTERVAL_SECONDS = 1.0


@dataclass(frozen=True)
class Storyboard:
    """`count` thumbnails of `width` by `height` pixels, one per `every_ms`, in rows of `columns`."""

    every_ms: int
    count: int
    columns: int
    width: int
    height: int

    @property
    def rows(self) -> int:
        return -(-self.count // self.columns)

    def webvtt(self, seconds: float) -> str:
        """Return cues whose text is a region of the sprite sheet (W3C Media Fragments, 4.2.2)."""
        lines = ["WEBVTT", ""]
        duration_ms = max(1, round(seconds * 1000))
        for index in range(self.count):
            start, end = index * self.every_ms, min((index + 1) * self.every_ms, duration_ms)
            if index == self.count - 1:
                end = max(end, duration_ms)
            if start >= end:
                break
            x, y = self.width * (index % self.columns), self.height * (index // self.columns)
            region = f"{SPRITE_SHEET}#xywh={x},{y},{self.width},{self.height}"
            lines += [f"{_format_timestamp(start)} --> {_format_timestamp(end)}", region, ""]
        return "\n".join(lines)


def plan_storyboard(width: int, height: int, *, seconds: float, rate: Fraction) -> Storyboard:
    """Plan the sprite sheet for an upright video; the interval is a whole number of frames."""
    frames = thumbnail_frame_interval(seconds, rate=rate)
    count = max(1, min(MAX_THUMBNAILS, -(-round(seconds * rate) // frames)))
    scale = Fraction(THUMBNAIL_LONGER_SIDE, max(width, height, THUMBNAIL_LONGER_SIDE))
    return Storyboard(
        every_ms=round(1000 * frames / rate),
        count=count,
        columns=min(SPRITE_COLUMNS, count),
        width=_even_length(width * scale),
        height=_even_length(height * scale),
    )


def thumbnail_frame_interval(seconds: float, *, rate: Fraction) -> int:
    """Return the number of frames between two thumbnails."""
    return max(1, -(-round(max(MIN_INTERVAL_SECONDS, seconds / MAX_THUMBNAILS) * rate * 1000) // 1000))


def _even_length(length: Fraction) -> int:
    return max(2, 2 * round(length / 2))


def _format_timestamp(milliseconds: int) -> str:
    seconds, milliseconds = divmod(milliseconds, 1000)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.{milliseconds:03d}"
