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

from media import pipeline, storage, video_status
from media.chunked_encoding.plan import ChunkRange
from media.encoding import ffmpeg_args, fmp4
from media.encoding.outputs import (
    EncoderOutput,
    InvalidEncoderOutput,
    check_keyframe_alignment,
    check_rendition_sizes,
    collect_output,
)
from media.encoding.plan import video_plan_from_json
from media.encoding.renditions import ENCODE_LIMITS, ContentVersion, compute_content_hash
from media.encoding.runner import run_ffmpeg
from media.ffmpeg import FFmpegProgressParser, SelectedTracks
from media.models import Chunk, Splitting, Video
from media.pipeline import ENCODING, PARALLEL_TRANSFERS, STAGE_PERCENT_RANGES, ProcessingCancelled
from media.playback.playlists import Manifest, Rendition, manifest_from_json, rendition_from_json
from media.sandbox import RunCancelled, SandboxMounts
from media.scratch import check_free_disk_space, scratch_folder

ReportProgress = Callable[[str, int], None]


class ChunkMismatch(Exception):
    """A part does not come out as it would in one go; the recording is to be encoded in one go, then."""


@dataclass(frozen=True)
class EncodedChunk:
    """Where a part's files lie, what they are, and their SHA-256 by name; names count from the part's beginning."""

    prefix: str
    renditions: tuple[Rendition, ...]
    files: Mapping[str, str]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def encoded_chunk_from_json(stored: Mapping[str, Any]) -> EncodedChunk:
    renditions = tuple(rendition_from_json(one) for one in stored["renditions"])
    return EncodedChunk(stored["prefix"], renditions, stored["files"])


def encode_chunk(chunk: Chunk, *, report: ReportProgress, is_cancelled: Callable[[], bool]) -> EncodedChunk:
    """Encode one part in every size but the smallest, and store it.

    Raises
    ------
    DoesNotFit
        Another attempt would end in the same way.
    media.pipeline.ProcessingCancelled
        Nothing is left of the attempt.
    Exception
        As `media.pipeline.process_video` does, where another attempt may help.
    """
    video = chunk.splitting.video
    prefix = f"{work_prefix(video)}{chunk.pk}/{secrets.token_urlsafe(24)}/"
    try:
        with scratch_folder(chunk.pk) as room:
            collected = _encode_and_verify(chunk, room, report=report, is_cancelled=is_cancelled)
            for file in collected.files:
                _raise_if_cancelled(is_cancelled)
                storage.put_file(file.path, key=prefix + file.name, content_type=file.content_type)
            _raise_if_cancelled(is_cancelled)
    except RunCancelled:
        storage.delete_prefix(prefix)
        raise ProcessingCancelled(video) from None
    except (InvalidEncoderOutput, fmp4.UnexpectedBoxLayout) as error:
        raise ChunkMismatch(f"from piece {chunk.first_piece}: {error}") from error
    return EncodedChunk(prefix, collected.renditions, {file.name: file.sha256 for file in collected.files})


def _raise_if_cancelled(is_cancelled: Callable[[], bool]) -> None:
    if is_cancelled():
        raise RunCancelled


def _encode_and_verify(
    chunk: Chunk, room: Path, *, report: ReportProgress, is_cancelled: Callable[[], bool]
) -> EncoderOutput:
    splitting = chunk.splitting
    source, out = room / "source", room / "out"
    out.mkdir()
    check_free_disk_space(splitting.video)
    if storage.download_object(splitting.video.upload.key, to=source) != splitting.source_sha256:
        raise ChunkMismatch("the recording is no longer what it was when it was checked")
    picture = video_plan_from_json(splitting.picture)
    span = ChunkRange(chunk.first_piece, chunk.pieces, chunk.first_frame, chunk.frames)

    def hear(seconds: float) -> None:
        _report_chunk_progress(
            chunk, round(100 * min(1.0, seconds * float(picture.rate) / span.frame_count)), report
        )

    ran = run_ffmpeg(
        ffmpeg_args.chunk_args(source, SelectedTracks(splitting.track, None), picture, span, out=out),
        mounts=SandboxMounts(source=source, out=out),
        limits=ENCODE_LIMITS,
        on_line=FFmpegProgressParser(_throttle(hear), rate=picture.rate),
        is_cancelled=is_cancelled,
    )
    if ran.exit_code != 0:
        raise InvalidEncoderOutput(f"exit {ran.exit_code}")
    _shift_segments(out, pieces=span.first_segment, seconds=span.first_frame / picture.rate)
    names = [rung.name for rung in picture.higher_renditions]
    made = collect_output(out, rendition_names=names, image_names=[], is_cancelled=is_cancelled)
    check_rendition_sizes(made.renditions, picture.higher_renditions)
    lowest = manifest_from_json(splitting.video.master).video_renditions[-1]
    there = lowest.durations[span.first_segment : span.first_segment + span.segment_count]
    check_keyframe_alignment([*made.renditions, replace(lowest, durations=there)])
    return made


def _shift_segments(folder: Path, *, pieces: int, seconds: Fraction) -> None:
    """Let every piece say when it is shown. A link in a piece's place is not followed: see `media.encoding.outputs`."""
    for path in folder.glob("*.m4s"):
        try:
            handle = os.open(path, os.O_RDWR | os.O_NOFOLLOW)
        except OSError as error:
            raise InvalidEncoderOutput(path.name) from error
        with os.fdopen(handle, "r+b") as file:
            content = fmp4.shift_segment(file.read(), preceding_segments=pieces, preceding_seconds=seconds)
            file.seek(0)
            file.write(content)


def _throttle(on_line: Callable[[float], None]) -> Callable[[float], None]:
    """Pass on at most one figure a second: each report is a write."""
    told_at = -pipeline.REPORT_INTERVAL_SECONDS

    def tell(figure: float) -> None:
        nonlocal told_at
        if time.monotonic() - told_at >= pipeline.REPORT_INTERVAL_SECONDS:
            told_at = time.monotonic()
            on_line(figure)

    return tell


def _report_chunk_progress(chunk: Chunk, percent: int, report: ReportProgress) -> None:
    """Report how far this part is, and let the recording say how far all are together."""
    report(ENCODING, percent)
    Chunk.objects.filter(pk=chunk.pk).update(percent=percent)
    mean = Chunk.objects.filter(splitting=chunk.splitting).aggregate(mean=Avg("percent"))["mean"] or 0
    begin, end = STAGE_PERCENT_RANGES[ENCODING]
    together = round(begin + (end - begin) * mean / 100)
    going_on = Video.objects.filter(pk=chunk.splitting.video_id, status=Video.Status.PROCESSING)
    going_on.filter(percent__lt=together).update(percent=together)


def pending_chunks(video: Video | None) -> QuerySet[Chunk]:
    """Return the parts of a video that are still to be made."""
    return Chunk.objects.filter(splitting__video=video, splitting__given_up=False, made={})


def lock_splitting(chunk: Chunk) -> Splitting | None:
    """Let one worker at a time say what became of its part; None if the recording is no longer made in parts."""
    waiting = Splitting.objects.select_for_update().filter(pk=chunk.splitting_id, given_up=False)
    return waiting.first()


def save_encoded_chunk(chunk: Chunk, made: EncodedChunk) -> None:
    """Note that a part is there."""
    Chunk.objects.filter(pk=chunk.pk).update(made=made.as_json(), percent=100)


def abandon_splitting(splitting: Splitting) -> None:
    """Have the recording encoded in one go from now on."""
    Splitting.objects.filter(pk=splitting.pk).update(given_up=True)


def are_all_chunks_encoded(splitting: Splitting) -> bool:
    """Whether every part is there."""
    return not splitting.chunks.filter(made={}).exists()


def join_chunks(splitting: Splitting, *, report: ReportProgress, is_cancelled: Callable[[], bool]) -> None:
    """Put the parts in their place behind the first version and publish the whole. Safe to run twice.

    Raises
    ------
    DoesNotFit, media.pipeline.ProcessingCancelled, media.video_status.StaleVideo
    """
    video, parts = splitting.video, list(splitting.chunks.all())
    made = [encoded_chunk_from_json(part.made) for part in parts]
    moves, sums = _copy_plan(parts, made)
    version = _joined_version(manifest_from_json(video.master), made, {**splitting.first_files, **sums})
    if video.prefix != splitting.prefix:
        raise video_status.StaleVideo(video)
    with ThreadPoolExecutor(PARALLEL_TRANSFERS) as pool:
        for done, _ in enumerate(
            pool.map(lambda move: storage.copy_object(move[0], to=move[1]), moves), start=1
        ):
            if done % PARALLEL_TRANSFERS == 0:
                report(pipeline.STORING, 90 + 9 * done // len(moves))
                if is_cancelled():
                    pool.shutdown(wait=True, cancel_futures=True)
                    raise ProcessingCancelled(video)
    video_status.publish_version(video, version, prefix=splitting.prefix, is_intact=splitting.sound)
    splitting.delete()
    storage.delete_prefix(work_prefix(video))


def _copy_plan(parts: list[Chunk], made: list[EncodedChunk]) -> tuple[list[tuple[str, str]], dict[str, str]]:
    """Return from where to where each file goes, and the SHA-256 of each under the name that it has there."""
    moves: list[tuple[str, str]] = []
    sums: dict[str, str] = {}
    for part, one in zip(parts, made, strict=True):
        for name, sha256 in one.files.items():
            place = _joined_file_name(name, part.first_piece)
            if sums.setdefault(place, sha256) != sha256:
                raise ChunkMismatch(f"{place} differs between parts")
            moves.append((one.prefix + name, part.splitting.prefix + place))
    return moves, sums


def _joined_file_name(name: str, first_piece: int) -> str:
    stem, _, number = name.removesuffix(".m4s").rpartition("_")
    return f"{stem}_{int(number) + first_piece:05d}.m4s" if name.endswith(".m4s") else name


def _joined_version(first: Manifest, made: list[EncodedChunk], sums: Mapping[str, str]) -> ContentVersion:
    sizes = [_joined_rendition(same) for same in zip(*(one.renditions for one in made), strict=True)]
    check_keyframe_alignment([*sizes, first.video_renditions[-1]])
    return ContentVersion(replace(first, renditions=(*sizes, *first.renditions)), compute_content_hash(sums))


def _joined_rendition(parts: tuple[Rendition, ...]) -> Rendition:
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
        raise ChunkMismatch("the parts are encoded in different ways")
    return whole


def work_prefix(video: Video) -> str:
    """Return where workers leave what they hand each other about a video."""
    return f"work/{video.pk}/"


def delete_abandoned_work() -> int:
    """Remove what was left under `work/` for recordings that nobody prepares any more; returns how many there were."""
    kept = {key.split("/")[1] for key in storage.list_keys("work/")}
    busy = Video.objects.filter(pk__in=kept, status=Video.Status.PROCESSING).values_list("pk", flat=True)
    abandoned = kept - {str(pk) for pk in busy}
    for pk in abandoned:
        storage.delete_prefix(f"work/{pk}/")
    return len(abandoned)
