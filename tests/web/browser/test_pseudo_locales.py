"""Pages in a longer and in a right-to-left pseudo-locale: nothing untranslated, clipped or too wide."""

from http import HTTPStatus
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from playwright.sync_api import Browser, ViewportSize
from pytest_django import Settings

from accounts.models import Role, User
from challenges.loading import load_catalogue
from challenges.models import Challenge
from stories.models import Story
from tests.moderation.scenarios import claim_for_reviewer
from tests.people import create_person
from tests.pseudo_locales import PSEUDO_LOCALES, PseudoLocale, write_pseudo_locales
from tests.story_factories import create_complete_draft, create_story_in_review
from tests.web.browser_windows import BrowserWindow, open_window
from tests.web.site_pages import (
    FOR_EVERYBODY,
    FOR_MEMBERS,
    FOR_TELLERS,
    WITH_A_SECOND_FACTOR,
    Watched,
    pages_of_own,
)
from web.crisis import HELP_NOW_PATH, render_help_page

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
FIND_FAULTS = Path(__file__).with_name("pseudo_page.js").read_text(encoding="utf-8")
SMALL_TELEPHONE: ViewportSize = {"width": 360, "height": 780}
DESK: ViewportSize = {"width": 1280, "height": 800}


@pytest.fixture(scope="session")
def catalogues(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("locale")
    write_pseudo_locales(folder)
    return folder


@pytest.fixture
def the_conversation(db: None) -> Challenge:
    """From the real catalogue, because only its texts are among the messages."""
    load_catalogue()
    return Challenge.objects.get(slug="the-conversation")


@pytest.fixture(params=PSEUDO_LOCALES, ids=lambda locale: locale.code)
def locale(request: pytest.FixtureRequest, catalogues: Path, settings: Settings) -> PseudoLocale:
    offered: PseudoLocale = request.param
    settings.LANGUAGES = [*django_settings.LANGUAGES, (offered.code, "Pseudo")]
    settings.LOCALE_PATHS = [catalogues]
    return offered


def in_locale(window: BrowserWindow, locale: PseudoLocale) -> BrowserWindow:
    window.context.add_cookies(
        [{"name": django_settings.LANGUAGE_COOKIE_NAME, "value": locale.code, "url": window.origin}]
    )
    return window


def faults_of(window: BrowserWindow, addresses: list[str]) -> list[str]:
    """Return the faults of each page at both widths."""
    faults: list[str] = []
    for address in addresses:
        page = window.page
        response = page.goto(window.origin + address)
        assert response is not None
        assert response.status < HTTPStatus.INTERNAL_SERVER_ERROR, address
        assert page.url == window.origin + address, "redirected to another page"
        for size in (SMALL_TELEPHONE, DESK):
            page.set_viewport_size(size)
            at_width = page.evaluate(FIND_FAULTS)
            faults += [f"{address} at {size['width']} px: {fault}" for fault in at_width]
    return faults


def assert_no_faults(window: BrowserWindow, addresses: list[str]) -> None:
    faults = faults_of(window, addresses)
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ("<p>Log in</p>", "not translated, p.: Log in"),
        ('<p>[Log in]</p><img alt="Boat">', "not translated, img. alt: Boat"),
        ('<p>[Log in] <bdi>Ana</bdi></p><p dir="auto">Ana</p><b>Sameboat</b> ana@example.test', None),
        ('<div class="card" style="width: 2000px">[a]</div>', "px wider than the window"),
        (
            '<div dir="rtl"><p style="position: relative; right: -40px; width: 100%">[a]</p></div>',
            "outside the window",
        ),
        ('<p style="width: 9px; overflow: hidden; white-space: nowrap">[Create account]</p>', "clipped, p."),
        ('<b>[Create account]</b><i style="margin-inline-start: -2em">[Log in]</i>', "overlap, b. and i."),
        ('<p hidden>Log in</p><script>const text = "Log in";</script>', None),
    ],
)
def test_detector_finds_faults(browser: Browser, body: str, fault: str | None) -> None:
    page = browser.new_page(viewport=SMALL_TELEPHONE)
    page.set_content(f"<!doctype html><body>{body}</body>")
    faults = page.evaluate(FIND_FAULTS)
    assert faults == [] if fault is None else any(fault in text for text in faults), faults


class TestPseudoLocales:
    def test_lang_and_dir_match_the_locale(self, browser: Browser, site: str, locale: PseudoLocale) -> None:
        page = in_locale(open_window(browser, None, site), locale).open("/")
        root = page.locator("html")
        assert root.get_attribute("lang") == locale.code
        assert root.get_attribute("dir") == ("rtl" if locale.right_to_left else "ltr")
        assert page.evaluate("gettext('no such message')") == "no such message"

    def test_public_pages(
        self, browser: Browser, site: str, locale: PseudoLocale, the_conversation: Challenge
    ) -> None:
        window = in_locale(open_window(browser, None, site), locale)
        dynamic_pages = [address for address in FOR_EVERYBODY if address != HELP_NOW_PATH]
        assert_no_faults(window, [*dynamic_pages, "/there-is-nothing-here/"])

    def test_crisis_page(self, browser: Browser, site: str, locale: PseudoLocale) -> None:
        window = in_locale(open_window(browser, None, site), locale)
        # The server rendered this page at start-up, when the pseudo-locales were not offered yet.
        html = render_help_page(locale.code)
        window.page.route(
            f"**{HELP_NOW_PATH}",
            lambda route: route.fulfill(body=html, content_type="text/html; charset=utf-8"),
        )
        assert_no_faults(window, [HELP_NOW_PATH])

    def test_viewer_pages(
        self, browser: Browser, site: str, locale: PseudoLocale, ana: User, watched: Watched
    ) -> None:
        window = in_locale(open_window(browser, ana, site), locale)
        assert_no_faults(window, FOR_MEMBERS + watched.pages)

    def test_teller_pages(
        self, browser: Browser, site: str, locale: PseudoLocale, bo: User, own_stories: list[Story]
    ) -> None:
        window = in_locale(open_window(browser, bo, site), locale)
        each = [f"/tell/{story.pk}/" for story in own_stories]
        assert_no_faults(window, FOR_TELLERS + each)

    def test_draft_pages(
        self, browser: Browser, site: str, locale: PseudoLocale, bo: User, the_conversation: Challenge
    ) -> None:
        window = in_locale(open_window(browser, bo, site), locale)
        assert_no_faults(window, pages_of_own(create_complete_draft(bo, the_conversation).pk))

    def test_moderator_pages(
        self,
        browser: Browser,
        site: str,
        locale: PseudoLocale,
        bo: User,
        mo: User,
        the_conversation: Challenge,
    ) -> None:
        story = create_story_in_review(bo, the_conversation, traits_then={"age": 41}, shown_traits=["age"])
        create_story_in_review(bo, the_conversation, title="Not taken yet")
        claim_for_reviewer(story, by=mo)
        window = in_locale(open_window(browser, mo, site, reviewing=True), locale)
        assert_no_faults(window, [*WITH_A_SECOND_FACTOR, "/review/", f"/review/{story.pk}/"])

    def test_operator_pages(self, browser: Browser, site: str, locale: PseudoLocale) -> None:
        operator = create_person("ola", Role.OPERATOR)
        window = in_locale(open_window(browser, operator, site, reviewing=True), locale)
        assert_no_faults(window, ["/operating/", "/operating/work/"])
