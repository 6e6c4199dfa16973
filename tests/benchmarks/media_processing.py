"""What preparing a recording costs, beside the ways in which others do it: `make bench-media`.

    python -m tests.benchmarks.media_processing [--seconds N] [--repeats N] [--write FILE] [--first]

The ways take turns within a session and the middle figure of each counts, so that a machine that is busy meanwhile is
so for all. `--first` measures only when the teller can begin to watch. Starts servers of its own for the whole way from bucket to bucket. `SAMEBOAT_CORPUS` may name the folder of
odd files; two real recordings of it are measured then.
"""

import argparse
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests import servers
from tests.benchmarks.cpu_timing import cpu_model, print_line

if TYPE_CHECKING:
    from media.models import Video
    from tests.benchmarks.encode_variants import EncodeResult, EncodeVariant

CORPUS = Path(os.environ.get("SAMEBOAT_CORPUS", "/nowhere")) / "media-odd" / "mp4"
REAL_RECORDINGS = (
    "sample_with_increasing_timestamps_360p.mp4",
    "sample_with_increasing_timestamps_320w_240h.mp4",
)
PER_SIZE_MEDIUM, PER_SIZE_VERYFAST = "five runs, medium", "five runs, veryfast"
OURS, OURS_MEDIUM = "ours", "ours, medium"
END_TO_END, END_TO_END_THREE_SIZES = "ours, whole way", "ours, whole way, three sizes"
POLL_SECONDS = 0.05  # seconds
TABLE_HEADER = "| way | CPU-s | of five runs, medium | wall s | bytes, of the original | SSIM |\n|---|---|---|---|---|---|"


@dataclass(frozen=True)
class EndToEndRun:
    """The whole way of a recording, and the wall seconds until its teller could begin to watch it, and watch all of it."""

    encode: "EncodeResult"
    first_watchable_after: float
    playable_after: float


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure what preparing a recording costs.")
    parser.add_argument("--seconds", type=int, default=60, help="length of the test clip")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--write", type=Path, help="where to keep the figures, as Markdown")
    parser.add_argument("--first", action="store_true", help="only when a recording can be watched first")
    chosen = parser.parse_args()
    running = servers.start_test_environment()
    lines = [*page_header(chosen.seconds, chosen.repeats)]
    try:
        for line in measure_all(chosen.seconds, chosen.repeats, only_first=chosen.first):
            print_line(line)
            lines.append(line)
    finally:
        if running is not None:
            running.stop()
    if chosen.write:
        chosen.write.write_text("\n".join(lines) + "\n")


def page_header(seconds: int, repeats: int) -> Iterator[str]:
    yield "# What preparing a recording costs"
    yield ""
    yield f"`make bench-media` on {cpu_model()}, {os.cpu_count()} processors, Python {platform.python_version()}."
    yield f"A clip of {seconds} s and 720 lines; {repeats} rounds in turn, the middle figure of each."
    yield ""


def measure_all(seconds: int, repeats: int, *, only_first: bool) -> Iterator[str]:
    import django

    django.setup()
    from django.core.management import call_command

    from media.programs import ffmpeg_path
    from tests.benchmarks import encode_variants

    call_command("migrate", verbosity=0)
    encode_variants.become_child_subreaper()
    said = subprocess.run([ffmpeg_path(), "-version"], capture_output=True, text=True, check=True).stdout
    yield said.splitlines()[0].partition(" Copyright")[0] + "."
    yield ""
    with tempfile.TemporaryDirectory() as folder:
        clip = encode_variants.make_clip(Path(folder), seconds=seconds)
        if only_first:
            yield from first_watchable_section(*run_end_to_end(clip, repeats))
            return
        yield from five_sizes_section(clip, repeats)
        for name in REAL_RECORDINGS:
            if (CORPUS / name).is_file():
                yield ""
                yield from real_recording_section(CORPUS / name, repeats)


def five_sizes_section(clip: Path, repeats: int) -> Iterator[str]:
    from tests.benchmarks import encode_variants

    with encode_variants.five_size_ladder():
        rounds = run_variants_in_rounds(clip, repeats)
    five, three = run_end_to_end(clip, repeats)
    rounds[END_TO_END] = [one.encode for one in five]
    rounds[END_TO_END_THREE_SIZES] = [one.encode for one in three]
    yield "## Five sizes of 720 lines"
    yield from variants_table(rounds, clip)
    yield ""
    yield from first_watchable_section(five, three)


def run_end_to_end(clip: Path, repeats: int) -> tuple[list[EndToEndRun], list[EndToEndRun]]:
    """Go the whole way with five sizes, then with the three that we make."""
    from tests.benchmarks import encode_variants

    with encode_variants.five_size_ladder():
        five = [process_end_to_end(clip) for _ in range(repeats)]
    return five, [process_end_to_end(clip) for _ in range(repeats)]


def first_watchable_section(five: list[EndToEndRun], three: list[EndToEndRun]) -> Iterator[str]:
    yield first_watchable_sentence("five sizes", five)
    yield first_watchable_sentence("the three sizes that we make of 720 lines", three)


def real_recording_section(film: Path, repeats: int) -> Iterator[str]:
    yield f"## {film.name}"
    yield from variants_table(run_variants_in_rounds(film, repeats), film)


def run_variants_in_rounds(film: Path, repeats: int) -> dict[str, list["EncodeResult"]]:
    """Go each way once, then each again, and so on; pictures are compared in the last round only."""
    from media.encoding import bitrate_ladder
    from media.probing.client import probe_file
    from tests.benchmarks import encode_variants

    found = probe_file(film, is_cancelled=encode_variants.never_cancelled).video
    if found is None:
        raise ValueError(f"{film} has no picture")
    rungs = tuple(bitrate_ladder.build_bitrate_ladder(found.width, found.height))
    ways: dict[str, EncodeVariant] = {
        PER_SIZE_MEDIUM: lambda compare: encode_variants.encode_per_size(
            film, rungs, preset="medium", compare=compare
        ),
        PER_SIZE_VERYFAST: lambda compare: encode_variants.encode_per_size(
            film, rungs, preset="veryfast", compare=compare
        ),
        OURS_MEDIUM: lambda compare: encode_variants.encode_with_product(
            film, preset="medium", compare=compare
        ),
        OURS: lambda compare: encode_variants.encode_with_product(film, preset="veryfast", compare=compare),
    }
    rounds: dict[str, list[EncodeResult]] = {name: [] for name in ways}
    for number in range(repeats):
        for name, way in ways.items():
            rounds[name].append(way(number == repeats - 1))
            print(f"{name}: {rounds[name][-1].cpu:.1f} CPU-s", file=sys.stderr)  # noqa: T201 - for who waits
    return rounds


def process_end_to_end(film: Path) -> EndToEndRun:
    """Prepare a recording that lies in the bucket, as a worker would."""
    from accounts.models import User
    from media import pipeline
    from media.models import Video
    from tests.benchmarks import encode_variants
    from tests.benchmarks.encode_variants import CpuTimer, EncodeResult
    from tests.media.uploaded_videos import create_uploaded_video

    owner, _ = User.objects.get_or_create(email="bench@example.org")
    video = create_uploaded_video(owner, film)
    cost, began = CpuTimer(), time.monotonic()
    with ThreadPoolExecutor(1) as aside:
        watched = aside.submit(poll_until_watchable, video, began)
        pipeline.process_video(video, report=ignore_progress, is_cancelled=encode_variants.never_cancelled)
        cost.stop()
        begun_after, playable_after = watched.result()
    if video.status != Video.Status.READY:
        raise RuntimeError(video.reason)
    return EndToEndRun(EncodeResult(cost.cpu, cost.wall, 0, {}), begun_after, playable_after)


def ignore_progress(_stage: str, _percent: int) -> None:
    """Hear how far it is and do nothing about it."""


def poll_until_watchable(video: "Video", began: float) -> tuple[float, float]:
    """Ask for the recording as its teller's page would; return when some of it is there, and when all of it is."""
    from django.db import connection

    from media.models import Video

    begun = 0.0
    try:
        while True:
            now = Video.objects.get(pk=video.pk)
            begun = begun or (time.monotonic() - began if now.can_be_watched else 0.0)
            if now.is_playable or now.status == Video.Status.UNPLAYABLE:
                return begun, time.monotonic() - began
            time.sleep(POLL_SECONDS)
    finally:
        connection.close()


def variants_table(rounds: dict[str, list["EncodeResult"]], film: Path) -> Iterator[str]:
    yield ""
    yield TABLE_HEADER
    reference = median_cpu(rounds[PER_SIZE_MEDIUM])
    for name, made in rounds.items():
        cpu, last = median_cpu(made), made[-1]
        wall = statistics.median(one.wall for one in made)
        size = f"{last.size / film.stat().st_size:.2f}" if last.size else ""
        alike = ", ".join(f"{side}: {value:.4f}" for side, value in last.ssim_by_size.items())
        yield f"| {name} | {cpu:.1f} | {cpu / reference:.2f} | {wall:.1f} | {size} | {alike} |"


def median_cpu(made: list["EncodeResult"]) -> float:
    return statistics.median(one.cpu for one in made)


def first_watchable_sentence(what: str, wholes: list[EndToEndRun]) -> str:
    begun = median_time_and_share([(one.first_watchable_after, one.encode.wall) for one in wholes])
    after = median_time_and_share([(one.playable_after, one.encode.wall) for one in wholes])
    return f"With {what}, the teller can begin to watch after {begun}; all of it is there in the smallest size after {after}."


def median_time_and_share(moments: list[tuple[float, float]]) -> str:
    seconds = statistics.median(moment for moment, _ in moments)
    part = statistics.median(moment / whole for moment, whole in moments)
    return f"{seconds:.1f} s, {part:.0%} of the whole time"


if __name__ == "__main__":
    main()
