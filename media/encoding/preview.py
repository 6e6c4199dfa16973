"""Publishes previews of the first version while it is still being encoded."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from media.encoding.bitrate_ladder import SEGMENT_SECONDS
from media.encoding.outputs import EncoderOutput, InvalidEncoderOutput, collect_segments, count_segments
from media.encoding.plan import EncodingPlan


class PreviewObserver(Protocol):
    """Receives the growing first version."""

    def show_preview(self, output: EncoderOutput, *, max_segment_seconds: int) -> None:
        """Receive all segments encoded so far; later segments are no longer than `max_segment_seconds`."""

    def discard_preview(self) -> None:
        """Withdraw the previews shown so far; no further preview follows."""


class PreviewPoller:
    """Polls the output folder of a running encoder: ffmpeg reports no progress until its last output has started.

    The observer receives a preview once every rendition has a segment, and again whenever their number has doubled. So
    every segment is read at most twice, and a viewer never reaches the end while encoding is faster than playback.
    """

    def __init__(
        self,
        out: Path,
        plan: EncodingPlan,
        *,
        on_progress: Callable[[float], None],
        observer: PreviewObserver | None,
        is_cancelled: Callable[[], bool],
    ) -> None:
        self._out = out
        self._plan = plan
        self._on_progress = on_progress
        self._observer = observer
        self._is_cancelled = is_cancelled
        self._next_segment_count = 1  # segments per rendition that trigger the next preview

    def poll(self) -> None:
        """Report the seconds encoded so far and show a preview if one is due; exceptions of the observer propagate."""
        counts = count_segments(self._out, self._plan.first_version_names)
        segment_count = min(counts.values())
        self._on_progress(float(segment_count * SEGMENT_SECONDS))
        if self._observer is None or segment_count < self._next_segment_count:
            return
        self._next_segment_count = 2 * segment_count
        try:
            output = collect_segments(self._out, counts, image_names=[], is_cancelled=self._is_cancelled)
        except InvalidEncoderOutput:
            return  # the complete output is verified, and rejected, after the encode
        self._observer.show_preview(output, max_segment_seconds=self._plan.max_segment_seconds)
