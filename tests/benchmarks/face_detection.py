"""How reliably small, rotated and dark faces are masked.

    python -m tests.benchmarks.face_detection [--portraits FOLDER]

Portraits sway slightly in each film, so the position of the face is known. The portraits are Eileen Collins (NASA, public domain,
included in scikit-image) and those in the folder: square pictures, each with a `.txt` file of the same name that contains the
face's centre x, centre y, width and height (forehead to chin) as fractions of the picture. A few portraits say little about other
people; the point where results get worse is what tellers are warned about.
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
CROP_MARGIN, SWAY_PIXELS = 16, 12
FACE_HEIGHTS = (0.4, 0.2, 0.1, 0.05, 0.033, 0.025)
ROTATIONS_DEGREES = (15, 30, 45, 60, 90, 180)
BRIGHTNESS_LEVELS = (0.5, 0.25, 0.1, 0.05)
# Eyes, nose and mouth, as a share of the face.
INNER_FACE_SHARE = 0.6
MASK_THRESHOLD = 127


@dataclass(frozen=True)
class Portrait:
    """A square picture with the position of the face; all values are fractions of the picture."""

    path: Path
    face_centre: tuple[float, float]
    face_width: float
    face_height: float


@dataclass(frozen=True)
class PortraitVariant:
    """A transformed portrait with the resulting position of the face, as fractions of the picture."""

    name: str
    filters: str
    portrait: Portrait
    face_centre: tuple[float, float]
    scale: float = 1.0
    rotation: float = 0.0  # radians

    @property
    def inner_box(self) -> tuple[float, float]:
        """Width and height of the upright box around eyes, nose and mouth, as fractions of the picture."""
        width, height = (
            INNER_FACE_SHARE * self.scale * side
            for side in (self.portrait.face_width, self.portrait.face_height)
        )
        cosine, sine = abs(math.cos(self.rotation)), abs(math.sin(self.rotation))
        return width * cosine + height * sine, width * sine + height * cosine


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure how reliably faces are masked.")
    parser.add_argument("--portraits", type=Path, help="folder of portraits with text files")
    options = parser.parse_args()
    test_servers = servers.start_test_environment()
    try:
        with tempfile.TemporaryDirectory() as scratch:
            for line in measure_portraits(
                [public_domain_portrait(), *load_portraits(options.portraits)], Path(scratch)
            ):
                print_line(line)
    finally:
        if test_servers is not None:
            test_servers.stop()


def public_domain_portrait() -> Portrait:
    spec = importlib.util.find_spec("skimage")
    if spec is None:
        raise SystemExit("scikit-image is not installed (pyproject.toml, extra dev).")
    path = Path(spec.origin or "").parent / "data" / "astronaut.png"
    return Portrait(path, (0.4425, 0.2275), face_width=0.165, face_height=0.215)


def load_portraits(folder: Path | None) -> Iterator[Portrait]:
    for text in sorted(folder.glob("*.txt")) if folder else []:
        x, y, width, height = map(float, text.read_text().split())
        (path,) = set(text.parent.glob(f"{text.stem}.*")) - {text}
        yield Portrait(path, (x, y), width, height)


def measure_portraits(portraits: list[Portrait], scratch: Path) -> Iterator[str]:
    import django

    django.setup()
    yield f"{cpu_model()}: {len(portraits)} portraits, {SECONDS} s each; results of the worst portrait"
    yield "| | frames with eyes, nose and mouth masked | detections that found a face, % |"
    yield "|---|---|---|"
    for variants in zip(*(portrait_variants(portrait) for portrait in portraits), strict=True):
        shares, detection_percents = zip(
            *(measure_coverage(variant, scratch) for variant in variants), strict=True
        )
        worst = portraits[shares.index(min(shares))].path.stem
        coverage = f"{min(shares):.0%}" + (f" ({worst})" if min(shares) < 1 else "")
        yield f"| {variants[0].name} | {coverage} | {min(detection_percents) or 'rejected'} |"


def portrait_variants(portrait: Portrait) -> Iterator[PortraitVariant]:
    x, y = portrait.face_centre
    for height in FACE_HEIGHTS:
        size = height / portrait.face_height
        side = round(SIDE * size)
        visible_side = min(side, SIDE)
        filters = f"scale={side}:{side},crop={visible_side}:{visible_side}:0:0,pad={SIDE}:{SIDE}:0:0:gray"
        yield PortraitVariant(
            f"{height:.1%} of the picture's height", filters, portrait, (x * size, y * size), size
        )
    scale_filter = f"scale={SIDE}:{SIDE}"
    for degrees in ROTATIONS_DEGREES:
        filters = f"{scale_filter},rotate={degrees}*PI/180:fillcolor=gray"
        angle = math.radians(degrees)
        face_centre = _rotate_point(portrait.face_centre, angle)
        yield PortraitVariant(f"rotated by {degrees} degrees", filters, portrait, face_centre, rotation=angle)
    for brightness in BRIGHTNESS_LEVELS:
        filters = f"{scale_filter},lutyuv=y='16+(val-16)*{brightness}',noise=alls=8:allf=t"
        yield PortraitVariant(f"{brightness:.0%} brightness", filters, portrait, portrait.face_centre)


def _rotate_point(point: tuple[float, float], angle: float) -> tuple[float, float]:
    x, y = point[0] - 0.5, point[1] - 0.5
    return (
        0.5 + x * math.cos(angle) - y * math.sin(angle),
        0.5 + x * math.sin(angle) + y * math.cos(angle),
    )


def measure_coverage(variant: PortraitVariant, scratch: Path) -> tuple[float, int]:
    """Share of frames whose mask covers the inner face, and percentage of detections that found a face.

    Both are 0 if the recording is rejected.
    """
    from media.faces import detection, face_mask
    from media.probing import validation
    from media.probing.facts import UnplayableRecording
    from media.probing.validation import AnonymisationSettings

    if not detection.is_face_detection_available():
        raise SystemExit("The face detector is not installed (pyproject.toml, extra faces).")
    work_dir = Path(tempfile.mkdtemp(dir=scratch))
    film = make_portrait_film(variant, work_dir)
    (work_dir / "first").mkdir()
    anonymisation = AnonymisationSettings(face_mask_path=work_dir / "faces")
    try:
        validated = validation.validate_recording(
            film, out=work_dir / "first", is_cancelled=lambda: False, anonymisation=anonymisation
        )
    except UnplayableRecording:
        return 0.0, 0
    picture = validated.plan.video
    if picture is None:
        raise SystemExit("The film has no video.")
    mask = face_mask.mask_grid_for(picture.renditions[0].width, picture.renditions[0].height)
    frames = np.fromfile(work_dir / "faces", dtype=np.uint8).reshape(-1, mask.height, mask.width)
    covered = [
        _covers_inner_face(frame, variant, index / float(picture.rate)) for index, frame in enumerate(frames)
    ]
    return float(np.mean(covered)), validated.face_detection_percent or 0


def make_portrait_film(variant: PortraitVariant, work_dir: Path) -> Path:
    from tests.media.sample_recordings import TONE_SOURCE, RecordingFactory

    sway = f"crop=iw-{2 * CROP_MARGIN}:ih-{2 * CROP_MARGIN}:{CROP_MARGIN}+{SWAY_PIXELS}*sin(3*t):{CROP_MARGIN}+{SWAY_PIXELS}*cos(2*t)"
    return RecordingFactory(work_dir).render(
        "portrait.mp4",
        *("-loop", "1", "-framerate", "30", "-t", str(SECONDS), "-i", str(variant.portrait.path)),
        *(
            "-f",
            "lavfi",
            "-i",
            f"{TONE_SOURCE}:duration={SECONDS}",
            "-vf",
            f"{variant.filters},{sway},format=yuv420p",
        ),
        *("-c:v", "libx264", "-preset", "ultrafast", "-crf", "20", "-c:a", "aac"),
    )


def _covers_inner_face(frame: np.ndarray, variant: PortraitVariant, seconds: float) -> bool:
    """Takes the sway of the picture at this time into account."""
    height, width = frame.shape
    left = CROP_MARGIN + SWAY_PIXELS * math.sin(3 * seconds)
    top = CROP_MARGIN + SWAY_PIXELS * math.cos(2 * seconds)
    visible_side = SIDE - 2 * CROP_MARGIN
    x, y = (
        (variant.face_centre[0] * SIDE - left) / visible_side,
        (variant.face_centre[1] * SIDE - top) / visible_side,
    )
    half_width, half_height = (side / 2 * SIDE / visible_side for side in variant.inner_box)
    rows = slice(max(0, int((y - half_height) * height)), max(1, math.ceil((y + half_height) * height)))
    columns = slice(max(0, int((x - half_width) * width)), max(1, math.ceil((x + half_width) * width)))
    return bool((frame[rows, columns] > MASK_THRESHOLD).all())


if __name__ == "__main__":
    main()
