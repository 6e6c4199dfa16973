"""Read back what an encoder wrote, and describe it from its own bytes: it may have been taken over by the file."""

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

# What the muxer writes by itself. Anything else would be words of the original: a name, a phone, a place.
ALLOWED_METADATA_KEYS = frozenset(
    {
        *(
            "major_brand",
            "minor_version",
            "compatible_brands",
            "encoder",
            "language",
            "handler_name",
            "vendor_id",
        ),
    }
)
MAX_FILE_BYTES = 64 * 1024**2
MAX_GAP_SECONDS = 0.05
JPEG_MAGIC = b"\xff\xd8\xff"
IMAGE_NAME_PATTERN = re.compile(r"[a-z]+(_[0-9])?\.jpg")


class InvalidEncoderOutput(Exception):
    """What the encoder left behind is not what was asked for."""


@dataclass(frozen=True)
class OutputFile:
    name: str
    path: Path
    size: int
    sha256: str
    content_type: str


@dataclass(frozen=True)
class EncoderOutput:
    """Renditions and their files as one order to the encoder left them, in a folder of this machine."""

    renditions: tuple[Rendition, ...]
    files: tuple[OutputFile, ...]


def collect_output(
    out: Path, *, rendition_names: Sequence[str], image_names: Sequence[str], is_cancelled: Callable[[], bool]
) -> EncoderOutput:
    """Read the renditions and pictures of these names. Raises BadOutput."""
    return collect_segments(
        out, count_segments(out, rendition_names), image_names=image_names, is_cancelled=is_cancelled
    )


def count_segments(out: Path, names: Sequence[str]) -> dict[str, int]:
    """Return how many pieces each rendition has by now; one that is still being written has another name."""
    return {name: len(list(out.glob(f"{name}_*.m4s"))) for name in names}


def collect_segments(
    out: Path, counts: Mapping[str, int], *, image_names: Sequence[str], is_cancelled: Callable[[], bool]
) -> EncoderOutput:
    """Read so many pieces of each rendition, and pictures. Raises BadOutput."""
    words: list[CommandArgument] = ["pieces", out]
    words += [word for name, count in counts.items() for word in (name, str(count))]
    report = run_probe_program(words, SandboxMounts(out=out), is_cancelled=is_cancelled)
    if "error" in report:
        raise InvalidEncoderOutput(str(report["error"]))
    files = {name: _read_output_file(out / name) for name in [*image_names, *_expected_file_names(counts)]}
    try:
        renditions = [_verified_rendition(name, report["renditions"][name], files) for name in counts]
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidEncoderOutput("report") from error
    return EncoderOutput(tuple(renditions), tuple(files.values()))


def written_poster_names(out: Path, *, max_posters: int) -> list[str]:
    """Return the names of the posters that were written; a film that ends early has fewer than were planned."""
    names = [poster_name(number) for number in range(max_posters)]
    return [names[0], *(name for name in names[1:] if os.path.lexists(out / name))]


def _expected_file_names(counts: Mapping[str, int]) -> list[str]:
    pieces = [f"{name}_{number:05d}.m4s" for name, count in counts.items() for number in range(count)]
    return [*(f"{name}_init.mp4" for name in counts), *pieces]


def _read_output_file(path: Path) -> OutputFile:
    """Read one file without following a link that an encoder under foreign command may have left in its place."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    except OSError as error:
        raise InvalidEncoderOutput(path.name) from error
    with os.fdopen(handle, "rb") as file:
        facts = os.fstat(file.fileno())
        if not stat.S_ISREG(facts.st_mode) or not 0 < facts.st_size <= MAX_FILE_BYTES:
            raise InvalidEncoderOutput(path.name)
        content = file.read()
    is_picture = IMAGE_NAME_PATTERN.fullmatch(path.name) is not None
    if is_picture and not content.startswith(JPEG_MAGIC):
        raise InvalidEncoderOutput(path.name)
    return OutputFile(
        name=path.name,
        path=path,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        content_type="image/jpeg" if is_picture else "video/mp4",
    )


def _verified_rendition(name: str, report: Mapping[str, Any], files: Mapping[str, OutputFile]) -> Rendition:
    is_sound = name == AUDIO_RENDITION
    if report["streams"] != 1 or report["codec"] != ("aac" if is_sound else "h264"):
        raise InvalidEncoderOutput(f"{name} holds {report['streams']} streams of {report['codec']}")
    foreign = set(report["words"]) - ALLOWED_METADATA_KEYS
    if foreign:
        raise InvalidEncoderOutput(f"{name} says {sorted(foreign)}")
    durations = _segment_durations(name, report["pieces"])
    sizes = [files[f"{name}_{number:05d}.m4s"].size for number in range(len(durations))]
    if f"{name}_{len(durations):05d}.m4s" in files:
        raise InvalidEncoderOutput(f"{name} has pieces without content")
    return Rendition(
        name=name,
        kind="audio" if is_sound else "video",
        codecs="mp4a.40.2" if is_sound else f"avc1.{str(report['config'])[2:8]}",
        # The last piece may be a few frames and says nothing about what the line has to carry.
        peak_bps=max(
            int(8 * size / duration) for size, duration in _without_short_segments(sizes, durations)
        ),
        average_bps=int(8 * sum(sizes) / sum(durations)),
        durations=tuple(durations),
        width=None if is_sound else int(report["width"]),
        height=None if is_sound else int(report["height"]),
        frame_rate=None if is_sound else round(float(report["rate"]), 3),
    )


def _segment_durations(name: str, pieces: Sequence[Mapping[str, Any]]) -> list[float]:
    """Return the seconds of each piece; all begin with a keyframe and follow without a gap."""
    if not pieces or not all(piece["keyframe"] for piece in pieces):
        raise InvalidEncoderOutput(f"{name} has pieces that nothing can begin with")
    for before, after in pairwise(pieces):
        if abs(float(after["start"]) - float(before["end"])) > MAX_GAP_SECONDS:
            raise InvalidEncoderOutput(f"{name} has gaps")
    starts = [float(piece["start"]) for piece in pieces]
    ends = [*starts[1:], float(pieces[-1]["end"])]
    durations = [round(end - start, 6) for start, end in zip(starts, ends, strict=True)]
    if min(durations) <= 0:
        raise InvalidEncoderOutput(f"{name} runs backwards")
    return durations


def _without_short_segments(sizes: Sequence[int], durations: Sequence[float]) -> list[tuple[int, float]]:
    pairs = list(zip(sizes, durations, strict=True))
    return [pair for pair in pairs if pair[1] >= 1] or pairs


def check_rendition_sizes(pictures: Sequence[Rendition], rungs: Sequence[RenditionSpec]) -> None:
    sizes = [(rendition.width, rendition.height) for rendition in pictures]
    if sizes != [(rung.width, rung.height) for rung in rungs]:
        raise InvalidEncoderOutput("sizes")


def check_keyframe_alignment(pictures: Sequence[Rendition]) -> None:
    """Refuse sizes of a picture that are not cut at the same places: a player could not change between them."""
    for upper, lower in pairwise(pictures):
        same = len(upper.durations) == len(lower.durations) and all(
            abs(one - other) < MAX_GAP_SECONDS
            for one, other in zip(upper.durations, lower.durations, strict=True)
        )
        if not same:
            raise InvalidEncoderOutput("keyframes are not aligned")
