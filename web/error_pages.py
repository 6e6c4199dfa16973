"""Error pages in plain language, with a way on and the crisis block.

Rendered from templates only, without session, database or Redis, because any of these may be down.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import redis.exceptions
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from media.storage import StoreUnreachable

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

UNAVAILABLE_ERRORS = (OperationalError, InterfaceError, redis.exceptions.RedisError, StoreUnreachable)
RETRY_AFTER_SECONDS = 30


@dataclass(frozen=True)
class ErrorPage:
    status: int
    title: "StrPromise"
    message: "StrPromise"


ERROR_PAGES = {
    error_page.status: error_page
    for error_page in (
        ErrorPage(
            400,
            _("We could not read your request"),
            _("Part of it did not arrive as it should. Go back and try again."),
        ),
        ErrorPage(
            403,
            _("You cannot see this page"),
            _("You do not have permission to see it. If you think you should, log in and try again."),
        ),
        ErrorPage(
            404,
            _("Page not found"),
            _(
                "The page may have moved, or the person who told the story may have withdrawn it. "
                "Tellers can do that at any time."
            ),
        ),
        ErrorPage(
            429,
            _("Too many attempts"),
            _(
                "You, or someone on the same network, tried this many times in a short while. "
                "Please wait a few minutes."
            ),
        ),
        ErrorPage(
            500,
            _("Something went wrong"),
            _("It is our fault, not yours. What you saved is still there. Please try again in a moment."),
        ),
        ErrorPage(
            503,
            _("Sameboat is not available right now"),
            _("Part of the service is not responding. Please try again in a minute."),
        ),
    )
}
CSRF_FAILURE_PAGE = ErrorPage(
    403,
    _("This form has expired"),
    _(
        "To keep you safe, a form only works in the browser you opened it in, and only with cookies turned on. "
        "Go back, reload the page and send it again."
    ),
)


def render_error_page(error_page: ErrorPage) -> str:
    """Render the page in the active language."""
    return render_to_string("web/error.html", {"error_page": error_page})


def _error_handler(error_page: ErrorPage) -> Callable[..., HttpResponse]:
    """Return a handler that Django can call with an exception or a reason, which it ignores."""

    def handler(request: HttpRequest, *_args: object, **_kwargs: object) -> HttpResponse:
        return _error_response(request, error_page)

    return handler


def _error_response(request: HttpRequest, error_page: ErrorPage) -> HttpResponse:
    # An error above LocaleMiddleware leaves the language of the thread's previous request active.
    language = translation.get_language_from_request(request)
    with translation.override(language):
        page = render_error_page(error_page)
    return HttpResponse(
        page, status=error_page.status, headers={"Cache-Control": "no-store", "Content-Language": language}
    )


bad_request = _error_handler(ERROR_PAGES[400])
forbidden = _error_handler(ERROR_PAGES[403])
csrf_failure = _error_handler(CSRF_FAILURE_PAGE)
not_found = _error_handler(ERROR_PAGES[404])
too_many_requests = _error_handler(ERROR_PAGES[429])


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer 503 if a service is unreachable, 500 for a fault in our code."""
    if not isinstance(sys.exception(), UNAVAILABLE_ERRORS):
        return _error_response(request, ERROR_PAGES[500])
    response = _error_response(request, ERROR_PAGES[503])
    response["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response
