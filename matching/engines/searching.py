"""Which search a scan uses: the compiled one where it is loaded (the extra `fast`), numpy's until then."""

import logging
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
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


class _AtHand:
    search = PLAIN


def search_at_hand() -> Search:
    """Give the quickest search that is ready by now; nobody waits for it."""
    return _AtHand.search


def put_at_hand(search: Search) -> None:
    """Let every engine that was not given a search of its own use this one from its next question on."""
    _AtHand.search = search


def load_search(*, keep_in: Path | None = None) -> Search:
    """Load the quickest search there is.

    Importing numba takes most of a second and compiling for the first time most of a minute, so a server does this
    beside its work.

    Parameters
    ----------
    keep_in
        Folder for what numba compiles, used where neither the folder of the source nor the user's cache can be written
        to and NUMBA_CACHE_DIR names no other.
    """
    if find_spec("numba") is None:
        return PLAIN
    try:
        compiled = _compiled(keep_in)
    except RuntimeError as error:
        log.warning("No folder to keep compiled searches in, so numpy's is used: %s", error)
        return PLAIN
    return Search(compiled.tabulate, compiled.nearest, compiled.score_all, compiled.look_at)


def _compiled(keep_in: Path | None) -> ModuleType:
    try:
        return import_module("matching.engines.compiled")
    except RuntimeError:
        if keep_in is None:
            raise
    import_module("numba").config.CACHE_DIR = str(keep_in)
    return import_module("matching.engines.compiled")
