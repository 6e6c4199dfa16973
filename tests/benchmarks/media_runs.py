"""The ways of making a recording playable that `tests.benchmarks.media` compares, and what each costs.

The others are done as they do it: one run of ffmpeg for each size, every one of which decodes and scales for itself and
carries its own sound. Sizes, rate control and keyframes are the same for all, so that what differs is the way.
"""

import ctypes
import os
import re
import resource
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

from media import encoding, gate, ladder, recipes
from media.encoding import Outputs
from media.ladder import Rung
from media.programs import ffmpeg_path

FIVE = (720, 480, 360, 240, 144)  # what MediaCMS makes of a recording with 720 lines
SET_CHILD_SUBREAPER = 36  # prctl(2)


@dataclass(frozen=True)
class Made:
    """What one way made and took: processor and wall seconds, bytes, and how alike the picture still is (SSIM)."""

    cpu: float
    wall: float
    size: int
    likeness: dict[int, float]


def make_clip(folder: Path, *, seconds: int) -> Path:
    """Film a test picture that moves in 720 lines, and a tone."""
    clip = folder / "clip.mp4"
    run("-f", "lavfi", "-i", f"testsrc2=size=1280x720:rate=30:duration={seconds}",
        "-f", "lavfi", "-i", f"sine=frequency=440:sample_rate=48000:duration={seconds}",
        "-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-pix_fmt", "yuv420p", "-c:a", "aac",
        str(clip))  # fmt: skip
    return clip


def one_by_one(source: Path, rungs: tuple[Rung, ...], *, preset: str, compare: bool) -> Made:
    """Run ffmpeg once for each size, as MediaCMS does with preset medium and PeerTube with veryfast."""
    with tempfile.TemporaryDirectory() as folder, spent() as cost:
        for rung in rungs:
            run("-i", str(source), "-vf", f"fps=30,scale={rung.width}:{rung.height}:flags=bicubic",
                "-c:v", "libx264", "-preset", preset, "-profile:v", "high", "-pix_fmt", "yuv420p", "-crf", "23",
                "-maxrate", f"{rung.ceiling_kbps}k", "-bufsize", f"{2 * rung.ceiling_kbps}k",
                "-g", "120", "-keyint_min", "120", "-sc_threshold", "0", "-c:a", "aac", "-b:a", "128k",
                str(Path(folder) / f"{rung.name}.mp4"))  # fmt: skip
        cost.stop()
        files = {rung: Path(folder) / f"{rung.name}.mp4" for rung in rungs}
        alike = {
            min(rung.width, rung.height): likeness(file, source) for rung, file in files.items() if compare
        }
        return Made(cost.cpu, cost.wall, sum(file.stat().st_size for file in files.values()), alike)


def ours(source: Path, *, preset: str, compare: bool) -> Made:
    """Check and encode as the product does, behind the sandbox, from the file to verified pieces on this machine."""
    x264 = tuple(preset if word == "veryfast" else word for word in recipes.X264)
    sparing = recipes.SPARING if preset == "veryfast" else ()
    with (
        tempfile.TemporaryDirectory() as folder,
        patch.object(recipes, "X264", x264),
        patch.object(recipes, "SPARING", sparing),
        spent() as cost,
    ):
        first, rest = Path(folder) / "first", Path(folder) / "rest"
        first.mkdir()
        rest.mkdir()
        checked = gate.check(source, out=first, cancelled=never)
        outputs = encoding.encode(source, checked, out=rest, cancelled=never)
        cost.stop()
        alike = dict(_likenesses(outputs, source, Path(folder))) if compare else {}
        return Made(cost.cpu, cost.wall, sum(file.size for file in outputs.files), alike)


def _likenesses(outputs: Outputs, source: Path, folder: Path) -> Iterator[tuple[int, float]]:
    paths = {file.name: file.path for file in outputs.files}
    for rendition in outputs.master.pictures:
        joined = folder / f"{rendition.name}.mp4"
        joined.write_bytes(b"".join(paths[piece].read_bytes() for piece in rendition.pieces))
        yield min(rendition.width or 0, rendition.height or 0), likeness(joined, source)


@contextmanager
def five_sizes() -> Iterator[None]:
    """Let the product make five sizes of 720 lines, where it would make three."""
    ceilings = {**ladder.CEILINGS, 360: 800, 144: 200}
    with patch.object(ladder, "RUNGS", FIVE), patch.object(ladder, "CEILINGS", ceilings):
        yield


def likeness(made: Path, source: Path) -> float:
    """Return the structural similarity of what was made and the original scaled to its size, 1 for identical."""
    graph = (
        "[1:v]fps=30:start_time=0[there];[there][0:v]scale2ref=flags=bicubic[there][made];[made][there]ssim"
    )
    said = run("-i", str(made), "-i", str(source), "-filter_complex", graph, "-an", "-f", "null", "-")
    found = re.search(r"SSIM .*All:(\d\.\d+)", said)
    if found is None:
        raise RuntimeError(said[-500:])
    return float(found[1])


def run(*words: str) -> str:
    """Run ffmpeg outside the sandbox, on files of our own making; return what it said."""
    command = [str(ffmpeg_path()), "-hide_banner", "-nostdin", "-y", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr[-500:])
    return done.stderr


class Cost:
    """Processor and wall seconds from its making until it is stopped, of this process and of all that it started."""

    def __init__(self) -> None:
        self.cpu = self.wall = 0.0
        self._cpu, self._wall = processor_seconds(), time.monotonic()

    def stop(self) -> None:
        self.wall = time.monotonic() - self._wall
        self.cpu = processor_seconds() - self._cpu


@contextmanager
def spent() -> Iterator[Cost]:
    yield Cost()


def count_everybody() -> None:
    """Become the parent of whoever loses theirs: bubblewrap leaves before its room does, and its time would be lost."""
    if ctypes.CDLL(None, use_errno=True).prctl(SET_CHILD_SUBREAPER, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")


def processor_seconds() -> float:
    """Return the processor time of this process and of every process it started that has ended."""
    time.sleep(0.2)  # for rooms that are being left
    for pid in Path("/proc/self/task").glob("*/children"):
        for child in pid.read_text().split():
            _collect(int(child))
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def _collect(pid: int) -> None:
    """Take note of a process that has ended; servers that go on are left alone."""
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return


def never() -> bool:
    return False


Way = Callable[[bool], Made]
