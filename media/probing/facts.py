"""What a file holds, as far as we use it, and the sentences that refuse one. Values in, values out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.utils.functional import Promise

from media.ffmpeg import AUDIO_CODECS, MAX_PIXELS, VIDEO_CODECS

HDR_TRANSFERS = frozenset({16, 18})  # PQ and HLG: ITU-T H.273, table 3
MIN_DURATION_SECONDS = 0.1
MAX_HEADER_SECONDS = 24 * 3600  # a header that claims more is broken, and says nothing about the recording
MAX_PIXEL_ASPECT_RATIO = 4  # pixels wider or narrower than this are a mistake in the header
QUARTER_TURNS = frozenset({90, 270})
DRM_MARKERS = (b"encv", b"enca", b"sinf", b"pssh")  # ISO/IEC 23001-7

NOT_A_RECORDING = (
    "This is not a video or sound recording that we can read. Please choose the recording itself, "
    "for example an MP4, MOV or WebM file."
)
COPY_PROTECTED = "This file is protected against copying, so it cannot be played here. Please use a recording that you made yourself."
NO_VIDEO_OR_AUDIO = (
    "There is neither a picture nor sound in this file. Please check that it is the right one."
)
STILL_IMAGE = "This is a still picture and no recording. Please choose a video or a sound recording."
UNSUPPORTED_VIDEO_CODEC = (
    "The picture in this file is in a format that we cannot play. Please save it again as MP4 (H.264), "
    "which every phone and editing program offers."
)
UNSUPPORTED_AUDIO_CODEC = (
    "The sound in this file is in a format that we cannot play. Please save it again as MP4 with AAC sound, "
    "which every phone and editing program offers."
)
TOO_MANY_PIXELS = "The picture is larger than 4K (3840 by 2160). Please save the recording in 4K or less."
TOO_SHORT = "There is next to nothing in this recording. It may have been cut off; please record it again."
TOO_DAMAGED = (
    "This recording is too damaged to be played. If you still have the original, please upload it again."
)
TOO_SLOW_TO_READ = (
    "This recording takes too long to read. Please save it again as MP4 (H.264) and upload that."
)


class UnplayableRecording(Exception):
    """The file cannot become a story; `reason` is a sentence for its owner."""

    def __init__(self, reason: str | Promise) -> None:
        self.reason = str(reason)
        super().__init__(self.reason)


class UnreadableFile(Exception):
    """The file could not be opened at all; `kind` is the reader's word for it."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


@dataclass(frozen=True)
class GOPStructure:
    """Keyframe times in seconds and bytes per group of pictures of an H.264 stream that may be copied.

    Only streams with 8 bits, 4:2:0, progressive, without rotation, with a single parameter set and starting at time zero
    have one.
    """

    keyframe_times: tuple[float, ...]
    gop_bytes: tuple[int, ...]
    shortest_frame_seconds: float
    longest_frame_seconds: float
    seconds: float


@dataclass(frozen=True)
class VideoTrack:
    """The moving picture: sides as they are to be seen, upright and with square pixels.

    `groups` is there only if the stream could be passed on as it is.
    """

    index: int
    codec: str
    width: int
    height: int
    pixels: int
    frame_rate: Fraction | None
    is_hdr: bool
    seconds: float
    gop_structure: GOPStructure | None = None


@dataclass(frozen=True)
class AudioTrack:
    """The sound."""

    index: int
    codec: str
    channels: int
    seconds: float


@dataclass(frozen=True)
class ProbeResult:
    """`header_seconds` is what the file claims; the tracks' seconds are how far their packets reach."""

    header_seconds: float | None
    video: VideoTrack | None
    audio: AudioTrack | None
    has_unsupported_video: bool
    has_unsupported_audio: bool
    is_protected: bool
    is_still_image: bool


def parse_probe_report(report: Mapping[str, Any]) -> ProbeResult:
    """Turn the inspector's report into a Probe; it comes out of the sandbox, so nothing about it is trusted.

    Raises
    ------
    CannotRead
        The inspector could not open the file, or its report makes no sense.
    """
    if "error" in report:
        raise UnreadableFile(str(report["error"])[:60])
    try:
        return _parse_report(report)
    except (KeyError, TypeError, ValueError, IndexError, ZeroDivisionError) as error:
        raise UnreadableFile("report") from error


def _parse_report(report: Mapping[str, Any]) -> ProbeResult:
    streams = [stream for stream in report["streams"] if not stream["cover"]]
    films = [stream for stream in streams if stream["type"] == "video"]
    voices = [stream for stream in streams if stream["type"] == "audio"]
    film = next((stream for stream in films if stream["codec"] in VIDEO_CODECS), None)
    voice = next((stream for stream in voices if stream["codec"] in AUDIO_CODECS), None)
    return ProbeResult(
        header_seconds=_header_seconds(report["seconds"]),
        video=None if film is None else _video_track(film, report),
        audio=None if voice is None else _audio_track(voice, report),
        has_unsupported_video=bool(films) and film is None,
        has_unsupported_audio=bool(voices) and voice is None,
        is_protected=bool(report["encrypted"]) or any(bool(stream["protected"]) for stream in streams),
        is_still_image=not voices and _is_still_image(films, report),
    )


def _header_seconds(seconds: float | None) -> float | None:
    return float(seconds) if seconds is not None and 0 < float(seconds) < MAX_HEADER_SECONDS else None


def _track_seconds(stream: Mapping[str, Any], report: Mapping[str, Any]) -> float:
    return float(report["lengths"][int(stream["index"])])


def _is_still_image(films: Sequence[Mapping[str, Any]], report: Mapping[str, Any]) -> bool:
    """Whether all there is to see is one picture, as in the files that phones keep photographs in."""
    if not films:
        return any(stream["cover"] for stream in report["streams"])
    return all(int(report["packets"][int(stream["index"])]) == 1 for stream in films)


def _video_track(stream: Mapping[str, Any], report: Mapping[str, Any]) -> VideoTrack:
    seen = report["picture"] or {}
    width, height = int(seen.get("width", stream["width"])), int(seen.get("height", stream["height"]))
    sar = Fraction(*(int(side) for side in stream["sar"])) if stream["sar"] else Fraction(1)
    shown_width = round(width * sar) if 1 / MAX_PIXEL_ASPECT_RATIO <= sar <= MAX_PIXEL_ASPECT_RATIO else width
    turned = abs(round(float(seen.get("rotation", 0)))) % 360 in QUARTER_TURNS
    return VideoTrack(
        index=int(stream["index"]),
        codec=str(stream["codec"]),
        width=height if turned else shown_width,
        height=shown_width if turned else height,
        pixels=width * height,
        frame_rate=Fraction(*(int(part) for part in stream["rate"])) if stream["rate"] else None,
        is_hdr=bool({int(seen.get("transfer", 0)), int(stream["transfer"])} & HDR_TRANSFERS),
        seconds=_track_seconds(stream, report),
        gop_structure=_gop_structure(report, _track_seconds(stream, report))
        if seen.get("plain") and sar == 1
        else None,
    )


def _gop_structure(report: Mapping[str, Any], seconds: float) -> GOPStructure | None:
    told = report.get("groups")
    if told is None:
        return None
    return GOPStructure(
        keyframe_times=tuple(float(start) for start in told["starts"]),
        gop_bytes=tuple(int(size) for size in told["sizes"]),
        shortest_frame_seconds=float(told["shortest"]),
        longest_frame_seconds=float(told["longest"]),
        seconds=seconds,
    )


def _audio_track(stream: Mapping[str, Any], report: Mapping[str, Any]) -> AudioTrack:
    return AudioTrack(
        index=int(stream["index"]),
        codec=str(stream["codec"]),
        channels=int(stream["channels"]),
        seconds=_track_seconds(stream, report),
    )


def rejection_reason(probe: ProbeResult) -> str | None:
    """Return why this recording cannot be taken, in words for the person who sent it; None if it can."""
    problems = (
        (probe.is_protected, COPY_PROTECTED),
        (probe.is_still_image, STILL_IMAGE),
        (probe.has_unsupported_video, UNSUPPORTED_VIDEO_CODEC),
        (probe.has_unsupported_audio, UNSUPPORTED_AUDIO_CODEC),
        (probe.video is None and probe.audio is None, NO_VIDEO_OR_AUDIO),
        (probe.video is not None and probe.video.pixels > MAX_PIXELS, TOO_MANY_PIXELS),
    )
    return next((sentence for applies, sentence in problems if applies), None)


def has_drm_markers(beginning: bytes) -> bool:
    """Whether the first bytes of a file that cannot be opened carry the marks of protected media."""
    return any(mark in beginning for mark in DRM_MARKERS)


def too_long_message(most_seconds: int) -> str:
    return (
        f"This recording is longer than {most_seconds // 60} minutes, which is the most we can take. "
        "Please send a shorter one; you can tell the rest in another."
    )


def is_truncated(header_seconds: float | None, decoded_seconds: float) -> bool:
    """Whether clearly less was decoded than the file promised: by more than 5 % and more than a second."""
    if header_seconds is None:
        return False
    return header_seconds - decoded_seconds > max(1.0, 0.05 * header_seconds)
