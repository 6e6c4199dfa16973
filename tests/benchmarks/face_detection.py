"""How much of a face is covered that is small, turned or in the dark.

    python -m tests.benchmarks.face_detection [--portraits FOLDER]

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
from tests.benchmarks.cpu_timing import cpu_model, print_line

SIDE, SECONDS = 720, 3
CROP_MARGIN, SWAY_PIXELS = 16, 12  # pixels
FACE_HEIGHTS = (0.4, 0.2, 0.1, 0.05, 0.033, 0.025)
ROTATIONS_DEGREES = (15, 30, 45, 60, 90, 180)
BRIGHTNESS_LEVELS = (0.5, 0.25, 0.1, 0.05)
# What counts of the face: eyes, nose and mouth.
INNER_FACE_SHARE = 0.6
MASK_THRESHOLD = 127


@dataclass(frozen=True)
class Portrait:
    """A square picture of somebody, and where their face is: its middle, width and height, in parts of the picture."""

    path: Path
    face_centre: tuple[float, float]
    face_width: float
    face_height: float


@dataclass(frozen=True)
class PortraitVariant:
    """What is done to a portrait, in words and in filters, and where the face is then, in parts of the picture."""

    name: str
    filters: str
    portrait: Portrait
    face_centre: tuple[float, float]
    scale: float = 1.0
    rotation: float = 0.0  # radians

    @property
    def inner_box(self) -> tuple[float, float]:
        """Return width and height of the upright box around eyes, nose and mouth, in parts of the picture."""
        wide, tall = (
            INNER_FACE_SHARE * self.scale * side
            for side in (self.portrait.face_width, self.portrait.face_height)
        )
        across, along = abs(math.cos(self.rotation)), abs(math.sin(self.rotation))
        return wide * across + tall * along, wide * along + tall * across


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure how much of a face is covered.")
    parser.add_argument("--portraits", type=Path, help="a folder of pictures with texts")
    chosen = parser.parse_args()
    running = servers.start_test_environment()
    try:
        with tempfile.TemporaryDirectory() as scratch:
            for line in measure_portraits(
                [public_domain_portrait(), *load_portraits(chosen.portraits)], Path(scratch)
            ):
                print_line(line)
    finally:
        if running is not None:
            running.stop()


def public_domain_portrait() -> Portrait:
    spec = importlib.util.find_spec("skimage")
    if spec is None:
        raise SystemExit("The portrait is missing (pyproject.toml, extra dev).")
    path = Path(spec.origin or "").parent / "data" / "astronaut.png"
    return Portrait(path, (0.4425, 0.2275), face_width=0.165, face_height=0.215)


def load_portraits(folder: Path | None) -> Iterator[Portrait]:
    for text in sorted(folder.glob("*.txt")) if folder else []:
        x, y, wide, tall = map(float, text.read_text().split())
        (path,) = set(text.parent.glob(f"{text.stem}.*")) - {text}
        yield Portrait(path, (x, y), wide, tall)


def measure_portraits(portraits: list[Portrait], scratch: Path) -> Iterator[str]:
    import django

    django.setup()
    yield f"{cpu_model()}: {len(portraits)} portraits, {SECONDS} s each; the worst portrait counts"
    yield "| | frames in which eyes, nose and mouth are covered | looks, of a hundred, in which there was a face |"
    yield "|---|---|---|"
    for same in zip(*(portrait_variants(portrait) for portrait in portraits), strict=True):
        shares, founds = zip(*(measure_coverage(way, scratch) for way in same), strict=True)
        worst = portraits[shares.index(min(shares))].path.stem
        said = f"{min(shares):.0%}" + (f" ({worst})" if min(shares) < 1 else "")
        yield f"| {same[0].name} | {said} | {min(founds) or 'refused'} |"


def portrait_variants(portrait: Portrait) -> Iterator[PortraitVariant]:
    x, y = portrait.face_centre
    for height in FACE_HEIGHTS:
        size = height / portrait.face_height
        side = round(SIDE * size)
        kept = min(side, SIDE)
        fit = f"scale={side}:{side},crop={kept}:{kept}:0:0,pad={SIDE}:{SIDE}:0:0:gray"
        yield PortraitVariant(
            f"{height:.1%} of the picture's height", fit, portrait, (x * size, y * size), size
        )
    whole = f"scale={SIDE}:{SIDE}"
    for degrees in ROTATIONS_DEGREES:
        turned = f"{whole},rotate={degrees}*PI/180:fillcolor=gray"
        turn = math.radians(degrees)
        middle = _rotate_point(portrait.face_centre, turn)
        yield PortraitVariant(f"turned by {degrees} degrees", turned, portrait, middle, rotation=turn)
    for light in BRIGHTNESS_LEVELS:
        dark = f"{whole},lutyuv=y='16+(val-16)*{light}',noise=alls=8:allf=t"
        yield PortraitVariant(f"{light:.0%} of the light", dark, portrait, portrait.face_centre)


def _rotate_point(place: tuple[float, float], angle: float) -> tuple[float, float]:
    x, y = place[0] - 0.5, place[1] - 0.5
    return (
        0.5 + x * math.cos(angle) - y * math.sin(angle),
        0.5 + x * math.sin(angle) + y * math.cos(angle),
    )


def measure_coverage(way: PortraitVariant, scratch: Path) -> tuple[float, int]:
    """Give the share of frames whose mask hides the inner part of the face, and in how many looks one was found.

    None are covered, and none found, in a recording that is refused for it.
    """
    from media.faces import detection, face_mask
    from media.probing import validation
    from media.probing.facts import UnplayableRecording
    from media.probing.validation import AnonymisationSettings

    if not detection.is_face_detection_available():
        raise SystemExit("The detector is missing (pyproject.toml, extra faces).")
    room = Path(tempfile.mkdtemp(dir=scratch))
    film = make_portrait_film(way, room)
    (room / "first").mkdir()
    disguise = AnonymisationSettings(face_mask_path=room / "faces")
    try:
        checked = validation.validate_recording(
            film, out=room / "first", is_cancelled=lambda: False, anonymisation=disguise
        )
    except UnplayableRecording:
        return 0.0, 0
    picture = checked.plan.video
    if picture is None:
        raise SystemExit("The film has no picture.")
    mask = face_mask.mask_grid_for(picture.renditions[0].width, picture.renditions[0].height)
    frames = np.fromfile(room / "faces", dtype=np.uint8).reshape(-1, mask.height, mask.width)
    hidden = [
        _covers_inner_face(frame, way, number / float(picture.rate)) for number, frame in enumerate(frames)
    ]
    return float(np.mean(hidden)), checked.face_detection_percent or 0


def make_portrait_film(way: PortraitVariant, room: Path) -> Path:
    from tests.media.sample_recordings import TONE_SOURCE, RecordingFactory

    sway = f"crop=iw-{2 * CROP_MARGIN}:ih-{2 * CROP_MARGIN}:{CROP_MARGIN}+{SWAY_PIXELS}*sin(3*t):{CROP_MARGIN}+{SWAY_PIXELS}*cos(2*t)"
    return RecordingFactory(room).render(
        "portrait.mp4",
        *("-loop", "1", "-framerate", "30", "-t", str(SECONDS), "-i", str(way.portrait.path)),
        *(
            "-f",
            "lavfi",
            "-i",
            f"{TONE_SOURCE}:duration={SECONDS}",
            "-vf",
            f"{way.filters},{sway},format=yuv420p",
        ),
        *("-c:v", "libx264", "-preset", "ultrafast", "-crf", "20", "-c:a", "aac"),
    )


def _covers_inner_face(frame: np.ndarray, way: PortraitVariant, seconds: float) -> bool:
    """Whether the mask of one frame hides all of the inner face, wherever it has swayed to."""
    height, width = frame.shape
    left = CROP_MARGIN + SWAY_PIXELS * math.sin(3 * seconds)
    top = CROP_MARGIN + SWAY_PIXELS * math.cos(2 * seconds)
    shown = SIDE - 2 * CROP_MARGIN
    x, y = (way.face_centre[0] * SIDE - left) / shown, (way.face_centre[1] * SIDE - top) / shown
    wide, tall = (side / 2 * SIDE / shown for side in way.inner_box)
    rows = slice(max(0, int((y - tall) * height)), max(1, math.ceil((y + tall) * height)))
    columns = slice(max(0, int((x - wide) * width)), max(1, math.ceil((x + wide) * width)))
    return bool((frame[rows, columns] > MASK_THRESHOLD).all())


if __name__ == "__main__":
    main()
