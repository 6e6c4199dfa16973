"""Decodes an entire recording and encodes its first version: smallest rendition, audio, posters and storyboard."""

import shutil
from collections.abc import Callable
from pathlib import Path

from django.conf import settings

from media import ffmpeg
from media.encoding import ffmpeg_args
from media.encoding.outputs import (
    EncoderOutput,
    InvalidEncoderOutput,
    check_rendition_sizes,
    collect_output,
    written_poster_names,
)
from media.encoding.plan import EncodingPlan
from media.encoding.preview import PreviewObserver, PreviewPoller
from media.encoding.runner import ignore_progress, run_ffmpeg
from media.ffmpeg import FFmpegProgressParser, SelectedTracks
from media.playback.storyboard import SPRITE_SHEET
from media.sandbox import ResourceLimits, SandboxMounts

# Enough for the longest recording in the slowest format on a busy machine. Two decodes and an encode must fit into the two
# hours after which the broker delivers a job again.
DECODE_LIMITS = ResourceLimits(wall_seconds=25 * 60, cpu_seconds=60 * 60)


def max_read_seconds() -> float:
    """Longest duration that is read of a recording: enough to detect that it is too long."""
    return settings.UPLOAD_MAX_SECONDS + 2.0


class FirstVersionEncoder:
    """Encodes the first version of `source` into `out`; can run again after a failed strict attempt."""

    def __init__(
        self,
        source: Path,
        out: Path,
        *,
        is_cancelled: Callable[[], bool],
        observer: PreviewObserver | None = None,
    ) -> None:
        self._source = source
        self._out = out
        self._is_cancelled = is_cancelled
        self._observer = observer

    def encode(
        self,
        tracks: SelectedTracks,
        plan: EncodingPlan,
        *,
        strict: bool,
        on_progress: Callable[[float], None],
    ) -> EncoderOutput | None:
        """Decode everything; None if the output is unusable or, with `strict`, if the file has any error.

        `on_progress` receives the seconds encoded so far.
        """
        _clear_folder(self._out)
        progress = FFmpegProgressParser(ignore_progress)
        poller = PreviewPoller(
            self._out,
            plan,
            on_progress=on_progress,
            # A damaged recording is shown only when it is known how much of it can be recovered.
            observer=self._observer if strict else None,
            is_cancelled=self._is_cancelled,
        )
        result = run_ffmpeg(
            ffmpeg_args.first_version_args(
                self._source, tracks, plan, out=self._out, strict=strict, max_seconds=max_read_seconds()
            ),
            mounts=SandboxMounts(source=self._source, out=self._out, read_only_paths=tracks.extra_inputs),
            limits=DECODE_LIMITS,
            on_line=progress,
            is_cancelled=self._is_cancelled,
            on_poll=poller.poll,
        )
        if strict and (
            result.exit_code != 0 or not progress.has_ended or ffmpeg.has_demuxer_errors(result.stderr_tail)
        ):
            return None
        try:
            return self._collect_output(plan)
        except InvalidEncoderOutput:
            return None

    def discard_preview(self) -> None:
        if self._observer is not None:
            self._observer.discard_preview()

    def _collect_output(self, plan: EncodingPlan) -> EncoderOutput:
        image_names, max_posters = [], 1
        if plan.video is not None:
            image_names, max_posters = [SPRITE_SHEET], len(plan.video.posters_at)
        image_names += written_poster_names(self._out, max_posters=max_posters)
        output = collect_output(
            self._out,
            rendition_names=plan.first_version_names,
            image_names=image_names,
            is_cancelled=self._is_cancelled,
        )
        if plan.video is not None:
            check_rendition_sizes(output.renditions[:1], [plan.video.lowest_rendition])
        return output


def _clear_folder(folder: Path) -> None:
    for entry in folder.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()
