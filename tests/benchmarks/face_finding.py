"""How much of a face is covered that is small, turned or in the dark.

    python -m tests.benchmarks.face_finding [--portraits FOLDER]

Portraits are moved about a little in each film, so that it is known where the face is: Eileen Collins (NASA, in the public domain; it
comes with scikit-image), and whoever is in the folder, of square pictures each with a `.txt` of the same name beside, which says where
the face is from forehead to chin: middle from the left, middle from the top, width and height, in parts of the picture. A few people say
little about others: what counts is from where on it gets worse, which is what the page for tellers warns of.
"""

import argparse
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
EDGE, SWAY = 16, 12  # pixels
HEIGHTS = (0.4, 0.2, 0.1, 0.05, 0.033, 0.025)
TURNS = (15, 30, 45, 60, 90, 180)
LIGHTS = (0.5, 0.25, 0.1, 0.05)
# What counts of the face: eyes, nose and mouth.
INNER = 0.6
COVERED = 127


@dataclass(frozen=True)
class Portrait:
    """A square picture of somebody, and where their face is: its middle, width and height, in parts of the picture."""

    path: Path
    middle: tuple[float, float]
    wide: float
    tall: float


@dataclass(frozen=True)
class Way:
    """What is done to a portrait, in words and in filters, and where the face is then, in parts of the picture."""

    name: str
    filters: str
    portrait: Portrait
    middle: tuple[float, float]
    size: float = 1.0
    turn: float = 0.0  # radians

    @property
    def inner(self) -> tuple[float, float]:
        """Return width and height of the upright box around eyes, nose and mouth, in parts of the picture."""
        wide, tall = (INNER * self.size * side for side in (self.portrait.wide, self.portrait.tall))
        across, along = abs(math.cos(self.turn)), abs(math.sin(self.turn))
        return wide * across + tall * along, wide * along + tall * across


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure how much of a face is covered.")
    parser.add_argument("--portraits", type=Path, help="a folder of pictures with texts")
    chosen = parser.parse_args()
    running = servers.begin()
    try:
        with tempfile.TemporaryDirectory() as scratch:
            for line in measured([collins(), *portraits_in(chosen.portraits)], Path(scratch)):
                say(line)
    finally:
        if running is not None:
            running.stop()


def collins() -> Portrait:
    spec = importlib.util.find_spec("skimage")
    if spec is None:
        raise SystemExit("The portrait is missing (pyproject.toml, extra dev).")
    path = Path(spec.origin or "").parent / "data" / "astronaut.png"
    return Portrait(path, (0.4425, 0.2275), wide=0.165, tall=0.215)


def portraits_in(folder: Path | None) -> Iterator[Portrait]:
    for text in sorted(folder.glob("*.txt")) if folder else []:
        x, y, wide, tall = map(float, text.read_text().split())
        (path,) = set(text.parent.glob(f"{text.stem}.*")) - {text}
        yield Portrait(path, (x, y), wide, tall)


def measured(portraits: list[Portrait], scratch: Path) -> Iterator[str]:
    import django

    django.setup()
    yield f"{processor()}: {len(portraits)} portraits, {SECONDS} s each; the worst portrait counts"
    yield "| | frames in which eyes, nose and mouth are covered | looks, of a hundred, in which there was a face |"
    yield "|---|---|---|"
    for same in zip(*(ways(portrait) for portrait in portraits), strict=True):
        shares, founds = zip(*(covered(way, scratch) for way in same), strict=True)
        worst = portraits[shares.index(min(shares))].path.stem
        said = f"{min(shares):.0%}" + (f" ({worst})" if min(shares) < 1 else "")
        yield f"| {same[0].name} | {said} | {min(founds) or 'refused'} |"


def ways(portrait: Portrait) -> Iterator[Way]:
    x, y = portrait.middle
    for height in HEIGHTS:
        size = height / portrait.tall
        side = round(SIDE * size)
        kept = min(side, SIDE)
        fit = f"scale={side}:{side},crop={kept}:{kept}:0:0,pad={SIDE}:{SIDE}:0:0:gray"
        yield Way(f"{height:.1%} of the picture's height", fit, portrait, (x * size, y * size), size)
    whole = f"scale={SIDE}:{SIDE}"
    for degrees in TURNS:
        turned = f"{whole},rotate={degrees}*PI/180:fillcolor=gray"
        turn = math.radians(degrees)
        middle = _turned(portrait.middle, turn)
        yield Way(f"turned by {degrees} degrees", turned, portrait, middle, turn=turn)
    for light in LIGHTS:
        dark = f"{whole},lutyuv=y='16+(val-16)*{light}',noise=alls=8:allf=t"
        yield Way(f"{light:.0%} of the light", dark, portrait, portrait.middle)


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

    sway = f"crop=iw-{2 * EDGE}:ih-{2 * EDGE}:{EDGE}+{SWAY}*sin(3*t):{EDGE}+{SWAY}*cos(2*t)"
    return Studio(room).shoot(
        "portrait.mp4",
        *("-loop", "1", "-framerate", "30", "-t", str(SECONDS), "-i", str(way.portrait.path)),
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
    wide, tall = (side / 2 * SIDE / shown for side in way.inner)
    rows = slice(max(0, int((y - tall) * height)), max(1, math.ceil((y + tall) * height)))
    columns = slice(max(0, int((x - wide) * width)), max(1, math.ceil((x + wide) * width)))
    return bool((frame[rows, columns] > COVERED).all())


if __name__ == "__main__":
    main()
