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

UNAVAILABLE_ERRORS = (OperationalError, InterfaceError, redis.exceptions.RedisError, StoreUnreachable)
RETRY_AFTER_SECONDS = 30


@dataclass(frozen=True)
class ErrorPage:
    """One kind of trouble, in words for whoever met it."""

    status: int
    title: str
    message: str


ERROR_PAGES = {
    trouble.status: trouble
    for trouble in (
        ErrorPage(
            400,
            "We could not read that",
            "Something in the request did not arrive as it should. Going back and trying again often helps.",
        ),
        ErrorPage(
            403,
            "This is not open to you",
            "You are not allowed to see this page. If you think that you should be, log in and try again.",
        ),
        ErrorPage(
            404,
            "There is nothing here",
            "The page may have moved, or the story may have been taken back by the person who told it. "
            "Tellers may do that at any time.",
        ),
        ErrorPage(
            429,
            "That was a lot at once",
            "You, or somebody on the same network, tried this very often. Please wait a few minutes.",
        ),
        ErrorPage(
            500,
            "Something broke on our side",
            "It is our fault, not yours. What you had saved is still there. Please try again in a moment.",
        ),
        ErrorPage(
            503,
            "We are out of reach for a moment",
            "A part of Sameboat is not answering. We are already trying again. Please come back in a minute.",
        ),
    )
}
CSRF_FAILURE_PAGE = ErrorPage(
    403,
    "This form is too old",
    "For your safety a form is good only in the window that you opened it in, and only while cookies are allowed. "
    "Go back, reload the page and send it again.",
)


def render_error_page(trouble: ErrorPage) -> str:
    return render_to_string("web/error.html", {"trouble": trouble})


def _fixed_response(trouble: ErrorPage) -> Callable[..., HttpResponse]:
    """Return a handler that says the same whatever it is called with."""

    def answer(*_: object, **__: object) -> HttpResponse:
        return _error_response(trouble)

    return answer


def _error_response(trouble: ErrorPage) -> HttpResponse:
    return HttpResponse(
        render_error_page(trouble), status=trouble.status, headers={"Cache-Control": "no-store"}
    )


bad_request = _fixed_response(ERROR_PAGES[400])
forbidden = _fixed_response(ERROR_PAGES[403])
csrf_failure = _fixed_response(CSRF_FAILURE_PAGE)
not_found = _fixed_response(ERROR_PAGES[404])
too_many_requests = _fixed_response(ERROR_PAGES[429])


def server_error(_request: HttpRequest) -> HttpResponse:
    """Answer an error that nobody expected, and tell "a part is down" from "we have a fault"."""
    if not isinstance(sys.exception(), UNAVAILABLE_ERRORS):
        return _error_response(ERROR_PAGES[500])
    answer = _error_response(ERROR_PAGES[503])
    answer["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return answer
