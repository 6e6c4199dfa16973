"""Make one part of a long recording, and put all parts together behind the first version.

Several workers may be at it at once. What a part consists of lies under `work/` in the bucket, under a token of the
attempt that made it, and is copied to its place within the store when all are there.
"""

import os
import secrets
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from django.db.models import Avg, QuerySet

from media import fragments, processing, recipes, storage, versions
from media.collecting import BadOutput, Collected, check_aligned, check_sizes, collect
from media.encoding import ENCODE, Version, content_hash
from media.ffmpeg import Progress, Tracks
from media.models import Chunk, Splitting, Video
from media.planning import picture_from_json
from media.playlists import Master, Rendition, from_json, rendition_from_json
from media.processing import ENCODING, SPANS, STORED_AT_ONCE, ProcessingCancelled
from media.running import run_ffmpeg
from media.sandbox import Room, RunCancelled
from media.spans import Span
from media.workplaces import check_space, workplace

Report = Callable[[str, int], None]


class DoesNotFit(Exception):
    """A part does not come out as it would in one go; the recording is to be encoded in one go, then."""


@dataclass(frozen=True)
class Made:
    """Where a part's files lie, what they are, and their SHA-256 by name; names count from the part's beginning."""

    prefix: str
    renditions: tuple[Rendition, ...]
    files: Mapping[str, str]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def made_from_json(stored: Mapping[str, Any]) -> Made:
    renditions = tuple(rendition_from_json(one) for one in stored["renditions"])
    return Made(stored["prefix"], renditions, stored["files"])


def make(chunk: Chunk, *, report: Report, cancelled: Callable[[], bool]) -> Made:
    """Encode one part in every size but the smallest, and store it.

    Raises
    ------
    DoesNotFit
        Another attempt would end in the same way.
    media.processing.ProcessingCancelled
        Nothing is left of the attempt.
    Exception
        As `media.processing.process` does, where another attempt may help.
    """
    video = chunk.splitting.video
    prefix = f"{home(video)}{chunk.pk}/{secrets.token_urlsafe(24)}/"
    try:
        with workplace(chunk.pk) as room:
            collected = _encode(chunk, room, report=report, cancelled=cancelled)
            for file in collected.files:
                _stop_if(cancelled)
                storage.store(file.path, key=prefix + file.name, content_type=file.content_type)
            _stop_if(cancelled)
    except RunCancelled:
        storage.delete_prefix(prefix)
        raise ProcessingCancelled(video) from None
    except (BadOutput, fragments.UnknownShape) as error:
        raise DoesNotFit(f"from piece {chunk.first_piece}: {error}") from error
    return Made(prefix, collected.renditions, {file.name: file.sha256 for file in collected.files})


def _stop_if(cancelled: Callable[[], bool]) -> None:
    if cancelled():
        raise RunCancelled


def _encode(chunk: Chunk, room: Path, *, report: Report, cancelled: Callable[[], bool]) -> Collected:
    splitting = chunk.splitting
    source, out = room / "source", room / "out"
    out.mkdir()
    check_space(splitting.video)
    if storage.fetch(splitting.video.upload.key, to=source) != splitting.source_sha256:
        raise DoesNotFit("the recording is no longer what it was when it was checked")
    picture = picture_from_json(splitting.picture)
    span = Span(chunk.first_piece, chunk.pieces, chunk.first_frame, chunk.frames)

    def hear(seconds: float) -> None:
        _tell(chunk, round(100 * min(1.0, seconds * float(picture.rate) / span.frames)), report)

    ran = run_ffmpeg(
        recipes.part(source, Tracks(splitting.track, None), picture, span, out=out),
        room=Room(source=source, out=out),
        limits=ENCODE,
        hear=Progress(_now_and_then(hear), rate=picture.rate),
        cancelled=cancelled,
    )
    if ran.code != 0:
        raise BadOutput(f"exit {ran.code}")
    _move_along(out, pieces=span.first, seconds=span.first_frame / picture.rate)
    names = [rung.name for rung in picture.upper]
    made = collect(out, names=names, pictures=[], cancelled=cancelled)
    check_sizes(made.renditions, picture.upper)
    lowest = from_json(splitting.video.master).pictures[-1]
    there = lowest.durations[span.first : span.first + span.pieces]
    check_aligned([*made.renditions, replace(lowest, durations=there)])
    return made


def _move_along(folder: Path, *, pieces: int, seconds: Fraction) -> None:
    """Let every piece say when it is shown. A link in a piece's place is not followed: see `media.collecting`."""
    for path in folder.glob("*.m4s"):
        try:
            handle = os.open(path, os.O_RDWR | os.O_NOFOLLOW)
        except OSError as error:
            raise BadOutput(path.name) from error
        with os.fdopen(handle, "r+b") as file:
            content = fragments.moved(file.read(), pieces=pieces, seconds=seconds)
            file.seek(0)
            file.write(content)


def _now_and_then(hear: Callable[[float], None]) -> Callable[[float], None]:
    """Pass on at most one figure a second: each report is a write."""
    told_at = -processing.REPORT_EVERY

    def tell(figure: float) -> None:
        nonlocal told_at
        if time.monotonic() - told_at >= processing.REPORT_EVERY:
            told_at = time.monotonic()
            hear(figure)

    return tell


def _tell(chunk: Chunk, percent: int, report: Report) -> None:
    """Report how far this part is, and let the recording say how far all are together."""
    report(ENCODING, percent)
    Chunk.objects.filter(pk=chunk.pk).update(percent=percent)
    mean = Chunk.objects.filter(splitting=chunk.splitting).aggregate(mean=Avg("percent"))["mean"] or 0
    begin, end = SPANS[ENCODING]
    together = round(begin + (end - begin) * mean / 100)
    going_on = Video.objects.filter(pk=chunk.splitting.video_id, status=Video.Status.PROCESSING)
    going_on.filter(percent__lt=together).update(percent=together)


def unmade(video: Video | None) -> QuerySet[Chunk]:
    """Return the parts of a video that are still to be made."""
    return Chunk.objects.filter(splitting__video=video, splitting__given_up=False, made={})


def lock(chunk: Chunk) -> Splitting | None:
    """Let one worker at a time say what became of its part; None if the recording is no longer made in parts."""
    waiting = Splitting.objects.select_for_update().filter(pk=chunk.splitting_id, given_up=False)
    return waiting.first()


def keep(chunk: Chunk, made: Made) -> None:
    """Note that a part is there."""
    Chunk.objects.filter(pk=chunk.pk).update(made=made.as_json(), percent=100)


def give_up(splitting: Splitting) -> None:
    """Have the recording encoded in one go from now on."""
    Splitting.objects.filter(pk=splitting.pk).update(given_up=True)


def is_made(splitting: Splitting) -> bool:
    """Whether every part is there."""
    return not splitting.chunks.filter(made={}).exists()


def join(splitting: Splitting, *, report: Report, cancelled: Callable[[], bool]) -> None:
    """Put the parts in their place behind the first version and publish the whole. Safe to run twice.

    Raises
    ------
    DoesNotFit, media.processing.ProcessingCancelled, media.versions.VideoMovedOn
    """
    video, parts = splitting.video, list(splitting.chunks.all())
    made = [made_from_json(part.made) for part in parts]
    moves, sums = _places(parts, made)
    version = _whole(from_json(video.master), made, {**splitting.first_files, **sums})
    if video.prefix != splitting.prefix:
        raise versions.VideoMovedOn(video)
    with ThreadPoolExecutor(STORED_AT_ONCE) as pool:
        for done, _ in enumerate(pool.map(lambda move: storage.copy(move[0], to=move[1]), moves), start=1):
            if done % STORED_AT_ONCE == 0:
                report(processing.STORING, 90 + 9 * done // len(moves))
                if cancelled():
                    pool.shutdown(wait=True, cancel_futures=True)
                    raise ProcessingCancelled(video)
    versions.publish_version(video, version, prefix=splitting.prefix, sound=splitting.sound)
    splitting.delete()
    storage.delete_prefix(home(video))


def _places(parts: list[Chunk], made: list[Made]) -> tuple[list[tuple[str, str]], dict[str, str]]:
    """Return from where to where each file goes, and the SHA-256 of each under the name that it has there."""
    moves: list[tuple[str, str]] = []
    sums: dict[str, str] = {}
    for part, one in zip(parts, made, strict=True):
        for name, sha256 in one.files.items():
            place = _name_in_whole(name, part.first_piece)
            if sums.setdefault(place, sha256) != sha256:
                raise DoesNotFit(f"{place} differs between parts")
            moves.append((one.prefix + name, part.splitting.prefix + place))
    return moves, sums


def _name_in_whole(name: str, first_piece: int) -> str:
    stem, _, number = name.removesuffix(".m4s").rpartition("_")
    return f"{stem}_{int(number) + first_piece:05d}.m4s" if name.endswith(".m4s") else name


def _whole(first: Master, made: list[Made], sums: Mapping[str, str]) -> Version:
    sizes = [_one_after_another(same) for same in zip(*(one.renditions for one in made), strict=True)]
    check_aligned([*sizes, first.pictures[-1]])
    return Version(replace(first, renditions=(*sizes, *first.renditions)), content_hash(sums))


def _one_after_another(parts: tuple[Rendition, ...]) -> Rendition:
    """Return one size of the whole picture, whose parts have to be alike."""
    durations = tuple(duration for part in parts for duration in part.durations)
    bits = sum(part.average_bps * part.seconds for part in parts)
    whole = replace(
        parts[0],
        durations=durations,
        peak_bps=max(part.peak_bps for part in parts),
        average_bps=int(bits / sum(durations)),
    )
    if any((part.name, part.codecs) != (whole.name, whole.codecs) for part in parts):
        raise DoesNotFit("the parts are encoded in different ways")
    return whole


def home(video: Video) -> str:
    """Return where workers leave what they hand each other about a video."""
    return f"work/{video.pk}/"


def sweep() -> int:
    """Remove what was left under `work/` for recordings that nobody prepares any more; returns how many there were."""
    kept = {key.split("/")[1] for key in storage.list_keys("work/")}
    busy = Video.objects.filter(pk__in=kept, status=Video.Status.PROCESSING).values_list("pk", flat=True)
    abandoned = kept - {str(pk) for pk in busy}
    for pk in abandoned:
        storage.delete_prefix(f"work/{pk}/")
    return len(abandoned)
