"""What axe says of every page, on a telephone in the dark and on a desk by daylight; and that no page is forgotten."""

from dataclasses import dataclass
from functools import partial
from uuid import UUID, uuid4

import pytest
from allauth.account.models import EmailAddress
from django.urls import URLPattern, URLResolver, get_resolver, resolve
from django.utils import timezone
from playwright.sync_api import Browser, Page

from accounts.models import Role, User
from challenges import readings
from challenges.models import Challenge, ReadingMoment
from media.models import Video
from moderation import decisions
from moderation.models import Claim
from practice import steps, viewings
from stories import drafts, publishing
from stories.models import Story
from tests.moderation.scenarios import approving_submission, claim_for_reviewer
from tests.people import PASSWORD, create_person
from tests.story_factories import (
    create_complete_draft,
    create_published_story,
    create_recording,
    create_story_in_review,
)
from tests.web.browser_windows import (
    DESKTOP_VIEWPORT,
    PHONE_VIEWPORT,
    BrowserWindow,
    axe_violations,
    open_window,
)
from tests.web.clients import enrol_second_factor
from tests.web.playable_stories import published_story_with_media
from tests.web.views.test_operations import promote_weights

in_a_browser = [pytest.mark.e2e, pytest.mark.short, pytest.mark.django_db(transaction=True)]
CHALLENGE = "/challenges/the-conversation/"

PUBLIC_PAGES = [
    *("/", "/help-now", "/how-stories-are-chosen/", "/challenges/", CHALLENGE),
    *("/accounts/login/", "/accounts/signup/", "/accounts/inactive/"),
    *("/accounts/password/reset/", "/accounts/password/reset/done/"),
    *("/accounts/password/reset/key/1-outdated/", "/accounts/password/reset/key/done/"),
]
MEMBER_PAGES = [
    *("/", CHALLENGE, f"{CHALLENGE}rate/", f"{CHALLENGE}stories/", f"{CHALLENGE}step/"),
    *(f"{CHALLENGE}another/by-chance/", f"{CHALLENGE}another/unlike-you/", "/not-shown/"),
    *("/search/", "/search/?q=put"),
    *("/my-steps/", "/saved/", "/about-you/", "/about-you/?for=the-conversation", "/account/"),
    *("/accounts/2fa/", "/accounts/email/", "/accounts/password/change/", "/accounts/logout/"),
]
TELLER_PAGES = ["/tell/", "/tell/start/", "/tell/start/the-conversation/", "/tell/notices/"]
OWN_STORY_PAGES = [
    *("", "facts/", "then/", "recording/", "record/", "chapters/", "captions/"),
    *("captions/en/", "consent/", "withdraw/", "disguise/"),
]
SECOND_FACTOR_PAGES = [
    *("/accounts/2fa/", "/accounts/2fa/reauthenticate/", "/accounts/2fa/totp/deactivate/"),
    *("/accounts/2fa/recovery-codes/", "/accounts/2fa/recovery-codes/generate/"),
    *("/accounts/2fa/webauthn/", "/accounts/2fa/webauthn/add/"),
]
# The tests come to these as people do: in the middle of something.
PAGES_REACHED_MID_FLOW = {
    *("account_email_verification_sent", "account_reauthenticate", "mfa_activate_totp", "mfa_authenticate"),
}
# Of django-allauth: for people without a password, or with a key of a kind that no test has in hand.
UNREACHABLE_ALLAUTH_PAGES = {
    *("account_set_password", "account_confirm_login_code", "mfa_reauthenticate_webauthn"),
    *("mfa_download_recovery_codes", "mfa_remove_webauthn", "mfa_edit_webauthn"),
}
# What buttons and players ask for; there is nothing to look at.
NOT_HTML_PAGES = {
    *("save", "wish", "how_far", "watch_file", "watch_captions"),
    *("notice_read", "my_story_damaged", "my_story_submit", "my_story_hidden", "my_story_file"),
    "my_story_poster",
    *("my_story_words", "review_next", "review_take", "review_renew", "review_release", "review_skip"),
    *("review_decide", "review_file", "review_words", "roll_back"),
    *("retry", "send_canary"),
}


@dataclass(frozen=True)
class WatchedStories:
    """What a viewer has at hand."""

    story: UUID
    step: UUID

    @property
    def pages(self) -> list[str]:
        return [f"/stories/{self.story}/", f"/stories/{self.story}/after/", f"/my-steps/{self.step}/"]


def own_story_paths(story: UUID) -> list[str]:
    return [f"/tell/{story}/{part}" for part in OWN_STORY_PAGES]


def axe_violations_by_path(window: BrowserWindow, addresses: list[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for address in addresses:
        window.open(address)
        assert window.page.url == window.origin + address, "another page than was meant"
        found |= axe_violations_in_page(window.page)
    return found


def axe_violations_in_page(page: Page) -> dict[str, list[str]]:
    """Return what axe says of a page on a telephone, in its dark colours, and on a desk, in its light ones."""
    page.set_viewport_size(PHONE_VIEWPORT)
    page.emulate_media(color_scheme="dark")
    on_a_telephone = axe_violations(page)
    page.set_viewport_size(DESKTOP_VIEWPORT)
    page.emulate_media(color_scheme="light")
    on_a_desk = axe_violations(page)
    found = {"telephone": on_a_telephone, "desk": on_a_desk}
    return {f"{page.url} ({where})": complaints for where, complaints in found.items() if complaints}


def axe_violations_after_refusal(window: BrowserWindow, address: str) -> dict[str, list[str]]:
    """Send the form on a page without an answer; return what axe says of the page that asks again."""
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


def test_no_page_is_forgotten() -> None:
    visited = [
        *(PUBLIC_PAGES + MEMBER_PAGES + SECOND_FACTOR_PAGES + TELLER_PAGES + own_story_paths(uuid4())),
        *WatchedStories(uuid4(), uuid4()).pages,
        *("/review/", f"/review/{uuid4()}/", "/operating/", "/operating/work/"),
    ]
    house = next(entry for entry in get_resolver().url_patterns if getattr(entry, "app_name", "") == "web")
    doors = next(entry for entry in get_resolver().url_patterns if str(entry.pattern) == "accounts/")
    assert isinstance(house, URLResolver)
    assert isinstance(doors, URLResolver)
    seen = {resolve(address.partition("?")[0]).url_name for address in visited}
    assert (
        all_url_names(house) | all_url_names(doors)
        == seen | NOT_HTML_PAGES | PAGES_REACHED_MID_FLOW | UNREACHABLE_ALLAUTH_PAGES
    )


@pytest.fixture
def watched(ana: User, bo: User, mo: User, the_conversation: Challenge) -> WatchedStories:
    """Ana has rated, saved a story of a slate, watched it, and committed to a step."""
    told = published_story_with_media(
        bo,
        the_conversation,
        by=mo,
        title="Ten words on a receipt",
        end_rung=1,
        traits_then={"age": 41, "work_pattern": "nights"},
        shown_traits=["work_pattern"],
    )
    for number in range(3):
        published_story_with_media(
            create_person(f"teller{number}"), the_conversation, by=mo, words="", end_rung=1
        )
    for moment, sure in ((ReadingMoment.BEFORE, 30), (ReadingMoment.AFTER, 50)):
        now = timezone.now()
        readings.record_reading(
            the_conversation, dict.fromkeys(range(1, 8), sure), by=ana, moment=moment, at=now
        )
    viewings.save_story(told, by=ana, now=timezone.now())
    step = steps.create_step(the_conversation, "Write one sentence", by=ana, rung=2, now=timezone.now())
    return WatchedStories(told.pk, step.pk)


@pytest.fixture
def own_stories(bo: User, mo: User, the_conversation: Challenge) -> list[Story]:
    """Stories by Bo, one in each state that a page of theirs can show."""
    new = partial(create_story_in_review, bo, the_conversation)
    sent_back, declined, hidden = new(title="Sent back"), new(title="Declined"), None
    decisions.request_changes(
        sent_back,
        approving_submission(claim_for_reviewer(sent_back, by=mo), reasons=["setback_missing"]),
        by=mo,
    )
    decisions.decline_story(
        declined,
        approving_submission(claim_for_reviewer(declined, by=mo), reasons=["setback_missing"]),
        by=mo,
    )
    hidden = create_published_story(bo, the_conversation, by=mo, title="Hidden")
    publishing.set_story_hidden(hidden, by=bo, hidden=True)
    withdrawn = create_published_story(bo, the_conversation, by=mo, title="Withdrawn")
    publishing.withdraw_story(withdrawn, by=bo)
    bare = drafts.create_draft(the_conversation, drafts.StoryDraft(title="Begun"), by=bo)
    damaged = drafts.create_draft(the_conversation, drafts.StoryDraft(title="Damaged"), by=bo)
    broken = create_recording(bo, status=Video.Status.DAMAGED)
    drafts.attach_recording(damaged, broken, by=bo, expected_version=damaged.version)
    published = create_published_story(bo, the_conversation, by=mo, title="Published")
    return [sent_back, declined, hidden, withdrawn, bare, damaged, published, new(title="Waiting")]


class TestAxeFindsNothingWrong:
    pytestmark = in_a_browser

    def test_with_what_everybody_sees(self, browser: Browser, site: str, the_conversation: Challenge) -> None:
        window = open_window(browser, None, site)
        assert axe_violations_by_path(window, [*PUBLIC_PAGES, "/there-is-nothing-here/"]) == {}

    def test_with_what_a_viewer_sees(
        self, browser: Browser, site: str, ana: User, watched: WatchedStories
    ) -> None:
        window = open_window(browser, ana, site)
        assert axe_violations_by_path(window, MEMBER_PAGES + watched.pages) == {}

    def test_with_the_page_that_asks_for_the_mailed_code(self, browser: Browser, site: str) -> None:
        page = open_window(browser, None, site).open("/accounts/signup/")
        page.locator("input[type=email]").fill("new@example.test")
        page.locator("input[type=password]").first.fill(PASSWORD)
        page.locator("main form button[type=submit]").first.click()
        page.wait_for_url("**/accounts/confirm-email/")
        assert axe_violations_in_page(page) == {}

    def test_with_the_page_that_asks_for_a_second_factor(self, browser: Browser, site: str, mo: User) -> None:
        enrol_second_factor(mo)
        EmailAddress.objects.create(user=mo, email=mo.email, primary=True, verified=True)
        page = open_window(browser, None, site).open("/accounts/login/")
        page.locator("input[type=email]").fill(mo.email)
        page.locator("input[type=password]").first.fill(PASSWORD)
        page.locator("main form button[type=submit]").first.click()
        page.wait_for_url("**/2fa/authenticate/")
        assert axe_violations_in_page(page) == {}

    def test_with_the_pages_that_set_up_a_second_factor(self, browser: Browser, site: str, ana: User) -> None:
        page = open_window(browser, ana, site).open("/accounts/2fa/totp/activate/")
        page.wait_for_url("**/accounts/reauthenticate/*")
        assert axe_violations_in_page(page) == {}
        page.locator("input[type=password]").fill(PASSWORD)
        page.locator("main form button[type=submit]").first.click()
        page.wait_for_url("**/2fa/totp/activate/")
        assert axe_violations_in_page(page) == {}

    def test_with_the_pages_of_a_second_factor(self, browser: Browser, site: str, mo: User) -> None:
        window = open_window(browser, mo, site, reviewing=True)
        assert axe_violations_by_path(window, SECOND_FACTOR_PAGES) == {}

    def test_with_a_form_that_is_shown_again(
        self, browser: Browser, site: str, ana: User, watched: WatchedStories
    ) -> None:
        window = open_window(browser, ana, site)
        assert axe_violations_after_refusal(window, f"{CHALLENGE}rate/") == {}
        assert axe_violations_after_refusal(window, f"{CHALLENGE}step/") == {}
        assert axe_violations_after_refusal(window, f"/stories/{watched.story}/after/") == {}

    def test_with_what_a_teller_sees(
        self, browser: Browser, site: str, bo: User, own_stories: list[Story]
    ) -> None:
        window = open_window(browser, bo, site)
        each = [f"/tell/{story.pk}/" for story in own_stories]
        assert axe_violations_by_path(window, TELLER_PAGES + each) == {}

    def test_with_what_belongs_to_a_draft(
        self, browser: Browser, site: str, bo: User, the_conversation: Challenge
    ) -> None:
        window = open_window(browser, bo, site)
        assert (
            axe_violations_by_path(window, own_story_paths(create_complete_draft(bo, the_conversation).pk))
            == {}
        )

    def test_with_what_a_moderator_sees(
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

    def test_with_what_an_operator_sees(self, browser: Browser, site: str) -> None:
        window = open_window(browser, create_person("ola", Role.OPERATOR), site, reviewing=True)
        assert axe_violations_by_path(window, ["/operating/", "/operating/work/"]) == {}
        promote_weights(2.5)
        assert axe_violations_by_path(window, ["/operating/", "/operating/work/"]) == {}
