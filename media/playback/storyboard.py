"""One sheet of small pictures from all over a film, and where on it which second is to be found. Values only."""

from dataclasses import dataclass
from fractions import Fraction

SPRITE_SHEET = "storyboard.jpg"
THUMBNAIL_TRACK = "storyboard.vtt"
THUMBNAIL_LONGER_SIDE = 160  # of one picture, in pixels
SPRITE_COLUMNS = 10
MAX_THUMBNAILS = (
    100  # a sheet that is fetched whole before the first of its pictures can be shown stays small
)
MIN_INTERVAL_SECONDS = 1.0


@dataclass(frozen=True)
class Storyboard:
    """`count` pictures of `width` by `height` pixels, one every `every_ms`, in rows of `columns`."""

    every_ms: int
    count: int
    columns: int
    width: int
    height: int

    @property
    def rows(self) -> int:
        return -(-self.count // self.columns)

    def webvtt(self, seconds: float) -> str:
        """Return WebVTT whose cues are places on the sheet (W3C Media Fragments, 4.2.2), for a film of this length."""
        lines = ["WEBVTT", ""]
        last = max(1, round(seconds * 1000))
        for number in range(self.count):
            begin, end = number * self.every_ms, min((number + 1) * self.every_ms, last)
            if number == self.count - 1:
                end = max(end, last)
            if begin >= end:
                break
            x, y = self.width * (number % self.columns), self.height * (number // self.columns)
            place = f"{SPRITE_SHEET}#xywh={x},{y},{self.width},{self.height}"
            lines += [f"{_format_timestamp(begin)} --> {_format_timestamp(end)}", place, ""]
        return "\n".join(lines)


def plan_storyboard(width: int, height: int, *, seconds: float, rate: Fraction) -> Storyboard:
    """Plan the sheet for an upright film of this size and length; a picture stands for a whole number of frames."""
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
    """Return how many frames lie between two pictures of the sheet."""
    return max(1, -(-round(max(MIN_INTERVAL_SECONDS, seconds / MAX_THUMBNAILS) * rate * 1000) // 1000))


def _even_length(length: Fraction) -> int:
    return max(2, 2 * round(length / 2))


def _format_timestamp(milliseconds: int) -> str:
    seconds, rest = divmod(milliseconds, 1000)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.{rest:03d}"
