"""Django error handlers: problem JSON for paths under /api/, an HTML page for all others."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from api.problems import handler as api_errors
from web import error_pages as pages

ErrorHandler = Callable[..., HttpResponse]


def _json_or_html(api_response: Callable[[], HttpResponse], html_handler: ErrorHandler) -> ErrorHandler:
    def handler(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
        if request.path.startswith("/api/"):
            return api_response()
        return html_handler(request) if exception is None else html_handler(request, exception)

    return handler


bad_request = _json_or_html(api_errors.bad_request, pages.bad_request)
forbidden = _json_or_html(api_errors.forbidden, pages.forbidden)
not_found = _json_or_html(api_errors.not_found, pages.not_found)
server_error = _json_or_html(api_errors.server_error, pages.server_error)
# HTML only: the API has its own throttling response, and this handler is called by django-allauth.
too_many_requests = pages.too_many_requests
