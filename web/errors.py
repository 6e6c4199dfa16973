"""What a visitor reads when something went wrong: plain words, a way on, and the crisis block.

The pages are made from templates only: no session, no database, no Redis, so that they can say that one of those
is down.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass

import redis.exceptions
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from media.storage import StoreUnreachable

OUT_OF_REACH = (OperationalError, InterfaceError, redis.exceptions.RedisError, StoreUnreachable)
COME_BACK_AFTER = 30


@dataclass(frozen=True)
class Trouble:
    """One kind of trouble, in words for whoever met it."""

    status: int
    title: str
    words: str


TROUBLES = {
    trouble.status: trouble
    for trouble in (
        Trouble(
            400,
            "We could not read that",
            "Something in the request did not arrive as it should. Going back and trying again often helps.",
        ),
        Trouble(
            403,
            "This is not open to you",
            "You are not allowed to see this page. If you think that you should be, log in and try again.",
        ),
        Trouble(
            404,
            "There is nothing here",
            "The page may have moved, or the story may have been taken back by the person who told it. "
            "Tellers may do that at any time.",
        ),
        Trouble(
            429,
            "That was a lot at once",
            "You, or somebody on the same network, tried this very often. Please wait a few minutes.",
        ),
        Trouble(
            500,
            "Something broke on our side",
            "It is our fault, not yours. What you had saved is still there. Please try again in a moment.",
        ),
        Trouble(
            503,
            "We are out of reach for a moment",
            "A part of Sameboat is not answering. We are already trying again. Please come back in a minute.",
        ),
    )
}
STALE_FORM = Trouble(
    403,
    "This form is too old",
    "For your safety a form is good only in the window that you opened it in, and only while cookies are allowed. "
    "Go back, reload the page and send it again.",
)


def page_for(trouble: Trouble) -> str:
    return render_to_string("web/error.html", {"trouble": trouble})


def _always(trouble: Trouble) -> Callable[..., HttpResponse]:
    """Return a handler that says the same whatever it is called with."""

    def answer(*_: object, **__: object) -> HttpResponse:
        return _say(trouble)

    return answer


def _say(trouble: Trouble) -> HttpResponse:
    return HttpResponse(page_for(trouble), status=trouble.status, headers={"Cache-Control": "no-store"})


bad_request = _always(TROUBLES[400])
forbidden = _always(TROUBLES[403])
stale_form = _always(STALE_FORM)
not_found = _always(TROUBLES[404])
too_many = _always(TROUBLES[429])


def broken(_request: HttpRequest) -> HttpResponse:
    """Answer an error that nobody expected, and tell "a part is down" from "we have a fault"."""
    if not isinstance(sys.exception(), OUT_OF_REACH):
        return _say(TROUBLES[500])
    answer = _say(TROUBLES[503])
    answer["Retry-After"] = str(COME_BACK_AFTER)
    return answer
