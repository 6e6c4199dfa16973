"""Server-sent events without a thread for everybody who waits: few at once, each for a short while.

The web server has a handful of threads, and a stream keeps one. So a process has places for a few streams; who finds
none gets one event and the request to come back in a while, which is what a browser's EventSource does by itself.
A stream ends after less than a minute, and the browser takes the next one, perhaps of another process.
"""

import threading
from collections.abc import Callable, Generator, Iterator
from time import monotonic
from typing import Any

import orjson
from django.http import Http404, StreamingHttpResponse
from rest_framework.renderers import BaseRenderer

from jobs import bell

PLACES = 8  # of each web process; its threads are these and as many as pages need
LONGEST = 45.0  # seconds
LOOK_EVERY = 5.0  # seconds, also where nothing is told: a worker that died tells nothing
AT_MOST_EVERY = 1.0
COME_BACK_SOON, COME_BACK_LATER = 1_000, 5_000  # milliseconds
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
KIND = "text/event-stream"

Look = Callable[[], tuple[Any, bool]]
_places = threading.BoundedSemaphore(PLACES)


class EventStream(BaseRenderer):
    """Lets a view be asked for events; what it refuses is JSON as everywhere."""

    media_type = KIND
    format = "events"

    def render(self, data: Any, _accepted: str | None = None, _context: Any = None) -> bytes:
        return orjson.dumps(data, default=str)


def stream(look: Look, *, about: object) -> StreamingHttpResponse:
    """Answer with what `look` finds, again whenever it changes; it also says whether nothing more will come.

    `look` raises Http404 where the person may not look any more, which ends the stream.
    """
    found, over = look()
    if over or not _places.acquire(blocking=False):
        only = [_retry(COME_BACK_LATER), _event(found, over=over)]
        return StreamingHttpResponse(iter(only), content_type=KIND, headers=HEADERS)
    return StreamingHttpResponse(_Stream(look, str(about)), content_type=KIND, headers=HEADERS)


class _Stream:
    """Gives its place back when the server closes it, also before the first event was asked for."""

    def __init__(self, look: Look, about: str) -> None:
        self._events = _events(look, about)
        self._held = True

    def __iter__(self) -> Iterator[bytes]:
        return self._events

    def close(self) -> None:
        self._events.close()
        if self._held:
            self._held = False
            _places.release()


def _events(look: Look, about: str) -> Generator[bytes, None, None]:
    ends, told = monotonic() + LONGEST, None
    yield _retry(COME_BACK_SOON)
    with bell.listening(about) as ear:
        while monotonic() < ends:
            try:
                found, over = look()
            except Http404:  # taken back, or no longer theirs to see
                return
            yield b": still here\n\n" if found == told else _event(found, over=over)
            if over:
                return
            told = found
            pause = monotonic() + AT_MOST_EVERY
            ear.wait(LOOK_EVERY)
            threading.Event().wait(max(0.0, pause - monotonic()))


def _event(found: Any, *, over: bool) -> bytes:
    name = b"event: over\n" if over else b""
    return name + b"data: " + orjson.dumps(found, default=str) + b"\n\n"


def _retry(milliseconds: int) -> bytes:
    return b"retry: %d\n\n" % milliseconds
