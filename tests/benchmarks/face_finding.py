"""In how many of a hundred looks a face is found that is small, turned, in the dark or half out of the picture.

    python -m tests.benchmarks.face_finding

One portrait (Eileen Collins, NASA, in the public domain; it comes with scikit-image), moved about a little in each film. One
person says nothing about others: what counts is from where on it gets worse, which is what the page for tellers warns of.
"""

import importlib.util
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests import servers
from tests.benchmarks.measuring import processor, say

SIDE, SECONDS = 720, 3
# The face is this much of the portrait's height.
FACE = 0.215
HEIGHTS = (0.4, 0.2, 0.1, 0.05, 0.033, 0.025)
TURNS = (15, 30, 45, 60, 90, 180)
LIGHTS = (0.5, 0.25, 0.1, 0.05)
COVERED = (0.25, 0.5, 0.75)


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
    yield "| | found in, of a hundred looks |"
    yield "|---|---|"
    for name, filters in ways():
        yield f"| {name} | {found(filters, scratch)} |"


def ways() -> Iterator[tuple[str, str]]:
    """Give what is done to the portrait, in words and in filters."""
    for height in HEIGHTS:
        side = round(SIDE * height / FACE)
        fit = f"scale={side}:{side},crop={min(side, SIDE)}:{min(side, SIDE)}:0:0,pad={SIDE}:{SIDE}:0:0:gray"
        yield f"{height:.1%} of the picture's height", fit
    whole = f"scale={SIDE}:{SIDE}"
    for degrees in TURNS:
        yield f"turned by {degrees} degrees", f"{whole},rotate={degrees}*PI/180:fillcolor=gray"
    for light in LIGHTS:
        noise = "noise=alls=8:allf=t"
        yield f"{light:.0%} of the light", f"{whole},lutyuv=y='16+(val-16)*{light}',{noise}"
    for share in COVERED:
        hidden = f"drawbox=x=iw*0.36:y=ih*{0.12 + FACE * (1 - share)}:w=iw*0.165:h=ih*{FACE * share}"
        yield f"covered from below to {share:.0%}", f"{whole},{hidden}:color=gray:t=fill"


def found(filters: str, scratch: Path) -> int:
    from media import faces, gate
    from media.gate import Disguise
    from media.probe import Unplayable
    from tests.media.films import TONE, Studio

    spec = importlib.util.find_spec("skimage")
    if not faces.can_be_hidden() or spec is None:
        raise SystemExit("The detector or the portrait is missing (pyproject.toml, extras faces and dev).")
    portrait = Path(spec.origin or "").parent / "data" / "astronaut.png"
    room = Path(tempfile.mkdtemp(dir=scratch))
    sway = "rotate=0.04*sin(2*PI*t):fillcolor=gray,crop=iw-32:ih-32:16+12*sin(3*t):16+12*cos(2*t)"
    film = Studio(room).shoot(
        "portrait.mp4",
        *("-loop", "1", "-framerate", "30", "-t", str(SECONDS), "-i", str(portrait)),
        *("-f", "lavfi", "-i", f"{TONE}:duration={SECONDS}", "-vf", f"{filters},{sway},format=yuv420p"),
        *("-c:v", "libx264", "-preset", "ultrafast", "-crf", "20", "-c:a", "aac"),
    )
    (room / "first").mkdir()
    disguise = Disguise(cover=room / "faces")
    try:
        checked = gate.check(film, out=room / "first", cancelled=lambda: False, disguise=disguise)
    except Unplayable:
        return 0
    return checked.faces_found or 0


if __name__ == "__main__":
    main()
