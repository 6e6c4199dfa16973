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

from accounts.traits import CATALOGUE
from matching.engines.scan import warm
from practice.index import index, index_in_use

log = logging.getLogger(__name__)

WORTH_COMPILING = 5_000
FIRST_ANSWERS = 10.0  # seconds


def begin() -> threading.Thread:
    """Start warming in the background."""
    thread = threading.Thread(target=get_ready, name="warming", daemon=True)
    thread.start()
    return thread


def get_ready() -> None:
    """Do what would else fall to the first viewer. Without a database that is left to the first who finds one."""
    try:
        index_in_use().version()
    except DatabaseError as error:
        log.warning("The roll of stories is not in memory yet: %s", error)
    finally:
        connection.close()
    if settings.MATCHING_ENGINE == "scan" and len(index) >= WORTH_COMPILING:
        time.sleep(FIRST_ANSWERS)
        warm(CATALOGUE, keep_in=settings.COMPILED_DIR)
