"""Encodes one chunk of a long recording and stores it until all chunks are joined.

Several workers may encode the same chunk at once; each attempt stores its files under a prefix of its own.
"""

import os
import secrets
import time
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from django.db.models import Avg

from media import pipeline, storage
from media.chunked_encoding.chunk_storage import EncodedChunk, work_prefix
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
from media.encoding.renditions import ENCODE_LIMITS
from media.encoding.runner import run_ffmpeg
from media.ffmpeg import FFmpegProgressParser, SelectedTracks
from media.models import Chunk, Video
from media.pipeline import ENCODING, STAGE_PERCENT_RANGES, ProcessingCancelled, ReportProgress
from media.playback.playlists import Rendition, manifest_from_json
from media.sandbox import RunCancelled, SandboxMounts
from media.scratch import check_free_disk_space, scratch_folder


class ChunkMismatch(Exception):
    """A chunk differs from an encode of the whole recording, so the recording must be encoded as a whole."""


def encode_chunk(chunk: Chunk, *, report: ReportProgress, is_cancelled: Callable[[], bool]) -> EncodedChunk:
    """Encode and store one chunk of every rendition but the lowest.

    Raises
    ------
    ChunkMismatch
        Another attempt would fail in the same way.
    media.pipeline.ProcessingCancelled
        The files of this attempt have been deleted.
    Exception
        Like `media.pipeline.process_video`; another attempt may succeed.
    """
    video = chunk.splitting.video
    prefix = f"{work_prefix(video)}{chunk.pk}/{secrets.token_urlsafe(24)}/"
    try:
        with scratch_folder(chunk.pk) as folder:
            output = _encode_and_verify(chunk, folder, report=report, is_cancelled=is_cancelled)
            for file in output.files:
                _raise_if_cancelled(is_cancelled)
                storage.put_file(file.path, key=prefix + file.name, content_type=file.content_type)
            _raise_if_cancelled(is_cancelled)
    except RunCancelled:
        storage.delete_prefix(prefix)
        raise ProcessingCancelled(video) from None
    except (InvalidEncoderOutput, fmp4.UnexpectedBoxLayout) as error:
        raise ChunkMismatch(f"chunk at segment {chunk.first_segment}: {error}") from error
    return EncodedChunk(prefix, output.renditions, {file.name: file.sha256 for file in output.files})


def _raise_if_cancelled(is_cancelled: Callable[[], bool]) -> None:
    if is_cancelled():
        raise RunCancelled


def _encode_and_verify(
    chunk: Chunk, folder: Path, *, report: ReportProgress, is_cancelled: Callable[[], bool]
) -> EncoderOutput:
    splitting = chunk.splitting
    source, out = folder / "source", folder / "out"
    out.mkdir()
    check_free_disk_space(splitting.video)
    if storage.download_object(splitting.video.upload.key, to=source) != splitting.source_sha256:
        raise ChunkMismatch("the recording has changed since it was validated")
    video_plan = video_plan_from_json(splitting.video_plan)
    chunk_range = ChunkRange(chunk.first_segment, chunk.segment_count, chunk.first_frame, chunk.frame_count)

    def on_seconds(seconds: float) -> None:
        fraction = min(1.0, seconds * float(video_plan.rate) / chunk_range.frame_count)
        _report_chunk_progress(chunk, round(100 * fraction), report)

    result = run_ffmpeg(
        ffmpeg_args.chunk_args(
            source, SelectedTracks(splitting.track, None), video_plan, chunk_range, out=out
        ),
        mounts=SandboxMounts(source=source, out=out),
        limits=ENCODE_LIMITS,
        on_line=FFmpegProgressParser(_throttle(on_seconds), rate=video_plan.rate),
        is_cancelled=is_cancelled,
    )
    if result.exit_code != 0:
        raise InvalidEncoderOutput(f"exit code {result.exit_code}")
    _shift_segments(
        out,
        preceding_segments=chunk_range.first_segment,
        preceding_seconds=chunk_range.first_frame / video_plan.rate,
    )
    names = [spec.name for spec in video_plan.higher_renditions]
    output = collect_output(out, rendition_names=names, image_names=[], is_cancelled=is_cancelled)
    check_rendition_sizes(output.renditions, video_plan.higher_renditions)
    check_keyframe_alignment([*output.renditions, _lowest_rendition_of(chunk)])
    return output


def _lowest_rendition_of(chunk: Chunk) -> Rendition:
    """Return the lowest rendition, cut to the chunk's segments."""
    lowest = manifest_from_json(chunk.splitting.video.master).video_renditions[-1]
    durations = lowest.durations[chunk.first_segment : chunk.first_segment + chunk.segment_count]
    return replace(lowest, durations=durations)


def _shift_segments(folder: Path, *, preceding_segments: int, preceding_seconds: Fraction) -> None:
    """Shift the timestamps of all segments; symbolic links are refused, see `media.encoding.outputs`."""
    for path in folder.glob("*.m4s"):
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_NOFOLLOW)
        except OSError as error:
            raise InvalidEncoderOutput(path.name) from error
        with os.fdopen(descriptor, "r+b") as file:
            segment = fmp4.shift_segment(
                file.read(), preceding_segments=preceding_segments, preceding_seconds=preceding_seconds
            )
            file.seek(0)
            file.write(segment)


def _throttle(callback: Callable[[float], None]) -> Callable[[float], None]:
    """Call back at most once per second: each report writes to the database."""
    last_call = -pipeline.REPORT_INTERVAL_SECONDS

    def throttled(value: float) -> None:
        nonlocal last_call
        if time.monotonic() - last_call >= pipeline.REPORT_INTERVAL_SECONDS:
            last_call = time.monotonic()
            callback(value)

    return throttled


def _report_chunk_progress(chunk: Chunk, percent: int, report: ReportProgress) -> None:
    """Report the progress of this chunk, and set the video's progress to the mean of all chunks."""
    report(ENCODING, percent)
    Chunk.objects.filter(pk=chunk.pk).update(percent=percent)
    mean = Chunk.objects.filter(splitting=chunk.splitting).aggregate(mean=Avg("percent"))["mean"] or 0
    start, end = STAGE_PERCENT_RANGES[ENCODING]
    video_percent = round(start + (end - start) * mean / 100)
    # Progress never goes backwards, although workers report in any order.
    Video.objects.filter(
        pk=chunk.splitting.video_id, status=Video.Status.PROCESSING, percent__lt=video_percent
    ).update(percent=video_percent)
