"""Which edge answers when no view did: problem JSON under /api/, a page everywhere else."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from api import errors as api_errors
from web import errors as pages

Answer = Callable[..., HttpResponse]


def _by_edge(refuse: Callable[[], HttpResponse], page: Answer) -> Answer:
    def answer(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
        if request.path.startswith("/api/"):
            return refuse()
        return page(request) if exception is None else page(request, exception)

    return answer


bad_request = _by_edge(api_errors.unreadable, pages.bad_request)
forbidden = _by_edge(api_errors.forbidden, pages.forbidden)
not_found = _by_edge(api_errors.not_found, pages.not_found)
broken = _by_edge(api_errors.broken, pages.broken)
# Only pages come to this one: the API says it itself, and the rest are the accounts' own pages.
too_many = pages.too_many
