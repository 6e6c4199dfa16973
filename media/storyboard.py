"""One sheet of small pictures from all over a film, and where on it which second is to be found. Values only."""

from dataclasses import dataclass
from fractions import Fraction

SHEET = "storyboard.jpg"
INDEX = "storyboard.vtt"
LONGER_SIDE = 160  # of one picture, in pixels
COLUMNS = 10
MOST_PICTURES = 100  # a sheet that is fetched whole before the first of its pictures can be shown stays small
CLOSEST_SECONDS = 1.0


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

    def index(self, seconds: float) -> str:
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
            place = f"{SHEET}#xywh={x},{y},{self.width},{self.height}"
            lines += [f"{_clock(begin)} --> {_clock(end)}", place, ""]
        return "\n".join(lines)


def lay_out(width: int, height: int, *, seconds: float, rate: Fraction) -> Storyboard:
    """Plan the sheet for an upright film of this size and length; a picture stands for a whole number of frames."""
    frames = frames_apart(seconds, rate=rate)
    count = max(1, min(MOST_PICTURES, -(-round(seconds * rate) // frames)))
    scale = Fraction(LONGER_SIDE, max(width, height, LONGER_SIDE))
    return Storyboard(
        every_ms=round(1000 * frames / rate),
        count=count,
        columns=min(COLUMNS, count),
        width=_even(width * scale),
        height=_even(height * scale),
    )


def frames_apart(seconds: float, *, rate: Fraction) -> int:
    """Return how many frames lie between two pictures of the sheet."""
    return max(1, -(-round(max(CLOSEST_SECONDS, seconds / MOST_PICTURES) * rate * 1000) // 1000))


def _even(length: Fraction) -> int:
    return max(2, 2 * round(length / 2))


def _clock(milliseconds: int) -> str:
    seconds, rest = divmod(milliseconds, 1000)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.{rest:03d}"
