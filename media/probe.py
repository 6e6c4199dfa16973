"""What a file holds, as far as we use it, and the sentences that refuse one. Values in, values out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from media.copying import Groups
from media.ffmpeg import AUDIO_CODECS, MOST_PIXELS, VIDEO_CODECS

HDR_TRANSFERS = frozenset({16, 18})  # PQ and HLG: ITU-T H.273, table 3
SHORTEST_SECONDS = 0.1
BELIEVABLE_SECONDS = 24 * 3600  # a header that claims more is broken, and says nothing about the recording
MOST_STRETCHED = 4  # pixels wider or narrower than this are a mistake in the header
QUARTER_TURNS = frozenset({90, 270})
PROTECTION_MARKS = (b"encv", b"enca", b"sinf", b"pssh")  # ISO/IEC 23001-7

NOT_A_RECORDING = (
    "This is not a video or sound recording that we can read. Please choose the recording itself, "
    "for example an MP4, MOV or WebM file."
)
PROTECTED = "This file is protected against copying, so it cannot be played here. Please use a recording that you made yourself."
NOTHING_INSIDE = "There is neither a picture nor sound in this file. Please check that it is the right one."
STILL_PICTURE = "This is a still picture and no recording. Please choose a video or a sound recording."
UNKNOWN_FILM = (
    "The picture in this file is in a format that we cannot play. Please save it again as MP4 (H.264), "
    "which every phone and editing program offers."
)
UNKNOWN_VOICE = (
    "The sound in this file is in a format that we cannot play. Please save it again as MP4 with AAC sound, "
    "which every phone and editing program offers."
)
TOO_MANY_PIXELS = "The picture is larger than 4K (3840 by 2160). Please save the recording in 4K or less."
TOO_SHORT = "There is next to nothing in this recording. It may have been cut off; please record it again."
BROKEN = "This recording is too damaged to be played. If you still have the original, please upload it again."
TOO_HEAVY = "This recording takes too long to read. Please save it again as MP4 (H.264) and upload that."


class Unplayable(Exception):
    """The file cannot become a story; `reason` says why in words for the person who sent it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class CannotRead(Exception):
    """The file could not be opened at all; `kind` is the reader's word for it."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


@dataclass(frozen=True)
class Film:
    """The moving picture: sides as they are to be seen, upright and with square pixels.

    `groups` is there only if the stream could be passed on as it is.
    """

    index: int
    codec: str
    width: int
    height: int
    pixels: int
    rate: Fraction | None
    hdr: bool
    seconds: float
    groups: Groups | None = None


@dataclass(frozen=True)
class Voice:
    """The sound."""

    index: int
    codec: str
    channels: int
    seconds: float


@dataclass(frozen=True)
class Probe:
    """`header_seconds` is what the file claims; the tracks' seconds are how far their packets reach."""

    header_seconds: float | None
    film: Film | None
    voice: Voice | None
    unknown_film: bool
    unknown_voice: bool
    protected: bool
    still: bool


def understand(report: Mapping[str, Any]) -> Probe:
    """Turn the inspector's report into a Probe; it comes out of the sandbox, so nothing about it is trusted.

    Raises
    ------
    CannotRead
        The inspector could not open the file, or its report makes no sense.
    """
    if "error" in report:
        raise CannotRead(str(report["error"])[:60])
    try:
        return _understand(report)
    except (KeyError, TypeError, ValueError, IndexError, ZeroDivisionError) as error:
        raise CannotRead("report") from error


def _understand(report: Mapping[str, Any]) -> Probe:
    streams = [stream for stream in report["streams"] if not stream["cover"]]
    films = [stream for stream in streams if stream["type"] == "video"]
    voices = [stream for stream in streams if stream["type"] == "audio"]
    film = next((stream for stream in films if stream["codec"] in VIDEO_CODECS), None)
    voice = next((stream for stream in voices if stream["codec"] in AUDIO_CODECS), None)
    return Probe(
        header_seconds=_header(report["seconds"]),
        film=None if film is None else _film(film, report),
        voice=None if voice is None else _voice(voice, report),
        unknown_film=bool(films) and film is None,
        unknown_voice=bool(voices) and voice is None,
        protected=bool(report["encrypted"]) or any(bool(stream["protected"]) for stream in streams),
        still=not voices and _is_still(films, report),
    )


def _header(seconds: float | None) -> float | None:
    return float(seconds) if seconds is not None and 0 < float(seconds) < BELIEVABLE_SECONDS else None


def _length(stream: Mapping[str, Any], report: Mapping[str, Any]) -> float:
    return float(report["lengths"][int(stream["index"])])


def _is_still(films: Sequence[Mapping[str, Any]], report: Mapping[str, Any]) -> bool:
    """Whether all there is to see is one picture, as in the files that phones keep photographs in."""
    if not films:
        return any(stream["cover"] for stream in report["streams"])
    return all(int(report["packets"][int(stream["index"])]) == 1 for stream in films)


def _film(stream: Mapping[str, Any], report: Mapping[str, Any]) -> Film:
    seen = report["picture"] or {}
    width, height = int(seen.get("width", stream["width"])), int(seen.get("height", stream["height"]))
    sar = Fraction(*(int(side) for side in stream["sar"])) if stream["sar"] else Fraction(1)
    shown_width = round(width * sar) if 1 / MOST_STRETCHED <= sar <= MOST_STRETCHED else width
    turned = abs(round(float(seen.get("rotation", 0)))) % 360 in QUARTER_TURNS
    return Film(
        index=int(stream["index"]),
        codec=str(stream["codec"]),
        width=height if turned else shown_width,
        height=shown_width if turned else height,
        pixels=width * height,
        rate=Fraction(*(int(part) for part in stream["rate"])) if stream["rate"] else None,
        hdr=bool({int(seen.get("transfer", 0)), int(stream["transfer"])} & HDR_TRANSFERS),
        seconds=_length(stream, report),
        groups=_groups(report, _length(stream, report)) if seen.get("plain") and sar == 1 else None,
    )


def _groups(report: Mapping[str, Any], seconds: float) -> Groups | None:
    told = report.get("groups")
    if told is None:
        return None
    return Groups(
        starts=tuple(float(start) for start in told["starts"]),
        sizes=tuple(int(size) for size in told["sizes"]),
        shortest_frame=float(told["shortest"]),
        longest_frame=float(told["longest"]),
        seconds=seconds,
    )


def _voice(stream: Mapping[str, Any], report: Mapping[str, Any]) -> Voice:
    return Voice(
        index=int(stream["index"]),
        codec=str(stream["codec"]),
        channels=int(stream["channels"]),
        seconds=_length(stream, report),
    )


def refusal(probe: Probe) -> str | None:
    """Return why this recording cannot be taken, in words for the person who sent it; None if it can."""
    problems = (
        (probe.protected, PROTECTED),
        (probe.still, STILL_PICTURE),
        (probe.unknown_film, UNKNOWN_FILM),
        (probe.unknown_voice, UNKNOWN_VOICE),
        (probe.film is None and probe.voice is None, NOTHING_INSIDE),
        (probe.film is not None and probe.film.pixels > MOST_PIXELS, TOO_MANY_PIXELS),
    )
    return next((sentence for applies, sentence in problems if applies), None)


def looks_protected(beginning: bytes) -> bool:
    """Whether the first bytes of a file that cannot be opened carry the marks of protected media."""
    return any(mark in beginning for mark in PROTECTION_MARKS)


def too_long(most_seconds: int) -> str:
    return (
        f"This recording is longer than {most_seconds // 60} minutes, which is the most we can take. "
        "Please send a shorter one; you can tell the rest in another."
    )


def is_short_of(header_seconds: float | None, decoded_seconds: float) -> bool:
    """Whether clearly less was decoded than the file promised: by more than 5 % and more than a second."""
    if header_seconds is None:
        return False
    return header_seconds - decoded_seconds > max(1.0, 0.05 * header_seconds)
