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

HELP_NOW_PATH = "/help-now"
CACHE_SECONDS = 24 * 60 * 60
# The page is answered above the middleware that adds the rules of all other pages, and needs far less than they.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)


@dataclass(frozen=True)
class CrisisLine:
    """One country's emergency number and a line that listens, free or at the price of a local call."""

    country: str
    emergency: str
    name: str
    number: str
    note: str = ""

    @property
    def dialled_number(self) -> str:
        """Return the number as a telephone takes it."""
        return "".join(sign for sign in self.number if sign.isdigit())


CRISIS_LINES = (
    CrisisLine("Australia", "000", "Lifeline", "13 11 14"),
    CrisisLine("Austria", "112", "TelefonSeelsorge", "142"),
    CrisisLine("Belgium", "112", "Zelfmoordlijn", "1813", "in Dutch"),
    CrisisLine("Belgium", "112", "Centre de Prévention du Suicide", "0800 32 123", "in French"),
    CrisisLine("Brazil", "192", "CVV", "188"),
    CrisisLine("Canada", "911", "Suicide Crisis Helpline", "9-8-8", "call or text, in English or French"),
    CrisisLine("Denmark", "112", "Livslinien", "70 201 201", "from 11 in the morning to 5 at night"),
    CrisisLine("Finland", "112", "MIELI Crisis Helpline", "09 2525 0111"),
    CrisisLine("France", "112", "Numéro national de prévention du suicide", "3114"),
    CrisisLine("Germany", "112", "TelefonSeelsorge", "0800 111 0 111"),
    CrisisLine("India", "112", "Tele-MANAS", "14416"),
    CrisisLine("Ireland", "112", "Samaritans", "116 123"),
    CrisisLine("Israel", "101", "ERAN", "1201"),
    CrisisLine("Netherlands", "112", "113 Zelfmoordpreventie", "113"),
    CrisisLine("New Zealand", "111", "Need to talk?", "1737", "call or text"),
    CrisisLine("Norway", "113", "Mental Helse", "116 123"),
    CrisisLine("Poland", "112", "Telefon zaufania dla dorosłych", "116 123"),
    CrisisLine("Singapore", "995", "Samaritans of Singapore", "1767"),
    CrisisLine("South Africa", "112", "Suicide Crisis Helpline", "0800 567 567"),
    CrisisLine("South Korea", "119", "Suicide prevention line", "109"),
    CrisisLine("Spain", "112", "Línea de atención a la conducta suicida", "024"),
    CrisisLine("Sweden", "112", "Mind Självmordslinjen", "90101"),
    CrisisLine("Switzerland", "112", "Die Dargebotene Hand, La Main Tendue", "143"),
    CrisisLine("United Kingdom", "999", "Samaritans", "116 123"),
    CrisisLine("United States", "911", "988 Suicide & Crisis Lifeline", "988", "call or text"),
)


def render_help_page() -> str:
    """Return the whole page; needs templates and nothing else."""
    return render_to_string("web/crisis/help_now.html", {"lines": CRISIS_LINES})


def help_page_response(page: bytes) -> HttpResponse:
    return HttpResponse(
        page,
        headers={
            "Cache-Control": f"public, max-age={CACHE_SECONDS}",
            "Content-Security-Policy": CONTENT_SECURITY_POLICY,
        },
    )


def help_now_middleware(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Answer the crisis page before anything that could be down is asked for."""
    page = render_help_page().encode()

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if request.path.rstrip("/") == HELP_NOW_PATH:
            return help_page_response(page)
        return get_response(request)

    return middleware
