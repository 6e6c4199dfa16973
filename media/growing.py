"""What there is of a first version while it is still being made, so that its teller need not wait for its end."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from media.collecting import BadOutput, Collected, collect_pieces, count_pieces
from media.ladder import SEGMENT_SECONDS
from media.planning import Plan


class Onlooker(Protocol):
    """Who is shown a first version while it grows."""

    def see(self, so_far: Collected, *, longest_piece: int) -> None:
        """Take note of the pieces there are by now; of those to come none is longer than so many seconds."""

    def forget(self) -> None:
        """Take note that what was seen will not be part of anything, and that nothing more is shown."""


class Growing:
    """Looks at the folder of a running encoder, which itself says nothing before the last of its outputs has begun.

    The onlooker is shown what there is when there is a piece of each rendition, and then at twice as many. So everything is
    read twice at most, and who watches at the speed of life is never shown the end as long as the encoder is faster.
    """

    def __init__(
        self,
        out: Path,
        planned: Plan,
        *,
        reached: Callable[[float], None],
        onlooker: Onlooker | None,
        cancelled: Callable[[], bool],
    ) -> None:
        self._out = out
        self._planned = planned
        self._reached = reached
        self._onlooker = onlooker
        self._cancelled = cancelled
        self._wanted = 1  # pieces of each rendition, for the next look

    def look(self) -> None:
        """Tell how many seconds there are at least, and show them if it is time to. Raises what the onlooker raises."""
        counts = count_pieces(self._out, self._planned.first_names)
        fewest = min(counts.values())
        self._reached(float(fewest * SEGMENT_SECONDS))
        if self._onlooker is None or fewest < self._wanted:
            return
        self._wanted = 2 * fewest
        try:
            so_far = collect_pieces(self._out, counts, pictures=[], cancelled=self._cancelled)
        except BadOutput:
            return  # who judges the whole will say what is wrong
        self._onlooker.see(so_far, longest_piece=self._planned.longest_piece)
