"""Loads the story index in the background when a web process starts, so that the first request need not."""

import logging
import threading

from django.db import DatabaseError, connection

from recommendations.index.story_index import index_in_use

log = logging.getLogger(__name__)


def start_warmup() -> threading.Thread:
    thread = threading.Thread(target=load_index, name="index-warmup", daemon=True)
    thread.start()
    return thread


def load_index() -> None:
    """Load the index; if the database is unavailable, the first request that reaches the database loads it."""
    try:
        index_in_use().catalogue_version()
    except DatabaseError as error:
        log.warning("The story index is not loaded yet: %s", error)
    finally:
        connection.close()
