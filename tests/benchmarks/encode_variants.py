"""The encoding strategies that `tests.benchmarks.media_processing` compares.

The others run ffmpeg once per size, as their projects do: every run decodes, scales and encodes the audio again. Sizes, rate control and keyframes are the same for all strategies.
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

FIVE_SIZES = (720, 480, 360, 240, 144)  # sizes that MediaCMS encodes for a 720p recording
SET_CHILD_SUBREAPER = 36  # prctl(2)


@dataclass(frozen=True)
class EncodeResult:
    """CPU and wall seconds, output bytes, and SSIM by the short side of each rendition."""

    cpu: float
    wall: float
    size: int
    ssim_by_size: dict[int, float]


def make_clip(folder: Path, *, seconds: int) -> Path:
    """720p test pattern with a tone."""
    clip = folder / "clip.mp4"
    run_ffmpeg("-f", "lavfi", "-i", f"testsrc2=size=1280x720:rate=30:duration={seconds}",
        "-f", "lavfi", "-i", f"sine=frequency=440:sample_rate=48000:duration={seconds}",
        "-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-pix_fmt", "yuv420p", "-c:a", "aac",
        str(clip))  # fmt: skip
    return clip


def encode_per_size(
    source: Path, renditions_to_make: tuple[RenditionSpec, ...], *, preset: str, compare: bool
) -> EncodeResult:
    """One ffmpeg run per size, as MediaCMS (preset medium) and PeerTube (veryfast) do."""
    with tempfile.TemporaryDirectory() as folder, measure_cpu() as cost:
        for rendition in renditions_to_make:
            run_ffmpeg("-i", str(source), "-vf", f"fps=30,scale={rendition.width}:{rendition.height}:flags=bicubic",
                "-c:v", "libx264", "-preset", preset, "-profile:v", "high", "-pix_fmt", "yuv420p", "-crf", "23",
                "-maxrate", f"{rendition.ceiling_kbps}k", "-bufsize", f"{2 * rendition.ceiling_kbps}k",
                "-g", "120", "-keyint_min", "120", "-sc_threshold", "0", "-c:a", "aac", "-b:a", "128k",
                str(Path(folder) / f"{rendition.name}.mp4"))  # fmt: skip
        cost.stop()
        files = {rendition: Path(folder) / f"{rendition.name}.mp4" for rendition in renditions_to_make}
        ssim_by_size = {
            min(rendition.width, rendition.height): measure_ssim(file, source)
            for rendition, file in files.items()
            if compare
        }
        return EncodeResult(
            cost.cpu, cost.wall, sum(file.stat().st_size for file in files.values()), ssim_by_size
        )


def encode_with_product(source: Path, *, preset: str, compare: bool) -> EncodeResult:
    """Validate and encode as the product does: in the sandbox, up to verified local segments."""
    x264 = tuple(preset if word == "veryfast" else word for word in ffmpeg_args.X264_ARGS)
    speed_args = ffmpeg_args.X264_SPEED_ARGS if preset == "veryfast" else ()
    with (
        tempfile.TemporaryDirectory() as folder,
        patch.object(ffmpeg_args, "X264_ARGS", x264),
        patch.object(ffmpeg_args, "X264_SPEED_ARGS", speed_args),
        measure_cpu() as cost,
    ):
        first_dir, rest_dir = Path(folder) / "first", Path(folder) / "rest"
        first_dir.mkdir()
        rest_dir.mkdir()
        validated = validation.validate_recording(source, out=first_dir, is_cancelled=never_cancelled)
        outputs = renditions.encode_higher_renditions(
            source, validated, out=rest_dir, is_cancelled=never_cancelled
        )
        cost.stop()
        ssim_by_size = dict(_ssim_by_size(outputs, source, Path(folder))) if compare else {}
        return EncodeResult(cost.cpu, cost.wall, sum(file.size for file in outputs.files), ssim_by_size)


def _ssim_by_size(outputs: EncodedVideo, source: Path, folder: Path) -> Iterator[tuple[int, float]]:
    paths = {file.name: file.path for file in outputs.files}
    for rendition in outputs.manifest.video_renditions:
        joined_file = folder / f"{rendition.name}.mp4"
        joined_file.write_bytes(b"".join(paths[piece].read_bytes() for piece in rendition.file_names))
        yield min(rendition.width or 0, rendition.height or 0), measure_ssim(joined_file, source)


@contextmanager
def five_size_ladder() -> Iterator[None]:
    """Make the product encode five sizes of 720p instead of three."""
    ceilings = {**bitrate_ladder.MAX_KBPS_BY_SHORT_SIDE, 360: 800, 144: 200}
    with (
        patch.object(bitrate_ladder, "SHORT_SIDES", FIVE_SIZES),
        patch.object(bitrate_ladder, "MAX_KBPS_BY_SHORT_SIDE", ceilings),
    ):
        yield


def measure_ssim(encoded: Path, source: Path) -> float:
    """SSIM against the source scaled to the same size; 1 means identical."""
    graph = "[1:v]fps=30:start_time=0[source];[source][0:v]scale2ref=flags=bicubic[source][encoded];[encoded][source]ssim"
    ffmpeg_output = run_ffmpeg(
        "-i", str(encoded), "-i", str(source), "-filter_complex", graph, "-an", "-f", "null", "-"
    )
    match = re.search(r"SSIM .*All:(\d\.\d+)", ffmpeg_output)
    if match is None:
        raise RuntimeError(ffmpeg_output[-500:])
    return float(match[1])


def run_ffmpeg(*arguments: str) -> str:
    """Runs outside the sandbox; returns stderr."""
    command = [str(ffmpeg_path()), "-hide_banner", "-nostdin", "-y", *arguments]
    completed = subprocess.run(command, capture_output=True, text=True, check=False)
    if completed.returncode:
        raise RuntimeError(completed.stderr[-500:])
    return completed.stderr


class CpuTimer:
    """CPU and wall seconds from construction to `stop`, of this process and its descendants."""

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
    """Adopt orphaned descendants: bubblewrap exits before its child, whose CPU time would not be counted."""
    if ctypes.CDLL(None, use_errno=True).prctl(SET_CHILD_SUBREAPER, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")


def total_cpu_seconds() -> float:
    """CPU seconds of this process and of all its exited descendants."""
    time.sleep(0.2)  # sandboxes that are exiting
    for pid in Path("/proc/self/task").glob("*/children"):
        for child in pid.read_text().split():
            _reap(int(child))
    usages = [resource.getrusage(scope) for scope in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def _reap(pid: int) -> None:
    """Reap an exited process; running ones are left alone."""
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return


def never_cancelled() -> bool:
    return False


EncodeVariant = Callable[[bool], EncodeResult]
