"""Crisis page, rendered once per language at start-up and served without session, database or Redis.

The same advice is in a block on every page, including error pages. `manage.py write_static_pages` writes the page to
files for the web server in front.

Helplines change. Check the table against findahelpline.com twice a year and remove every line that cannot be
confirmed; the advice at the top of the page covers its country.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise, StrPromise

HELP_NOW_PATH = "/help-now"
CACHE_SECONDS = 24 * 60 * 60
# The middleware answers above CSPMiddleware, and the page needs no script.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)


@dataclass(frozen=True)
class CrisisLine:
    """A country's emergency number and a helpline that is free or costs a local call."""

    country: "StrPromise"
    emergency: str
    name: str
    number: str
    note: "StrOrPromise" = ""

    @property
    def dialled_number(self) -> str:
        """Digits only, for a tel: link."""
        return "".join(character for character in self.number if character.isdigit())


CRISIS_LINES = (
    CrisisLine(_("Australia"), "000", "Lifeline", "13 11 14"),
    CrisisLine(_("Austria"), "112", "TelefonSeelsorge", "142"),
    CrisisLine(_("Belgium"), "112", "Zelfmoordlijn", "1813", _("in Dutch")),
    CrisisLine(_("Belgium"), "112", "Centre de Prévention du Suicide", "0800 32 123", _("in French")),
    CrisisLine(_("Brazil"), "192", "CVV", "188"),
    CrisisLine(
        _("Canada"), "911", "Suicide Crisis Helpline", "9-8-8", _("call or text, in English or French")
    ),
    CrisisLine(_("Denmark"), "112", "Livslinien", "70 201 201", _("from 11am to 5am")),
    CrisisLine(_("Finland"), "112", "MIELI Crisis Helpline", "09 2525 0111"),
    CrisisLine(_("France"), "112", "Numéro national de prévention du suicide", "3114"),
    CrisisLine(_("Germany"), "112", "TelefonSeelsorge", "0800 111 0 111"),
    CrisisLine(_("India"), "112", "Tele-MANAS", "14416"),
    CrisisLine(_("Ireland"), "112", "Samaritans", "116 123"),
    CrisisLine(_("Israel"), "101", "ERAN", "1201"),
    CrisisLine(_("Netherlands"), "112", "113 Zelfmoordpreventie", "113"),
    CrisisLine(_("New Zealand"), "111", "Need to talk?", "1737", _("call or text")),
    CrisisLine(_("Norway"), "113", "Mental Helse", "116 123"),
    CrisisLine(_("Poland"), "112", "Telefon zaufania dla dorosłych", "116 123"),
    CrisisLine(_("Singapore"), "995", "Samaritans of Singapore", "1767"),
    CrisisLine(_("South Africa"), "112", "Suicide Crisis Helpline", "0800 567 567"),
    CrisisLine(_("South Korea"), "119", "Suicide prevention line", "109"),
    CrisisLine(_("Spain"), "112", "Línea de atención a la conducta suicida", "024"),
    CrisisLine(_("Sweden"), "112", "Mind Självmordslinjen", "90101"),
    CrisisLine(_("Switzerland"), "112", "Die Dargebotene Hand, La Main Tendue", "143"),
    CrisisLine(_("United Kingdom"), "999", "Samaritans", "116 123"),
    CrisisLine(_("United States"), "911", "988 Suicide & Crisis Lifeline", "988", _("call or text")),
)


def lines_by_country() -> list[CrisisLine]:
    """Return the lines sorted by country in the active language."""
    return sorted(CRISIS_LINES, key=lambda line: str(line.country))


def render_help_page(language: str) -> str:
    """Return the whole page; needs templates and message catalogues only."""
    with translation.override(language):
        return render_to_string("web/crisis/help_now.html", {"lines": lines_by_country()})


def render_help_pages() -> dict[str, bytes]:
    """Return the page in each language of the site, by language code."""
    return {code: render_help_page(code).encode() for code, _name in settings.LANGUAGES}


def help_page_response(request: HttpRequest, pages: dict[str, bytes]) -> HttpResponse:
    """Choose the language as LocaleMiddleware does: from the language cookie or the Accept-Language header."""
    language = translation.get_language_from_request(request)
    if language not in pages:
        language = settings.LANGUAGE_CODE
    return HttpResponse(
        pages[language],
        headers={
            "Cache-Control": f"public, max-age={CACHE_SECONDS}",
            "Content-Language": language,
            "Content-Security-Policy": CONTENT_SECURITY_POLICY,
            "Vary": "Accept-Language, Cookie",
        },
    )


def help_now_middleware(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Serve the crisis page above every middleware that needs a service."""
    pages = render_help_pages()

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if request.path.rstrip("/") == HELP_NOW_PATH:
            return help_page_response(request, pages)
        return get_response(request)

    return middleware
