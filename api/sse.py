"""Server-sent events with a limited number of short streams, because each stream occupies a thread.

A client without a slot gets one event and a longer retry delay; EventSource reconnects by itself. Each stream ends
after less than a minute, so that streams move between processes.
"""

import threading
from collections.abc import Callable, Generator, Iterator
from time import monotonic
from typing import Any

import orjson
from django.http import Http404, StreamingHttpResponse
from rest_framework.renderers import BaseRenderer

from jobs import change_notifications

MAX_STREAMS_PER_PROCESS = 8  # the web server has this many threads more than pages need
MAX_STREAM_SECONDS = 45.0
POLL_INTERVAL_SECONDS = 5.0  # a worker that died sends no notification
MIN_EVENT_INTERVAL_SECONDS = 1.0
RETRY_SOON_MS, RETRY_LATER_MS = 1_000, 5_000
STREAM_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
EVENT_STREAM_MEDIA_TYPE = "text/event-stream"

ReadState = Callable[[], tuple[Any, bool]]
_stream_slots = threading.BoundedSemaphore(MAX_STREAMS_PER_PROCESS)


class EventStreamRenderer(BaseRenderer):
    """Allows a view to be requested as an event stream; errors are JSON."""

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
    with change_notifications.listen_to(subject) as listener:
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
