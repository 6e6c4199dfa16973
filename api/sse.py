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

from jobs import notifications

MAX_STREAMS_PER_PROCESS = 8  # of each web process; its threads are these and as many as pages need
MAX_STREAM_SECONDS = 45.0  # seconds
POLL_INTERVAL_SECONDS = 5.0  # seconds, also where nothing is told: a worker that died tells nothing
MIN_EVENT_INTERVAL_SECONDS = 1.0
RETRY_SOON_MS, RETRY_LATER_MS = 1_000, 5_000  # milliseconds
STREAM_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
EVENT_STREAM_MEDIA_TYPE = "text/event-stream"

ReadState = Callable[[], tuple[Any, bool]]
_stream_slots = threading.BoundedSemaphore(MAX_STREAMS_PER_PROCESS)


class EventStreamRenderer(BaseRenderer):
    """Lets a view be asked for events; what it refuses is JSON as everywhere."""

    media_type = EVENT_STREAM_MEDIA_TYPE
    format = "events"

    def render(self, data: Any, _accepted: str | None = None, _context: Any = None) -> bytes:
        return orjson.dumps(data, default=str)


def event_stream_response(read_state: ReadState, *, subject: object) -> StreamingHttpResponse:
    """Answer with what `look` finds, again whenever it changes; it also says whether nothing more will come.

    `look` raises Http404 where the person may not look any more, which ends the stream.
    """
    found, over = read_state()
    if over or not _stream_slots.acquire(blocking=False):
        only = [_format_retry(RETRY_LATER_MS), _format_event(found, over=over)]
        return StreamingHttpResponse(iter(only), content_type=EVENT_STREAM_MEDIA_TYPE, headers=STREAM_HEADERS)
    return StreamingHttpResponse(
        _EventStream(read_state, str(subject)), content_type=EVENT_STREAM_MEDIA_TYPE, headers=STREAM_HEADERS
    )


class _EventStream:
    """Gives its place back when the server closes it, also before the first event was asked for."""

    def __init__(self, look: ReadState, about: str) -> None:
        self._events = _generate_events(look, about)
        self._held = True

    def __iter__(self) -> Iterator[bytes]:
        return self._events

    def close(self) -> None:
        self._events.close()
        if self._held:
            self._held = False
            _stream_slots.release()


def _generate_events(look: ReadState, about: str) -> Generator[bytes, None, None]:
    ends, told = monotonic() + MAX_STREAM_SECONDS, None
    yield _format_retry(RETRY_SOON_MS)
    with notifications.listen_to(about) as ear:
        while monotonic() < ends:
            try:
                found, over = look()
            except Http404:  # taken back, or no longer theirs to see
                return
            yield b": still here\n\n" if found == told else _format_event(found, over=over)
            if over:
                return
            told = found
            pause = monotonic() + MIN_EVENT_INTERVAL_SECONDS
            ear.wait(POLL_INTERVAL_SECONDS)
            threading.Event().wait(max(0.0, pause - monotonic()))


def _format_event(found: Any, *, over: bool) -> bytes:
    name = b"event: over\n" if over else b""
    return name + b"data: " + orjson.dumps(found, default=str) + b"\n\n"


def _format_retry(milliseconds: int) -> bytes:
    return b"retry: %d\n\n" % milliseconds
