"""What there is of a first version while it is still being made, so that its teller need not wait for its end."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from media.encoding.bitrate_ladder import SEGMENT_SECONDS
from media.encoding.outputs import EncoderOutput, InvalidEncoderOutput, collect_segments, count_segments
from media.encoding.plan import EncodingPlan


class PreviewObserver(Protocol):
    """Who is shown a first version while it grows."""

    def show_preview(self, so_far: EncoderOutput, *, max_segment_seconds: int) -> None:
        """Take note of the pieces there are by now; of those to come none is longer than so many seconds."""

    def discard_preview(self) -> None:
        """Take note that what was seen will not be part of anything, and that nothing more is shown."""


class PreviewPoller:
    """Looks at the folder of a running encoder, which itself says nothing before the last of its outputs has begun.

    The onlooker is shown what there is when there is a piece of each rendition, and then at twice as many. So everything is
    read twice at most, and who watches at the speed of life is never shown the end as long as the encoder is faster.
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
        self._planned = plan
        self._reached = on_progress
        self._onlooker = observer
        self._cancelled = is_cancelled
        self._wanted = 1  # pieces of each rendition, for the next look

    def poll(self) -> None:
        """Tell how many seconds there are at least, and show them if it is time to. Raises what the onlooker raises."""
        counts = count_segments(self._out, self._planned.first_version_names)
        fewest = min(counts.values())
        self._reached(float(fewest * SEGMENT_SECONDS))
        if self._onlooker is None or fewest < self._wanted:
            return
        self._wanted = 2 * fewest
        try:
            so_far = collect_segments(self._out, counts, image_names=[], is_cancelled=self._cancelled)
        except InvalidEncoderOutput:
            return  # who judges the whole will say what is wrong
        self._onlooker.show_preview(so_far, max_segment_seconds=self._planned.max_segment_seconds)
