"""Loads the story index before the first request, in the background of a web process that is starting."""

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
    """Load the index; if the database is unavailable, the first request that reaches it does."""
    try:
        index_in_use().catalogue_version()
    except DatabaseError as error:
        log.warning("The story index is not loaded yet: %s", error)
    finally:
        connection.close()
