"""What preparing a recording costs, beside the ways in which others do it: `make bench-media`.

    python -m tests.benchmarks.media [--seconds N] [--repeats N] [--write FILE] [--first]

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
from tests.benchmarks.measuring import processor, say

if TYPE_CHECKING:
    from media.models import Video
    from tests.benchmarks.media_runs import Made, Way

CORPUS = Path(os.environ.get("SAMEBOAT_CORPUS", "/nowhere")) / "media-odd" / "mp4"
REAL = ("sample_with_increasing_timestamps_360p.mp4", "sample_with_increasing_timestamps_320w_240h.mp4")
MEDIUM, VERYFAST = "five runs, medium", "five runs, veryfast"
OURS, OURS_MEDIUM = "ours", "ours, medium"
WHOLE, WHOLE_THREE = "ours, whole way", "ours, whole way, three sizes"
ASK_EVERY = 0.05  # seconds
HEAD = "| way | CPU-s | of five runs, medium | wall s | bytes, of the original | SSIM |\n|---|---|---|---|---|---|"


@dataclass(frozen=True)
class Whole:
    """The whole way of a recording, and the wall seconds until its teller could begin to watch it, and watch all of it."""

    made: "Made"
    begun_after: float
    playable_after: float


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure what preparing a recording costs.")
    parser.add_argument("--seconds", type=int, default=60, help="length of the test clip")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--write", type=Path, help="where to keep the figures, as Markdown")
    parser.add_argument("--first", action="store_true", help="only when a recording can be watched first")
    chosen = parser.parse_args()
    running = servers.begin()
    lines = [*about(chosen.seconds, chosen.repeats)]
    try:
        for line in measured(chosen.seconds, chosen.repeats, only_first=chosen.first):
            say(line)
            lines.append(line)
    finally:
        if running is not None:
            running.stop()
    if chosen.write:
        chosen.write.write_text("\n".join(lines) + "\n")


def about(seconds: int, repeats: int) -> Iterator[str]:
    yield "# What preparing a recording costs"
    yield ""
    yield f"`make bench-media` on {processor()}, {os.cpu_count()} processors, Python {platform.python_version()}."
    yield f"A clip of {seconds} s and 720 lines; {repeats} rounds in turn, the middle figure of each."
    yield ""


def measured(seconds: int, repeats: int, *, only_first: bool) -> Iterator[str]:
    import django

    django.setup()
    from django.core.management import call_command

    from media.programs import ffmpeg_path
    from tests.benchmarks import media_runs

    call_command("migrate", verbosity=0)
    media_runs.count_everybody()
    said = subprocess.run([ffmpeg_path(), "-version"], capture_output=True, text=True, check=True).stdout
    yield said.splitlines()[0].partition(" Copyright")[0] + "."
    yield ""
    with tempfile.TemporaryDirectory() as folder:
        clip = media_runs.make_clip(Path(folder), seconds=seconds)
        if only_first:
            yield from of_the_first(*wholes_of(clip, repeats))
            return
        yield from of_five_sizes(clip, repeats)
        for name in REAL:
            if (CORPUS / name).is_file():
                yield ""
                yield from of_a_real_one(CORPUS / name, repeats)


def of_five_sizes(clip: Path, repeats: int) -> Iterator[str]:
    from tests.benchmarks import media_runs

    with media_runs.five_sizes():
        rounds = in_turn(clip, repeats)
    five, three = wholes_of(clip, repeats)
    rounds[WHOLE] = [one.made for one in five]
    rounds[WHOLE_THREE] = [one.made for one in three]
    yield "## Five sizes of 720 lines"
    yield from table(rounds, clip)
    yield ""
    yield from of_the_first(five, three)


def wholes_of(clip: Path, repeats: int) -> tuple[list[Whole], list[Whole]]:
    """Go the whole way with five sizes, then with the three that we make."""
    from tests.benchmarks import media_runs

    with media_runs.five_sizes():
        five = [whole(clip) for _ in range(repeats)]
    return five, [whole(clip) for _ in range(repeats)]


def of_the_first(five: list[Whole], three: list[Whole]) -> Iterator[str]:
    yield said_of_first("five sizes", five)
    yield said_of_first("the three sizes that we make of 720 lines", three)


def of_a_real_one(film: Path, repeats: int) -> Iterator[str]:
    yield f"## {film.name}"
    yield from table(in_turn(film, repeats), film)


def in_turn(film: Path, repeats: int) -> dict[str, list["Made"]]:
    """Go each way once, then each again, and so on; pictures are compared in the last round only."""
    from media import ladder
    from media.inspecting import look
    from tests.benchmarks import media_runs

    found = look(film, cancelled=media_runs.never).film
    if found is None:
        raise ValueError(f"{film} has no picture")
    rungs = tuple(ladder.ladder(found.width, found.height))
    ways: dict[str, Way] = {
        MEDIUM: lambda compare: media_runs.one_by_one(film, rungs, preset="medium", compare=compare),
        VERYFAST: lambda compare: media_runs.one_by_one(film, rungs, preset="veryfast", compare=compare),
        OURS_MEDIUM: lambda compare: media_runs.ours(film, preset="medium", compare=compare),
        OURS: lambda compare: media_runs.ours(film, preset="veryfast", compare=compare),
    }
    rounds: dict[str, list[Made]] = {name: [] for name in ways}
    for number in range(repeats):
        for name, way in ways.items():
            rounds[name].append(way(number == repeats - 1))
            print(f"{name}: {rounds[name][-1].cpu:.1f} CPU-s", file=sys.stderr)  # noqa: T201 - for who waits
    return rounds


def whole(film: Path) -> Whole:
    """Prepare a recording that lies in the bucket, as a worker would."""
    from accounts.models import User
    from media import processing
    from media.models import Video
    from tests.benchmarks import media_runs
    from tests.benchmarks.media_runs import Cost, Made
    from tests.media.arrivals import arrived

    owner, _ = User.objects.get_or_create(email="bench@example.org")
    video = arrived(owner, film)
    cost, began = Cost(), time.monotonic()
    with ThreadPoolExecutor(1) as aside:
        watched = aside.submit(watch, video, began)
        processing.process(video, report=to_nobody, cancelled=media_runs.never)
        cost.stop()
        begun_after, playable_after = watched.result()
    if video.status != Video.Status.READY:
        raise RuntimeError(video.reason)
    return Whole(Made(cost.cpu, cost.wall, 0, {}), begun_after, playable_after)


def to_nobody(_stage: str, _percent: int) -> None:
    """Hear how far it is and do nothing about it."""


def watch(video: "Video", began: float) -> tuple[float, float]:
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
            time.sleep(ASK_EVERY)
    finally:
        connection.close()


def table(rounds: dict[str, list["Made"]], film: Path) -> Iterator[str]:
    yield ""
    yield HEAD
    reference = middle(rounds[MEDIUM])
    for name, made in rounds.items():
        cpu, last = middle(made), made[-1]
        wall = statistics.median(one.wall for one in made)
        size = f"{last.size / film.stat().st_size:.2f}" if last.size else ""
        alike = ", ".join(f"{side}: {value:.4f}" for side, value in last.likeness.items())
        yield f"| {name} | {cpu:.1f} | {cpu / reference:.2f} | {wall:.1f} | {size} | {alike} |"


def middle(made: list["Made"]) -> float:
    return statistics.median(one.cpu for one in made)


def said_of_first(what: str, wholes: list[Whole]) -> str:
    begun = of_all([(one.begun_after, one.made.wall) for one in wholes])
    after = of_all([(one.playable_after, one.made.wall) for one in wholes])
    return f"With {what}, the teller can begin to watch after {begun}; all of it is there in the smallest size after {after}."


def of_all(moments: list[tuple[float, float]]) -> str:
    seconds = statistics.median(moment for moment, _ in moments)
    part = statistics.median(moment / whole for moment, whole in moments)
    return f"{seconds:.1f} s, {part:.0%} of the whole time"


if __name__ == "__main__":
    main()
