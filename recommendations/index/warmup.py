"""Get a web process ready beside its first answers: the roll into memory, then the compiled search.

A process answers from its first moment. Whoever asks for a slate before the roll is in memory waits for that alone, and until
the compiled search is loaded numpy's does the same work; importing it at start would keep everybody waiting, and beside the
first answers it would take turns with them for seconds. Among few stories numpy's takes a millisecond or two, and compiling
for most of a minute would be for nothing.
"""

import logging
import threading
import time

from django.conf import settings
from django.db import DatabaseError, connection

from accounts.traits.catalogue import TRAIT_CATALOGUE
from matching.engines.scan import warm
from recommendations.index.story_index import in_memory_index, index_in_use

logger = logging.getLogger(__name__)

WORTH_COMPILING = 5_000
FIRST_ANSWERS = 10.0  # seconds


def start_warmup() -> threading.Thread:
    """Start warming in the background."""
    thread = threading.Thread(target=warm_up_index, name="warming", daemon=True)
    thread.start()
    return thread


def warm_up_index() -> None:
    """Do what would else fall to the first viewer. Without a database that is left to the first who finds one."""
    try:
        index_in_use().catalogue_version()
    except DatabaseError as error:
        logger.warning("The roll of stories is not in memory yet: %s", error)
    finally:
        connection.close()
    if settings.MATCHING_ENGINE == "scan" and len(in_memory_index) >= WORTH_COMPILING:
        time.sleep(FIRST_ANSWERS)
        warm(TRAIT_CATALOGUE, keep_in=settings.COMPILED_DIR)
