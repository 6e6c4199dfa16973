"""Cost of processing a recording, compared with other encoding strategies: `make bench-media`.

    python -m tests.benchmarks.media_processing [--seconds N] [--repeats N] [--write FILE] [--first]

Strategies run in rounds and the median counts, so that other load on the machine affects all of them alike. `--first` only
measures when the teller can start watching. Starts its own servers to measure the way from bucket to bucket.
`SAMEBOAT_CORPUS` may name a folder of test files; two real recordings in it are measured as well.
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
END_TO_END, END_TO_END_THREE_SIZES = "ours, end to end", "ours, end to end, three sizes"
POLL_SECONDS = 0.05
TABLE_HEADER = "| strategy | CPU-s | relative to five runs, medium | wall s | output / input bytes | SSIM |\n|---|---|---|---|---|---|"


@dataclass(frozen=True)
class EndToEndRun:
    """Processing from bucket to bucket; wall seconds until the teller can watch a first part, and all of it."""

    encode: "EncodeResult"
    first_watchable_after: float
    playable_after: float


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the cost of processing a recording.")
    parser.add_argument("--seconds", type=int, default=60, help="length of the test clip")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--write", type=Path, help="Markdown file for the results")
    parser.add_argument(
        "--first", action="store_true", help="only measure when the teller can start watching"
    )
    options = parser.parse_args()
    test_servers = servers.start_test_environment()
    lines = [*page_header(options.seconds, options.repeats)]
    try:
        for line in measure_all(options.seconds, options.repeats, only_first=options.first):
            print_line(line)
            lines.append(line)
    finally:
        if test_servers is not None:
            test_servers.stop()
    if options.write:
        options.write.write_text("\n".join(lines) + "\n")


def page_header(seconds: int, repeats: int) -> Iterator[str]:
    yield "# Cost of processing a recording"
    yield ""
    yield f"`make bench-media` on {cpu_model()}, {os.cpu_count()} processors, Python {platform.python_version()}."
    yield f"A 720p clip of {seconds} s; medians of {repeats} rounds."
    yield ""


def measure_all(seconds: int, repeats: int, *, only_first: bool) -> Iterator[str]:
    import django

    django.setup()
    from django.core.management import call_command

    from media.programs import ffmpeg_path
    from tests.benchmarks import encode_variants

    call_command("migrate", verbosity=0)
    encode_variants.become_child_subreaper()
    version_output = subprocess.run(
        [ffmpeg_path(), "-version"], capture_output=True, text=True, check=True
    ).stdout
    yield version_output.splitlines()[0].partition(" Copyright")[0] + "."
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
    rounds[END_TO_END] = [run.encode for run in five]
    rounds[END_TO_END_THREE_SIZES] = [run.encode for run in three]
    yield "## Five sizes of 720p"
    yield from variants_table(rounds, clip)
    yield ""
    yield from first_watchable_section(five, three)


def run_end_to_end(clip: Path, repeats: int) -> tuple[list[EndToEndRun], list[EndToEndRun]]:
    """Measure with five sizes, then with the product's own three."""
    from tests.benchmarks import encode_variants

    with encode_variants.five_size_ladder():
        five = [process_end_to_end(clip) for _ in range(repeats)]
    return five, [process_end_to_end(clip) for _ in range(repeats)]


def first_watchable_section(five: list[EndToEndRun], three: list[EndToEndRun]) -> Iterator[str]:
    yield first_watchable_sentence("five sizes", five)
    yield first_watchable_sentence("our three sizes of 720p", three)


def real_recording_section(film: Path, repeats: int) -> Iterator[str]:
    yield f"## {film.name}"
    yield from variants_table(run_variants_in_rounds(film, repeats), film)


def run_variants_in_rounds(film: Path, repeats: int) -> dict[str, list["EncodeResult"]]:
    """Run the variants in turn, `repeats` times; SSIM is computed in the last round only."""
    from media.encoding import bitrate_ladder
    from media.probing.client import probe_file
    from tests.benchmarks import encode_variants

    video_facts = probe_file(film, is_cancelled=encode_variants.never_cancelled).video
    if video_facts is None:
        raise ValueError(f"{film} has no video")
    renditions = tuple(bitrate_ladder.build_bitrate_ladder(video_facts.width, video_facts.height))
    variants: dict[str, EncodeVariant] = {
        PER_SIZE_MEDIUM: lambda compare: encode_variants.encode_per_size(
            film, renditions, preset="medium", compare=compare
        ),
        PER_SIZE_VERYFAST: lambda compare: encode_variants.encode_per_size(
            film, renditions, preset="veryfast", compare=compare
        ),
        OURS_MEDIUM: lambda compare: encode_variants.encode_with_product(
            film, preset="medium", compare=compare
        ),
        OURS: lambda compare: encode_variants.encode_with_product(film, preset="veryfast", compare=compare),
    }
    rounds: dict[str, list[EncodeResult]] = {name: [] for name in variants}
    for index in range(repeats):
        for name, variant in variants.items():
            rounds[name].append(variant(index == repeats - 1))
            print(f"{name}: {rounds[name][-1].cpu:.1f} CPU-s", file=sys.stderr)  # noqa: T201 - progress for the terminal
    return rounds


def process_end_to_end(film: Path) -> EndToEndRun:
    """Process an uploaded recording as a worker would."""
    from accounts.models import User
    from media import pipeline
    from media.models import Video
    from tests.benchmarks import encode_variants
    from tests.benchmarks.encode_variants import CpuTimer, EncodeResult
    from tests.media.uploaded_videos import create_uploaded_video

    owner, _ = User.objects.get_or_create(email="bench@example.org")
    video = create_uploaded_video(owner, film)
    cost, started_at = CpuTimer(), time.monotonic()
    with ThreadPoolExecutor(1) as executor:
        watch_times = executor.submit(poll_until_watchable, video, started_at)
        pipeline.process_video(video, report=ignore_progress, is_cancelled=encode_variants.never_cancelled)
        cost.stop()
        first_watchable_after, playable_after = watch_times.result()
    if video.status != Video.Status.READY:
        raise RuntimeError(video.reason)
    return EndToEndRun(EncodeResult(cost.cpu, cost.wall, 0, {}), first_watchable_after, playable_after)


def ignore_progress(_stage: str, _percent: int) -> None:
    pass


def poll_until_watchable(video: "Video", started_at: float) -> tuple[float, float]:
    """Poll as the teller's page does; returns the seconds until a first part, and until everything, can be watched."""
    from django.db import connection

    from media.models import Video

    first_watchable_after = 0.0
    try:
        while True:
            current = Video.objects.get(pk=video.pk)
            first_watchable_after = first_watchable_after or (
                time.monotonic() - started_at if current.can_be_watched else 0.0
            )
            if current.is_playable or current.status == Video.Status.UNPLAYABLE:
                return first_watchable_after, time.monotonic() - started_at
            time.sleep(POLL_SECONDS)
    finally:
        connection.close()


def variants_table(rounds: dict[str, list["EncodeResult"]], film: Path) -> Iterator[str]:
    yield ""
    yield TABLE_HEADER
    reference = median_cpu(rounds[PER_SIZE_MEDIUM])
    for name, results in rounds.items():
        cpu, last_result = median_cpu(results), results[-1]
        wall = statistics.median(result.wall for result in results)
        size = f"{last_result.size / film.stat().st_size:.2f}" if last_result.size else ""
        ssim = ", ".join(f"{side}: {value:.4f}" for side, value in last_result.ssim_by_size.items())
        yield f"| {name} | {cpu:.1f} | {cpu / reference:.2f} | {wall:.1f} | {size} | {ssim} |"


def median_cpu(results: list["EncodeResult"]) -> float:
    return statistics.median(result.cpu for result in results)


def first_watchable_sentence(ladder_name: str, runs: list[EndToEndRun]) -> str:
    first_part = median_time_and_share([(run.first_watchable_after, run.encode.wall) for run in runs])
    everything = median_time_and_share([(run.playable_after, run.encode.wall) for run in runs])
    return f"With {ladder_name}, the teller can begin to watch after {first_part}; all of it is there in the smallest size after {everything}."


def median_time_and_share(times: list[tuple[float, float]]) -> str:
    seconds = statistics.median(time_to_watch for time_to_watch, _ in times)
    share = statistics.median(time_to_watch / total for time_to_watch, total in times)
    return f"{seconds:.1f} s, {share:.0%} of the total time"


if __name__ == "__main__":
    main()
