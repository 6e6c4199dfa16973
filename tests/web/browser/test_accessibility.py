"""axe finds no violation on any page, on a dark phone and a light desktop."""

from uuid import uuid4

import pytest
from allauth.account.models import EmailAddress
from django.urls import URLPattern, URLResolver, get_resolver, resolve
from django.utils import timezone
from playwright.sync_api import Browser, Page

from accounts.models import Role, User
from challenges.models import Challenge
from moderation.models import Claim
from stories.models import Story
from tests.moderation.scenarios import claim_for_reviewer
from tests.people import PASSWORD, create_person
from tests.story_factories import create_complete_draft, create_story_in_review
from tests.web.browser_windows import (
    DESKTOP_VIEWPORT,
    PHONE_VIEWPORT,
    BrowserWindow,
    axe_violations,
    open_window,
)
from tests.web.clients import enrol_second_factor
from tests.web.site_pages import (
    CHALLENGE,
    FOR_EVERYBODY,
    FOR_MEMBERS,
    FOR_TELLERS,
    WITH_A_SECOND_FACTOR,
    Watched,
    pages_of_own,
)
from tests.web.views.test_operations import promote_weights

in_a_browser = [pytest.mark.e2e, pytest.mark.short, pytest.mark.django_db(transaction=True)]
# Pages in the middle of a flow; the tests reach them through it.
PAGES_REACHED_MID_FLOW = {
    *("account_email_verification_sent", "account_reauthenticate", "mfa_activate_totp", "mfa_authenticate"),
}
# Pages of django-allauth for accounts without a password or with a hardware key.
UNREACHABLE_ALLAUTH_PAGES = {
    *("account_set_password", "account_confirm_login_code", "mfa_reauthenticate_webauthn"),
    *("mfa_download_recovery_codes", "mfa_remove_webauthn", "mfa_edit_webauthn"),
}
# Endpoints of buttons and players that render no page.
NOT_HTML_PAGES = {
    *("save_story", "give_negative_feedback", "viewing_progress", "watch_media_file", "watch_caption_file"),
    *("notice_read", "my_story_confirm_damaged", "my_story_submit", "my_story_hidden", "my_story_media_file"),
    "my_story_poster",
    *(
        "my_story_caption_file",
        "review_next",
        "review_claim",
        "review_renew_claim",
        "review_release_claim",
        "review_skip",
    ),
    *("review_decide", "review_media_file", "review_caption_file", "roll_back_weights"),
    *("retry_job", "send_canary"),
}


def axe_violations_by_path(window: BrowserWindow, addresses: list[str]) -> dict[str, list[str]]:
    violations: dict[str, list[str]] = {}
    for address in addresses:
        window.open(address)
        assert window.page.url == window.origin + address, "redirected to another page"
        violations |= axe_violations_in_page(window.page)
    return violations


def axe_violations_in_page(page: Page) -> dict[str, list[str]]:
    """Run axe with a phone viewport in dark mode and a desktop viewport in light mode."""
    page.set_viewport_size(PHONE_VIEWPORT)
    page.emulate_media(color_scheme="dark")
    on_a_telephone = axe_violations(page)
    page.set_viewport_size(DESKTOP_VIEWPORT)
    page.emulate_media(color_scheme="light")
    on_a_desk = axe_violations(page)
    violations = {"telephone": on_a_telephone, "desk": on_a_desk}
    return {f"{page.url} ({where})": complaints for where, complaints in violations.items() if complaints}


def axe_violations_after_refusal(window: BrowserWindow, address: str) -> dict[str, list[str]]:
    """Submit the empty form of a page and run axe on the page with errors."""
    page = window.open(address)
    page.locator("main form:not([action]) button[type=submit]").first.click()
    page.locator(".error-summary").wait_for()
    return axe_violations_in_page(page)


def all_url_names(within: URLResolver) -> set[str]:
    names = set[str]()
    for entry in within.url_patterns:
        if isinstance(entry, URLResolver):
            names |= all_url_names(entry)
        elif isinstance(entry, URLPattern) and entry.name:
            names.add(entry.name)
    return names


def test_every_page_is_visited() -> None:
    visited = [
        *(FOR_EVERYBODY + FOR_MEMBERS + WITH_A_SECOND_FACTOR + FOR_TELLERS + pages_of_own(uuid4())),
        *Watched(uuid4(), uuid4()).pages,
        *("/review/", f"/review/{uuid4()}/", "/operating/", "/operating/work/"),
    ]
    web_urls = next(entry for entry in get_resolver().url_patterns if getattr(entry, "app_name", "") == "web")
    account_urls = next(entry for entry in get_resolver().url_patterns if str(entry.pattern) == "accounts/")
    assert isinstance(web_urls, URLResolver)
    assert isinstance(account_urls, URLResolver)
    visited_names = {resolve(address.partition("?")[0]).url_name for address in visited}
    assert (
        all_url_names(web_urls) | all_url_names(account_urls)
        == visited_names | NOT_HTML_PAGES | PAGES_REACHED_MID_FLOW | UNREACHABLE_ALLAUTH_PAGES
    )


class TestNoAxeViolations:
    pytestmark = in_a_browser

    def test_public_pages(self, browser: Browser, site: str, the_conversation: Challenge) -> None:
        window = open_window(browser, None, site)
        assert axe_violations_by_path(window, [*FOR_EVERYBODY, "/there-is-nothing-here/"]) == {}

    def test_viewer_pages(self, browser: Browser, site: str, ana: User, watched: Watched) -> None:
        window = open_window(browser, ana, site)
        assert axe_violations_by_path(window, FOR_MEMBERS + watched.pages) == {}

    def test_email_code_page(self, browser: Browser, site: str) -> None:
        page = open_window(browser, None, site).open("/accounts/signup/")
        page.locator("input[type=email]").fill("new@example.test")
        page.locator("input[type=password]").first.fill(PASSWORD)
        page.locator("main form button[type=submit]").first.click()
        page.wait_for_url("**/accounts/confirm-email/")
        assert axe_violations_in_page(page) == {}

    def test_second_factor_prompt(self, browser: Browser, site: str, mo: User) -> None:
        enrol_second_factor(mo)
        EmailAddress.objects.create(user=mo, email=mo.email, primary=True, verified=True)
        page = open_window(browser, None, site).open("/accounts/login/")
        page.locator("input[type=email]").fill(mo.email)
        page.locator("input[type=password]").first.fill(PASSWORD)
        page.locator("main form button[type=submit]").first.click()
        page.wait_for_url("**/2fa/authenticate/")
        assert axe_violations_in_page(page) == {}

    def test_second_factor_setup_pages(self, browser: Browser, site: str, ana: User) -> None:
        page = open_window(browser, ana, site).open("/accounts/2fa/totp/activate/")
        page.wait_for_url("**/accounts/reauthenticate/*")
        assert axe_violations_in_page(page) == {}
        page.locator("input[type=password]").fill(PASSWORD)
        page.locator("main form button[type=submit]").first.click()
        page.wait_for_url("**/2fa/totp/activate/")
        assert axe_violations_in_page(page) == {}

    def test_second_factor_pages(self, browser: Browser, site: str, mo: User) -> None:
        window = open_window(browser, mo, site, reviewing=True)
        assert axe_violations_by_path(window, WITH_A_SECOND_FACTOR) == {}

    def test_forms_with_errors(self, browser: Browser, site: str, ana: User, watched: Watched) -> None:
        window = open_window(browser, ana, site)
        assert axe_violations_after_refusal(window, f"{CHALLENGE}rate/") == {}
        assert axe_violations_after_refusal(window, f"{CHALLENGE}step/") == {}
        assert axe_violations_after_refusal(window, f"/stories/{watched.story}/after/") == {}

    def test_teller_pages(self, browser: Browser, site: str, bo: User, own_stories: list[Story]) -> None:
        window = open_window(browser, bo, site)
        each = [f"/tell/{story.pk}/" for story in own_stories]
        assert axe_violations_by_path(window, FOR_TELLERS + each) == {}

    def test_draft_pages(self, browser: Browser, site: str, bo: User, the_conversation: Challenge) -> None:
        window = open_window(browser, bo, site)
        assert (
            axe_violations_by_path(window, pages_of_own(create_complete_draft(bo, the_conversation).pk)) == {}
        )

    def test_moderator_pages(
        self, browser: Browser, site: str, bo: User, mo: User, the_conversation: Challenge
    ) -> None:
        story = create_story_in_review(bo, the_conversation, traits_then={"age": 41}, shown_traits=["age"])
        waiting = create_story_in_review(bo, the_conversation, title="Not taken yet")
        window = open_window(browser, mo, site, reviewing=True)
        claim_for_reviewer(story, by=mo)
        assert (
            axe_violations_by_path(window, ["/review/", f"/review/{story.pk}/", f"/review/{waiting.pk}/"])
            == {}
        )
        Claim.objects.active().held_by(mo).update(lease_until=timezone.now())
        assert axe_violations_by_path(window, [f"/review/{story.pk}/"]) == {}

    def test_operator_pages(self, browser: Browser, site: str) -> None:
        window = open_window(browser, create_person("ola", Role.OPERATOR), site, reviewing=True)
        assert axe_violations_by_path(window, ["/operating/", "/operating/work/"]) == {}
        promote_weights(2.5)
        assert axe_violations_by_path(window, ["/operating/", "/operating/work/"]) == {}
