"""How much of a face is covered that is small, turned or in the dark.

    python -m tests.benchmarks.face_finding

One portrait (Eileen Collins, NASA, in the public domain; it comes with scikit-image), moved about a little in each film, so that it
is known where the face is. One person says nothing about others: what counts is from where on it gets worse, which is what the page
for tellers warns of.
"""

import importlib.util
import math
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tests import servers
from tests.benchmarks.measuring import processor, say

SIDE, SECONDS = 720, 3
# The face in the portrait, in parts of its sides: its middle, and how wide and tall it is.
MIDDLE, WIDE, TALL = (0.4425, 0.2275), 0.165, 0.215
EDGE, SWAY = 16, 12  # pixels
HEIGHTS = (0.4, 0.2, 0.1, 0.05, 0.033, 0.025)
TURNS = (15, 30, 45, 60, 90, 180)
LIGHTS = (0.5, 0.25, 0.1, 0.05)
# What counts of the face: eyes, nose and mouth.
INNER = 0.6
COVERED = 127


@dataclass(frozen=True)
class Way:
    """What is done to the portrait, in words and in filters, and where the face is then, in parts of the picture."""

    name: str
    filters: str
    middle: tuple[float, float] = MIDDLE
    size: float = 1.0


def main() -> None:
    running = servers.begin()
    try:
        with tempfile.TemporaryDirectory() as scratch:
            for line in measured(Path(scratch)):
                say(line)
    finally:
        if running is not None:
            running.stop()


def measured(scratch: Path) -> Iterator[str]:
    import django

    django.setup()
    yield f"{processor()}: one portrait, {SECONDS} s each"
    yield "| | frames in which eyes, nose and mouth are covered | looks, of a hundred, in which there was a face |"
    yield "|---|---|---|"
    for way in ways():
        share, found = covered(way, scratch)
        yield f"| {way.name} | {share:.0%} | {found or 'refused'} |"


def ways() -> Iterator[Way]:
    for height in HEIGHTS:
        size = height / TALL
        side = round(SIDE * size)
        kept = min(side, SIDE)
        fit = f"scale={side}:{side},crop={kept}:{kept}:0:0,pad={SIDE}:{SIDE}:0:0:gray"
        yield Way(f"{height:.1%} of the picture's height", fit, (MIDDLE[0] * size, MIDDLE[1] * size), size)
    whole = f"scale={SIDE}:{SIDE}"
    for degrees in TURNS:
        turned = f"{whole},rotate={degrees}*PI/180:fillcolor=gray"
        yield Way(f"turned by {degrees} degrees", turned, _turned(MIDDLE, math.radians(degrees)))
    for light in LIGHTS:
        dark = f"{whole},lutyuv=y='16+(val-16)*{light}',noise=alls=8:allf=t"
        yield Way(f"{light:.0%} of the light", dark)


def _turned(place: tuple[float, float], angle: float) -> tuple[float, float]:
    x, y = place[0] - 0.5, place[1] - 0.5
    return (
        0.5 + x * math.cos(angle) - y * math.sin(angle),
        0.5 + x * math.sin(angle) + y * math.cos(angle),
    )


def covered(way: Way, scratch: Path) -> tuple[float, int]:
    """Give the share of frames whose mask hides the inner part of the face, and in how many looks one was found.

    None are covered, and none found, in a recording that is refused for it.
    """
    from media import covering, faces, gate
    from media.gate import Disguise
    from media.probe import Unplayable

    if not faces.can_be_hidden():
        raise SystemExit("The detector is missing (pyproject.toml, extra faces).")
    room = Path(tempfile.mkdtemp(dir=scratch))
    film = filmed(way, room)
    (room / "first").mkdir()
    disguise = Disguise(cover=room / "faces")
    try:
        checked = gate.check(film, out=room / "first", cancelled=lambda: False, disguise=disguise)
    except Unplayable:
        return 0.0, 0
    picture = checked.plan.picture
    if picture is None:
        raise SystemExit("The film has no picture.")
    mask = covering.mask_for(picture.rungs[0].width, picture.rungs[0].height)
    frames = np.fromfile(room / "faces", dtype=np.uint8).reshape(-1, mask.height, mask.width)
    hidden = [_hides(frame, way, number / float(picture.rate)) for number, frame in enumerate(frames)]
    return float(np.mean(hidden)), checked.faces_found or 0


def filmed(way: Way, room: Path) -> Path:
    from tests.media.films import TONE, Studio

    spec = importlib.util.find_spec("skimage")
    if spec is None:
        raise SystemExit("The portrait is missing (pyproject.toml, extra dev).")
    portrait = Path(spec.origin or "").parent / "data" / "astronaut.png"
    sway = f"crop=iw-{2 * EDGE}:ih-{2 * EDGE}:{EDGE}+{SWAY}*sin(3*t):{EDGE}+{SWAY}*cos(2*t)"
    return Studio(room).shoot(
        "portrait.mp4",
        *("-loop", "1", "-framerate", "30", "-t", str(SECONDS), "-i", str(portrait)),
        *("-f", "lavfi", "-i", f"{TONE}:duration={SECONDS}", "-vf", f"{way.filters},{sway},format=yuv420p"),
        *("-c:v", "libx264", "-preset", "ultrafast", "-crf", "20", "-c:a", "aac"),
    )


def _hides(frame: np.ndarray, way: Way, seconds: float) -> bool:
    """Whether the mask of one frame hides all of the inner face, wherever it has swayed to."""
    height, width = frame.shape
    left = EDGE + SWAY * math.sin(3 * seconds)
    top = EDGE + SWAY * math.cos(2 * seconds)
    shown = SIDE - 2 * EDGE
    x, y = (way.middle[0] * SIDE - left) / shown, (way.middle[1] * SIDE - top) / shown
    half = INNER * min(WIDE, TALL) * way.size / 2
    rows = slice(max(0, int((y - half) * height)), max(1, math.ceil((y + half) * height)))
    columns = slice(max(0, int((x - half) * width)), max(1, math.ceil((x + half) * width)))
    return bool((frame[rows, columns] > COVERED).all())


if __name__ == "__main__":
    main()
