"""Help for somebody in danger, which has to be there when nothing else is.

The page is put together once, when the web server starts, and answered before sessions, the database and Redis
are touched. The same words stand in a block on every page and in every error page, and the web server in front
gets them as files of its own (`manage.py write_static_pages`).

The lines are run by others and change. Whoever runs Sameboat checks the table against findahelpline.com twice a
year; a line that cannot be confirmed is taken out, and the advice at the top of the page stands in for it.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string

PATH = "/help-now"
CACHE_FOR = 24 * 60 * 60
# The page is answered above the middleware that adds the rules of all other pages, and needs far less than they.
BROWSER_RULES = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)


@dataclass(frozen=True)
class Line:
    """One country's emergency number and a line that listens, free or at the price of a local call."""

    country: str
    emergency: str
    name: str
    number: str
    note: str = ""

    @property
    def dial(self) -> str:
        """Return the number as a telephone takes it."""
        return "".join(sign for sign in self.number if sign.isdigit())


LINES = (
    Line("Australia", "000", "Lifeline", "13 11 14"),
    Line("Austria", "112", "TelefonSeelsorge", "142"),
    Line("Belgium", "112", "Zelfmoordlijn", "1813", "in Dutch"),
    Line("Belgium", "112", "Centre de Prévention du Suicide", "0800 32 123", "in French"),
    Line("Brazil", "192", "CVV", "188"),
    Line("Canada", "911", "Suicide Crisis Helpline", "9-8-8", "call or text, in English or French"),
    Line("Denmark", "112", "Livslinien", "70 201 201", "from 11 in the morning to 5 at night"),
    Line("Finland", "112", "MIELI Crisis Helpline", "09 2525 0111"),
    Line("France", "112", "Numéro national de prévention du suicide", "3114"),
    Line("Germany", "112", "TelefonSeelsorge", "0800 111 0 111"),
    Line("India", "112", "Tele-MANAS", "14416"),
    Line("Ireland", "112", "Samaritans", "116 123"),
    Line("Israel", "101", "ERAN", "1201"),
    Line("Netherlands", "112", "113 Zelfmoordpreventie", "113"),
    Line("New Zealand", "111", "Need to talk?", "1737", "call or text"),
    Line("Norway", "113", "Mental Helse", "116 123"),
    Line("Poland", "112", "Telefon zaufania dla dorosłych", "116 123"),
    Line("Singapore", "995", "Samaritans of Singapore", "1767"),
    Line("South Africa", "112", "Suicide Crisis Helpline", "0800 567 567"),
    Line("South Korea", "119", "Suicide prevention line", "109"),
    Line("Spain", "112", "Línea de atención a la conducta suicida", "024"),
    Line("Sweden", "112", "Mind Självmordslinjen", "90101"),
    Line("Switzerland", "112", "Die Dargebotene Hand, La Main Tendue", "143"),
    Line("United Kingdom", "999", "Samaritans", "116 123"),
    Line("United States", "911", "988 Suicide & Crisis Lifeline", "988", "call or text"),
)


def help_page() -> str:
    """Return the whole page; needs templates and nothing else."""
    return render_to_string("web/crisis/help_now.html", {"lines": LINES})


def answer(page: bytes) -> HttpResponse:
    return HttpResponse(
        page,
        headers={
            "Cache-Control": f"public, max-age={CACHE_FOR}",
            "Content-Security-Policy": BROWSER_RULES,
        },
    )


def help_now_middleware(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Answer the crisis page before anything that could be down is asked for."""
    page = help_page().encode()

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if request.path.rstrip("/") == PATH:
            return answer(page)
        return get_response(request)

    return middleware
