"""The ways of making a recording playable that `tests.benchmarks.media_processing` compares, and what each costs.

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

from media.encoding import bitrate_ladder, ffmpeg_args, renditions
from media.encoding.bitrate_ladder import RenditionSpec
from media.encoding.renditions import EncodedVideo
from media.probing import validation
from media.programs import ffmpeg_path

FIVE_SIZES = (720, 480, 360, 240, 144)  # what MediaCMS makes of a recording with 720 lines
SET_CHILD_SUBREAPER = 36  # prctl(2)


@dataclass(frozen=True)
class EncodeResult:
    """What one way made and took: processor and wall seconds, bytes, and how alike the picture still is (SSIM)."""

    cpu: float
    wall: float
    size: int
    ssim_by_size: dict[int, float]


def make_clip(folder: Path, *, seconds: int) -> Path:
    """Film a test picture that moves in 720 lines, and a tone."""
    clip = folder / "clip.mp4"
    run_ffmpeg("-f", "lavfi", "-i", f"testsrc2=size=1280x720:rate=30:duration={seconds}",
        "-f", "lavfi", "-i", f"sine=frequency=440:sample_rate=48000:duration={seconds}",
        "-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-pix_fmt", "yuv420p", "-c:a", "aac",
        str(clip))  # fmt: skip
    return clip


def encode_per_size(
    source: Path, rungs: tuple[RenditionSpec, ...], *, preset: str, compare: bool
) -> EncodeResult:
    """Run ffmpeg once for each size, as MediaCMS does with preset medium and PeerTube with veryfast."""
    with tempfile.TemporaryDirectory() as folder, measure_cpu() as cost:
        for rung in rungs:
            run_ffmpeg("-i", str(source), "-vf", f"fps=30,scale={rung.width}:{rung.height}:flags=bicubic",
                "-c:v", "libx264", "-preset", preset, "-profile:v", "high", "-pix_fmt", "yuv420p", "-crf", "23",
                "-maxrate", f"{rung.ceiling_kbps}k", "-bufsize", f"{2 * rung.ceiling_kbps}k",
                "-g", "120", "-keyint_min", "120", "-sc_threshold", "0", "-c:a", "aac", "-b:a", "128k",
                str(Path(folder) / f"{rung.name}.mp4"))  # fmt: skip
        cost.stop()
        files = {rung: Path(folder) / f"{rung.name}.mp4" for rung in rungs}
        alike = {
            min(rung.width, rung.height): measure_ssim(file, source)
            for rung, file in files.items()
            if compare
        }
        return EncodeResult(cost.cpu, cost.wall, sum(file.stat().st_size for file in files.values()), alike)


def encode_with_product(source: Path, *, preset: str, compare: bool) -> EncodeResult:
    """Check and encode as the product does, behind the sandbox, from the file to verified pieces on this machine."""
    x264 = tuple(preset if word == "veryfast" else word for word in ffmpeg_args.X264_ARGS)
    sparing = ffmpeg_args.X264_SPEED_ARGS if preset == "veryfast" else ()
    with (
        tempfile.TemporaryDirectory() as folder,
        patch.object(ffmpeg_args, "X264_ARGS", x264),
        patch.object(ffmpeg_args, "X264_SPEED_ARGS", sparing),
        measure_cpu() as cost,
    ):
        first, rest = Path(folder) / "first", Path(folder) / "rest"
        first.mkdir()
        rest.mkdir()
        checked = validation.validate_recording(source, out=first, is_cancelled=never_cancelled)
        outputs = renditions.encode_higher_renditions(source, checked, out=rest, is_cancelled=never_cancelled)
        cost.stop()
        alike = dict(_ssim_by_size(outputs, source, Path(folder))) if compare else {}
        return EncodeResult(cost.cpu, cost.wall, sum(file.size for file in outputs.files), alike)


def _ssim_by_size(outputs: EncodedVideo, source: Path, folder: Path) -> Iterator[tuple[int, float]]:
    paths = {file.name: file.path for file in outputs.files}
    for rendition in outputs.manifest.video_renditions:
        joined = folder / f"{rendition.name}.mp4"
        joined.write_bytes(b"".join(paths[piece].read_bytes() for piece in rendition.file_names))
        yield min(rendition.width or 0, rendition.height or 0), measure_ssim(joined, source)


@contextmanager
def five_size_ladder() -> Iterator[None]:
    """Let the product make five sizes of 720 lines, where it would make three."""
    ceilings = {**bitrate_ladder.MAX_KBPS_BY_SHORT_SIDE, 360: 800, 144: 200}
    with (
        patch.object(bitrate_ladder, "SHORT_SIDES", FIVE_SIZES),
        patch.object(bitrate_ladder, "MAX_KBPS_BY_SHORT_SIDE", ceilings),
    ):
        yield


def measure_ssim(made: Path, source: Path) -> float:
    """Return the structural similarity of what was made and the original scaled to its size, 1 for identical."""
    graph = (
        "[1:v]fps=30:start_time=0[there];[there][0:v]scale2ref=flags=bicubic[there][made];[made][there]ssim"
    )
    said = run_ffmpeg("-i", str(made), "-i", str(source), "-filter_complex", graph, "-an", "-f", "null", "-")
    found = re.search(r"SSIM .*All:(\d\.\d+)", said)
    if found is None:
        raise RuntimeError(said[-500:])
    return float(found[1])


def run_ffmpeg(*words: str) -> str:
    """Run ffmpeg outside the sandbox, on files of our own making; return what it said."""
    command = [str(ffmpeg_path()), "-hide_banner", "-nostdin", "-y", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr[-500:])
    return done.stderr


class CpuTimer:
    """Processor and wall seconds from its making until it is stopped, of this process and of all that it started."""

    def __init__(self) -> None:
        self.cpu = self.wall = 0.0
        self._cpu, self._wall = total_cpu_seconds(), time.monotonic()

    def stop(self) -> None:
        self.wall = time.monotonic() - self._wall
        self.cpu = total_cpu_seconds() - self._cpu


@contextmanager
def measure_cpu() -> Iterator[CpuTimer]:
    yield CpuTimer()


def become_child_subreaper() -> None:
    """Become the parent of whoever loses theirs: bubblewrap leaves before its room does, and its time would be lost."""
    if ctypes.CDLL(None, use_errno=True).prctl(SET_CHILD_SUBREAPER, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")


def total_cpu_seconds() -> float:
    """Return the processor time of this process and of every process it started that has ended."""
    time.sleep(0.2)  # for rooms that are being left
    for pid in Path("/proc/self/task").glob("*/children"):
        for child in pid.read_text().split():
            _reap(int(child))
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def _reap(pid: int) -> None:
    """Take note of a process that has ended; servers that go on are left alone."""
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return


def never_cancelled() -> bool:
    return False


EncodeVariant = Callable[[bool], EncodeResult]
