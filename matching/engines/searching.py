"""Which search a scan uses: compiled where numba is installed (the extra `fast`), numpy's otherwise."""

import logging
from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from typing import NamedTuple

from matching.engines import plain
from matching.engines.asked import Layout, Tables
from matching.engines.blocks import Blocks, People, Whole
from matching.engines.contract import Floats, Mask, Rows

log = logging.getLogger(__name__)


class Search(NamedTuple):
    """The steps of a search in which time is spent; `matching.engines.plain` says what each does.

    Attributes
    ----------
    tabulate
        From similarities to what scanning looks up.
    nearest
        The k best rows alive, with their scores on the grid, in no order; and whether a row was passed over that only its
        key can tell from the last of these.
    score_all
        The score of every row on the grid, dead or alive.
    look_at
        What the scores of some rows of the index are made of.
    """

    tabulate: Callable[[Floats, Floats, Whole, Layout], Tables]
    nearest: Callable[[Blocks, People, Tables, int], tuple[Rows, Whole, bool]]
    score_all: Callable[[Blocks, People, Tables], Whole]
    look_at: Callable[[Blocks, People, Tables, Floats, Rows], tuple[Floats, Mask]]


PLAIN = Search(plain.tabulate, plain.nearest, plain.score_all, plain.look_at)


@cache
def search_in_use() -> Search:
    """Load the quickest search there is. Importing numba takes most of a second, so only a scan's first use asks."""
    if find_spec("numba") is None:
        return PLAIN
    try:
        from matching.engines import compiled
    except RuntimeError as error:
        # numba keeps what it compiled beside the source, or in the user's cache, or in NUMBA_CACHE_DIR.
        log.warning("No folder to keep compiled searches in, so numpy's is used: %s", error)
        return PLAIN
    return Search(compiled.tabulate, compiled.nearest, compiled.score_all, compiled.look_at)
