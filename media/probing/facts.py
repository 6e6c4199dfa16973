"""Parses probe reports and decides whether a recording is accepted. Pure functions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_noop, ngettext

from media.ffmpeg import AUDIO_CODECS, MAX_PIXELS, VIDEO_CODECS

HDR_TRANSFERS = frozenset({16, 18})  # PQ and HLG: ITU-T H.273, table 3
MIN_DURATION_SECONDS = 0.1
MAX_HEADER_SECONDS = 24 * 3600  # longer durations come from broken headers
MAX_PIXEL_ASPECT_RATIO = 4  # more extreme ratios come from broken headers
QUARTER_TURNS = frozenset({90, 270})
DRM_MARKERS = (b"encv", b"enca", b"sinf", b"pssh")  # ISO/IEC 23001-7

# Stored in English and translated on display, because a worker does not know the reader's language.
NOT_A_RECORDING = gettext_noop(
    "We cannot read this file as a video or audio recording. Choose the recording itself, for example "
    "an MP4, MOV or WebM file."
)
COPY_PROTECTED = gettext_noop(
    "This file is copy-protected, so we cannot play it. Use a recording that you made yourself."
)
NO_VIDEO_OR_AUDIO = gettext_noop(
    "There is no picture and no sound in this file. Check that it is the right file."
)
STILL_IMAGE = gettext_noop("This is a photo, not a recording. Choose a video or audio recording.")
UNSUPPORTED_VIDEO_CODEC = gettext_noop(
    "The picture in this file is in a format that we cannot play. Save the recording again as MP4 (H.264): "
    "every phone and video editor can do this."
)
UNSUPPORTED_AUDIO_CODEC = gettext_noop(
    "The sound in this file is in a format that we cannot play. Save the recording again as MP4 with AAC "
    "audio: every phone and video editor can do this."
)
TOO_MANY_PIXELS = gettext_noop(
    "The picture is larger than 4K (3840 by 2160 pixels). Save the recording in 4K or smaller."
)
TOO_DAMAGED = gettext_noop(
    "This recording is too damaged to play. If you still have the original, upload it again."
)
TOO_SLOW_TO_READ = gettext_noop(
    "This recording takes too long to read. Save it again as MP4 (H.264), then upload the new file."
)


class UnplayableRecording(Exception):
    """The file cannot become a story; `reason` is a sentence for its owner."""

    def __init__(self, reason: str | Promise) -> None:
        self.reason = str(reason)
        super().__init__(self.reason)


class UnreadableFile(Exception):
    """The file cannot be opened; `kind` is the name of the error."""

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
    """Width and height are for display: upright, with square pixels.

    `gop_structure` is None if the stream cannot be copied unchanged.
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
    index: int
    codec: str
    channels: int
    seconds: float


@dataclass(frozen=True)
class ProbeResult:
    """`header_seconds` is the duration in the header; the tracks' seconds are the end of their last packet."""

    header_seconds: float | None
    video: VideoTrack | None
    audio: AudioTrack | None
    has_unsupported_video: bool
    has_unsupported_audio: bool
    is_protected: bool
    is_still_image: bool


def parse_probe_report(report: Mapping[str, Any]) -> ProbeResult:
    """Parse the report of `program.py`; it comes from the sandbox, so it is not trusted.

    Raises
    ------
    UnreadableFile
        The program could not open the file, or its report is malformed.
    """
    if "error" in report:
        raise UnreadableFile(str(report["error"])[:60])
    try:
        return _parse_report(report)
    except (KeyError, TypeError, ValueError, IndexError, ZeroDivisionError) as error:
        raise UnreadableFile("report") from error


def _parse_report(report: Mapping[str, Any]) -> ProbeResult:
    streams = [stream for stream in report["streams"] if not stream["cover_art"]]
    video_streams = [stream for stream in streams if stream["type"] == "video"]
    audio_streams = [stream for stream in streams if stream["type"] == "audio"]
    video = next((stream for stream in video_streams if stream["codec"] in VIDEO_CODECS), None)
    audio = next((stream for stream in audio_streams if stream["codec"] in AUDIO_CODECS), None)
    return ProbeResult(
        header_seconds=_header_seconds(report["seconds"]),
        video=None if video is None else _video_track(video, report),
        audio=None if audio is None else _audio_track(audio, report),
        has_unsupported_video=bool(video_streams) and video is None,
        has_unsupported_audio=bool(audio_streams) and audio is None,
        is_protected=bool(report["encrypted"]) or any(bool(stream["encrypted"]) for stream in streams),
        is_still_image=not audio_streams and _is_still_image(video_streams, report),
    )


def _header_seconds(seconds: float | None) -> float | None:
    return float(seconds) if seconds is not None and 0 < float(seconds) < MAX_HEADER_SECONDS else None


def _track_seconds(stream: Mapping[str, Any], report: Mapping[str, Any]) -> float:
    return float(report["stream_seconds"][int(stream["index"])])


def _is_still_image(video_streams: Sequence[Mapping[str, Any]], report: Mapping[str, Any]) -> bool:
    """Whether the file is a photo: phones store photos in video containers."""
    if not video_streams:
        return any(stream["cover_art"] for stream in report["streams"])
    return all(int(report["packets"][int(stream["index"])]) == 1 for stream in video_streams)


def _video_track(stream: Mapping[str, Any], report: Mapping[str, Any]) -> VideoTrack:
    frame = report["first_frame"] or {}
    width, height = int(frame.get("width", stream["width"])), int(frame.get("height", stream["height"]))
    sar = Fraction(*(int(term) for term in stream["sar"])) if stream["sar"] else Fraction(1)
    has_valid_sar = 1 / MAX_PIXEL_ASPECT_RATIO <= sar <= MAX_PIXEL_ASPECT_RATIO
    display_width = round(width * sar) if has_valid_sar else width
    is_rotated = abs(round(float(frame.get("rotation", 0)))) % 360 in QUARTER_TURNS
    can_be_copied = bool(frame.get("is_standard")) and sar == 1
    return VideoTrack(
        index=int(stream["index"]),
        codec=str(stream["codec"]),
        width=height if is_rotated else display_width,
        height=display_width if is_rotated else height,
        pixels=width * height,
        frame_rate=Fraction(*(int(term) for term in stream["rate"])) if stream["rate"] else None,
        is_hdr=bool({int(frame.get("transfer", 0)), int(stream["transfer"])} & HDR_TRANSFERS),
        seconds=_track_seconds(stream, report),
        gop_structure=_gop_structure(report, _track_seconds(stream, report)) if can_be_copied else None,
    )


def _gop_structure(report: Mapping[str, Any], seconds: float) -> GOPStructure | None:
    gops = report.get("gops")
    if gops is None:
        return None
    return GOPStructure(
        keyframe_times=tuple(float(start) for start in gops["starts"]),
        gop_bytes=tuple(int(size) for size in gops["sizes"]),
        shortest_frame_seconds=float(gops["shortest_frame"]),
        longest_frame_seconds=float(gops["longest_frame"]),
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
    """Return a sentence for the owner; None if the recording is accepted."""
    problems = (
        (probe.is_protected, COPY_PROTECTED),
        (probe.is_still_image, STILL_IMAGE),
        (probe.has_unsupported_video, UNSUPPORTED_VIDEO_CODEC),
        (probe.has_unsupported_audio, UNSUPPORTED_AUDIO_CODEC),
        (probe.video is None and probe.audio is None, NO_VIDEO_OR_AUDIO),
        (probe.video is not None and probe.video.pixels > MAX_PIXELS, TOO_MANY_PIXELS),
    )
    return next((sentence for applies, sentence in problems if applies), None)


def has_drm_markers(first_bytes: bytes) -> bool:
    return any(marker in first_bytes for marker in DRM_MARKERS)


def too_long_message(max_seconds: int) -> str:
    max_minutes = max_seconds // 60
    return ngettext(
        "This recording is longer than %(minutes)d minute. Upload a shorter one: you can tell the rest in another story.",
        "This recording is longer than %(minutes)d minutes. Upload a shorter one: you can tell the rest in another story.",
        max_minutes,
    ) % {"minutes": max_minutes}


def is_truncated(header_seconds: float | None, decoded_seconds: float) -> bool:
    """Whether more than 5 % and more than one second of the declared duration is missing."""
    if header_seconds is None:
        return False
    return header_seconds - decoded_seconds > max(1.0, 0.05 * header_seconds)
