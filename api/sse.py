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
    """Stream the state as server-sent events, one for each change, until it is final.

    `read_state` returns the state and whether it is final; its Http404 ends the stream. The states are read again at
    every notification about `subject`, and regularly without one.
    """
    state, is_final = read_state()
    if is_final or not _stream_slots.acquire(blocking=False):
        events = [_format_retry(RETRY_LATER_MS), _format_event(state, is_final=is_final)]
        return StreamingHttpResponse(
            iter(events), content_type=EVENT_STREAM_MEDIA_TYPE, headers=STREAM_HEADERS
        )
    return StreamingHttpResponse(
        _EventStream(read_state, str(subject)), content_type=EVENT_STREAM_MEDIA_TYPE, headers=STREAM_HEADERS
    )


class _EventStream:
    """Releases its slot when the server closes it, even if no event was requested before."""

    def __init__(self, read_state: ReadState, subject: str) -> None:
        self._events = _generate_events(read_state, subject)
        self._has_slot = True

    def __iter__(self) -> Iterator[bytes]:
        return self._events

    def close(self) -> None:
        self._events.close()
        if self._has_slot:
            self._has_slot = False
            _stream_slots.release()


def _generate_events(read_state: ReadState, subject: str) -> Generator[bytes, None, None]:
    end, previous_state = monotonic() + MAX_STREAM_SECONDS, None
    yield _format_retry(RETRY_SOON_MS)
    with notifications.listen_to(subject) as listener:
        while monotonic() < end:
            try:
                state, is_final = read_state()
            except Http404:  # withdrawn, or access was lost
                return
            if state == previous_state:
                yield b": keep-alive\n\n"
            else:
                yield _format_event(state, is_final=is_final)
            if is_final:
                return
            previous_state = state
            earliest_next = monotonic() + MIN_EVENT_INTERVAL_SECONDS
            listener.wait(POLL_INTERVAL_SECONDS)
            threading.Event().wait(max(0.0, earliest_next - monotonic()))


def _format_event(state: Any, *, is_final: bool) -> bytes:
    name = b"event: finished\n" if is_final else b""
    return name + b"data: " + orjson.dumps(state, default=str) + b"\n\n"


def _format_retry(milliseconds: int) -> bytes:
    return b"retry: %d\n\n" % milliseconds
