"""Verifies encoder output by inspecting the files themselves: a malicious upload may have taken over the encoder."""

import hashlib
import os
import re
import stat
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from media.encoding.bitrate_ladder import RenditionSpec
from media.playback.playlists import AUDIO_RENDITION, Rendition, poster_name
from media.probing.client import run_probe_program
from media.sandbox import CommandArgument, SandboxMounts

# Keys that the muxer writes itself. Any other key was copied from the original: a name, a device or a location.
ALLOWED_METADATA_KEYS = frozenset(
    {
        "major_brand",
        "minor_version",
        "compatible_brands",
        "encoder",
        "language",
        "handler_name",
        "vendor_id",
    }
)
MAX_FILE_BYTES = 64 * 1024**2
MAX_GAP_SECONDS = 0.05
JPEG_MAGIC = b"\xff\xd8\xff"
IMAGE_NAME_PATTERN = re.compile(r"[a-z]+(_[0-9])?\.jpg")


class InvalidEncoderOutput(Exception):
    """The encoder's files do not match the encoding plan."""


@dataclass(frozen=True)
class OutputFile:
    name: str
    path: Path
    size: int
    sha256: str
    content_type: str


@dataclass(frozen=True)
class EncoderOutput:
    """Verified renditions and files of one encoder run, in a local folder."""

    renditions: tuple[Rendition, ...]
    files: tuple[OutputFile, ...]


def collect_output(
    out: Path, *, rendition_names: Sequence[str], image_names: Sequence[str], is_cancelled: Callable[[], bool]
) -> EncoderOutput:
    """Verify complete renditions and images. Raises InvalidEncoderOutput."""
    return collect_segments(
        out, count_segments(out, rendition_names), image_names=image_names, is_cancelled=is_cancelled
    )


def count_segments(out: Path, rendition_names: Sequence[str]) -> dict[str, int]:
    """Return the number of complete segments by rendition; ffmpeg writes unfinished ones under temporary names."""
    return {name: len(list(out.glob(f"{name}_*.m4s"))) for name in rendition_names}


def collect_segments(
    out: Path, counts: Mapping[str, int], *, image_names: Sequence[str], is_cancelled: Callable[[], bool]
) -> EncoderOutput:
    """Verify the first `counts[name]` segments of each rendition, and images. Raises InvalidEncoderOutput."""
    args: list[CommandArgument] = ["segments", out]
    args += [arg for name, count in counts.items() for arg in (name, str(count))]
    report = run_probe_program(args, SandboxMounts(out=out), is_cancelled=is_cancelled)
    if "error" in report:
        raise InvalidEncoderOutput(str(report["error"]))
    files = {name: _read_output_file(out / name) for name in [*image_names, *_expected_file_names(counts)]}
    try:
        renditions = [_verified_rendition(name, report["renditions"][name], files) for name in counts]
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidEncoderOutput("malformed probe report") from error
    return EncoderOutput(tuple(renditions), tuple(files.values()))


def written_poster_names(out: Path, *, max_posters: int) -> list[str]:
    """Return the first poster and all others that exist; a video that ends early has fewer posters than planned."""
    names = [poster_name(number) for number in range(max_posters)]
    return [names[0], *(name for name in names[1:] if os.path.lexists(out / name))]


def _expected_file_names(counts: Mapping[str, int]) -> list[str]:
    segments = [_segment_name(name, number) for name, count in counts.items() for number in range(count)]
    return [*(f"{name}_init.mp4" for name in counts), *segments]


def _segment_name(rendition_name: str, number: int) -> str:
    return f"{rendition_name}_{number:05d}.m4s"


def _read_output_file(path: Path) -> OutputFile:
    """Read a file without following symbolic links, which a compromised encoder could have planted."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    except OSError as error:
        raise InvalidEncoderOutput(path.name) from error
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode) or not 0 < status.st_size <= MAX_FILE_BYTES:
            raise InvalidEncoderOutput(path.name)
        content = file.read()
    is_image = IMAGE_NAME_PATTERN.fullmatch(path.name) is not None
    if is_image and not content.startswith(JPEG_MAGIC):
        raise InvalidEncoderOutput(path.name)
    return OutputFile(
        name=path.name,
        path=path,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        content_type="image/jpeg" if is_image else "video/mp4",
    )


def _verified_rendition(name: str, report: Mapping[str, Any], files: Mapping[str, OutputFile]) -> Rendition:
    is_audio = name == AUDIO_RENDITION
    if report["streams"] != 1 or report["codec"] != ("aac" if is_audio else "h264"):
        raise InvalidEncoderOutput(f"{name} contains {report['streams']} streams of {report['codec']}")
    foreign_keys = set(report["metadata_keys"]) - ALLOWED_METADATA_KEYS
    if foreign_keys:
        raise InvalidEncoderOutput(f"{name} contains metadata {sorted(foreign_keys)}")
    durations = _segment_durations(name, report["segments"])
    sizes = [files[_segment_name(name, number)].size for number in range(len(durations))]
    if _segment_name(name, len(durations)) in files:
        raise InvalidEncoderOutput(f"{name} has empty segments")
    return Rendition(
        name=name,
        kind="audio" if is_audio else "video",
        codecs="mp4a.40.2" if is_audio else f"avc1.{str(report['avcc_header'])[2:8]}",
        # A last segment of a few frames has a high bit rate that no connection has to sustain.
        peak_bps=max(
            int(8 * size / duration) for size, duration in _without_short_segments(sizes, durations)
        ),
        average_bps=int(8 * sum(sizes) / sum(durations)),
        durations=tuple(durations),
        width=None if is_audio else int(report["width"]),
        height=None if is_audio else int(report["height"]),
        frame_rate=None if is_audio else round(float(report["rate"]), 3),
    )


def _segment_durations(name: str, segments: Sequence[Mapping[str, Any]]) -> list[float]:
    """Return the duration of each segment in seconds; all must start with a keyframe and follow without a gap."""
    if not segments or not all(segment["keyframe"] for segment in segments):
        raise InvalidEncoderOutput(f"{name} has segments that do not start with a keyframe")
    for segment, following in pairwise(segments):
        if abs(float(following["start"]) - float(segment["end"])) > MAX_GAP_SECONDS:
            raise InvalidEncoderOutput(f"{name} has gaps between segments")
    times = [*(float(segment["start"]) for segment in segments), float(segments[-1]["end"])]
    durations = [round(end - start, 6) for start, end in pairwise(times)]
    if min(durations) <= 0:
        raise InvalidEncoderOutput(f"{name} has decreasing timestamps")
    return durations


def _without_short_segments(sizes: Sequence[int], durations: Sequence[float]) -> list[tuple[int, float]]:
    segments = list(zip(sizes, durations, strict=True))
    return [(size, duration) for size, duration in segments if duration >= 1] or segments


def check_rendition_sizes(renditions: Sequence[Rendition], specs: Sequence[RenditionSpec]) -> None:
    sizes = [(rendition.width, rendition.height) for rendition in renditions]
    if sizes != [(spec.width, spec.height) for spec in specs]:
        raise InvalidEncoderOutput(f"unexpected sizes {sizes}")


def check_keyframe_alignment(renditions: Sequence[Rendition]) -> None:
    """Raise InvalidEncoderOutput unless all segments are aligned, as players need to switch renditions."""
    for upper, lower in pairwise(renditions):
        is_aligned = len(upper.durations) == len(lower.durations) and all(
            abs(upper_seconds - lower_seconds) < MAX_GAP_SECONDS
            for upper_seconds, lower_seconds in zip(upper.durations, lower.durations, strict=True)
        )
        if not is_aligned:
            raise InvalidEncoderOutput("keyframes are not aligned")
