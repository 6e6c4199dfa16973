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
from challenges import rating
from challenges.models import Challenge, Moment
from media.models import Video
from moderation import decisions
from moderation.models import Claim
from practice import steps, viewings
from stories import publishing, telling
from stories.models import Story
from tests.moderation.scene import review_under, take
from tests.people import PASSWORD, join
from tests.stories_told import draft_by, published_story, recording_of, story_in_review
from tests.web.browsers import DESK, TELEPHONE, Window, complaints_of, window_of
from tests.web.films import film
from tests.web.test_operate import promoted
from tests.web.visits import set_up_second_factor

in_a_browser = [pytest.mark.e2e, pytest.mark.short, pytest.mark.django_db(transaction=True)]
CHALLENGE = "/challenges/the-conversation/"

FOR_EVERYBODY = [
    *("/", "/help-now", "/how-stories-are-chosen/", "/challenges/", CHALLENGE),
    *("/accounts/login/", "/accounts/signup/", "/accounts/inactive/"),
    *("/accounts/password/reset/", "/accounts/password/reset/done/"),
    *("/accounts/password/reset/key/1-outdated/", "/accounts/password/reset/key/done/"),
]
FOR_MEMBERS = [
    *("/", CHALLENGE, f"{CHALLENGE}rate/", f"{CHALLENGE}stories/", f"{CHALLENGE}step/"),
    *(f"{CHALLENGE}another/by-chance/", f"{CHALLENGE}another/unlike-you/", "/not-shown/"),
    *("/search/", "/search/?q=put"),
    *("/my-steps/", "/saved/", "/about-you/", "/about-you/?for=the-conversation", "/account/"),
    *("/accounts/2fa/", "/accounts/email/", "/accounts/password/change/", "/accounts/logout/"),
]
FOR_TELLERS = ["/tell/", "/tell/start/", "/tell/start/the-conversation/", "/tell/notices/"]
OF_ONES_OWN_STORY = [
    *("", "facts/", "then/", "recording/", "record/", "chapters/", "captions/"),
    *("captions/en/", "consent/", "withdraw/", "disguise/"),
]
WITH_A_SECOND_FACTOR = [
    *("/accounts/2fa/", "/accounts/2fa/reauthenticate/", "/accounts/2fa/totp/deactivate/"),
    *("/accounts/2fa/recovery-codes/", "/accounts/2fa/recovery-codes/generate/"),
    *("/accounts/2fa/webauthn/", "/accounts/2fa/webauthn/add/"),
]
# The tests come to these as people do: in the middle of something.
ON_THE_WAY = {
    *("account_email_verification_sent", "account_reauthenticate", "mfa_activate_totp", "mfa_authenticate"),
}
# Of django-allauth: for people without a password, or with a key of a kind that no test has in hand.
ELSEWHERE = {
    *("account_set_password", "account_confirm_login_code", "mfa_reauthenticate_webauthn"),
    *("mfa_download_recovery_codes", "mfa_remove_webauthn", "mfa_edit_webauthn"),
}
# What buttons and players ask for; there is nothing to look at.
NO_PAGES = {
    *("save", "wish", "how_far", "watch_file", "watch_captions"),
    *("notice_read", "my_story_damaged", "my_story_submit", "my_story_hidden", "my_story_file"),
    "my_story_poster",
    *("my_story_words", "review_next", "review_take", "review_renew", "review_release", "review_skip"),
    *("review_decide", "review_file", "review_words", "roll_back"),
    *("retry", "send_canary"),
}


@dataclass(frozen=True)
class Watched:
    """What a viewer has at hand."""

    story: UUID
    step: UUID

    @property
    def pages(self) -> list[str]:
        return [f"/stories/{self.story}/", f"/stories/{self.story}/after/", f"/my-steps/{self.step}/"]


def pages_of_own(story: UUID) -> list[str]:
    return [f"/tell/{story}/{part}" for part in OF_ONES_OWN_STORY]


def complaints_about(window: Window, addresses: list[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for address in addresses:
        window.open(address)
        assert window.page.url == window.origin + address, "another page than was meant"
        found |= complaints_as_it_stands(window.page)
    return found


def complaints_as_it_stands(page: Page) -> dict[str, list[str]]:
    """Return what axe says of a page on a telephone, in its dark colours, and on a desk, in its light ones."""
    page.set_viewport_size(TELEPHONE)
    page.emulate_media(color_scheme="dark")
    on_a_telephone = complaints_of(page)
    page.set_viewport_size(DESK)
    page.emulate_media(color_scheme="light")
    on_a_desk = complaints_of(page)
    found = {"telephone": on_a_telephone, "desk": on_a_desk}
    return {f"{page.url} ({where})": complaints for where, complaints in found.items() if complaints}


def complaints_once_refused(window: Window, address: str) -> dict[str, list[str]]:
    """Send the form on a page without an answer; return what axe says of the page that asks again."""
    page = window.open(address)
    page.locator("main form:not([action]) button[type=submit]").first.click()
    page.locator(".error-summary").wait_for()
    return complaints_as_it_stands(page)


def every_name(within: URLResolver) -> set[str]:
    names = set[str]()
    for entry in within.url_patterns:
        if isinstance(entry, URLResolver):
            names |= every_name(entry)
        elif isinstance(entry, URLPattern) and entry.name:
            names.add(entry.name)
    return names


def test_no_page_is_forgotten() -> None:
    visited = [
        *(FOR_EVERYBODY + FOR_MEMBERS + WITH_A_SECOND_FACTOR + FOR_TELLERS + pages_of_own(uuid4())),
        *Watched(uuid4(), uuid4()).pages,
        *("/review/", f"/review/{uuid4()}/", "/operating/", "/operating/work/"),
    ]
    house = next(entry for entry in get_resolver().url_patterns if getattr(entry, "app_name", "") == "web")
    doors = next(entry for entry in get_resolver().url_patterns if str(entry.pattern) == "accounts/")
    assert isinstance(house, URLResolver)
    assert isinstance(doors, URLResolver)
    seen = {resolve(address.partition("?")[0]).url_name for address in visited}
    assert every_name(house) | every_name(doors) == seen | NO_PAGES | ON_THE_WAY | ELSEWHERE


@pytest.fixture
def watched(ana: User, bo: User, mo: User, the_conversation: Challenge) -> Watched:
    """Ana has rated, saved a story of a slate, watched it, and committed to a step."""
    told = film(
        bo,
        the_conversation,
        by=mo,
        title="Ten words on a receipt",
        end_rung=1,
        traits_then={"age": 41, "work_pattern": "nights"},
        shown_traits=["work_pattern"],
    )
    for number in range(3):
        film(join(f"teller{number}"), the_conversation, by=mo, words="", end_rung=1)
    for moment, sure in ((Moment.BEFORE, 30), (Moment.AFTER, 50)):
        now = timezone.now()
        rating.take(the_conversation, dict.fromkeys(range(1, 8), sure), by=ana, moment=moment, at=now)
    viewings.save(told, by=ana, now=timezone.now())
    step = steps.commit(the_conversation, "Write one sentence", by=ana, rung=2, now=timezone.now())
    return Watched(told.pk, step.pk)


@pytest.fixture
def own_stories(bo: User, mo: User, the_conversation: Challenge) -> list[Story]:
    """Stories by Bo, one in each state that a page of theirs can show."""
    new = partial(story_in_review, bo, the_conversation)
    sent_back, declined, hidden = new(title="Sent back"), new(title="Declined"), None
    decisions.ask_for_changes(
        sent_back, review_under(take(sent_back, by=mo), reasons=["setback_missing"]), by=mo
    )
    decisions.decline(declined, review_under(take(declined, by=mo), reasons=["setback_missing"]), by=mo)
    hidden = published_story(bo, the_conversation, by=mo, title="Hidden")
    publishing.hide(hidden, by=bo, hidden=True)
    withdrawn = published_story(bo, the_conversation, by=mo, title="Withdrawn")
    publishing.withdraw(withdrawn, by=bo)
    bare = telling.start(the_conversation, telling.StoryDraft(title="Begun"), by=bo)
    damaged = telling.start(the_conversation, telling.StoryDraft(title="Damaged"), by=bo)
    broken = recording_of(bo, status=Video.Status.DAMAGED)
    telling.attach(damaged, broken, by=bo, seen=damaged.version)
    published = published_story(bo, the_conversation, by=mo, title="Published")
    return [sent_back, declined, hidden, withdrawn, bare, damaged, published, new(title="Waiting")]


class TestAxeFindsNothingWrong:
    pytestmark = in_a_browser

    def test_with_what_everybody_sees(self, browser: Browser, site: str, the_conversation: Challenge) -> None:
        window = window_of(browser, None, site)
        assert complaints_about(window, [*FOR_EVERYBODY, "/there-is-nothing-here/"]) == {}

    def test_with_what_a_viewer_sees(self, browser: Browser, site: str, ana: User, watched: Watched) -> None:
        window = window_of(browser, ana, site)
        assert complaints_about(window, FOR_MEMBERS + watched.pages) == {}

    def test_with_the_page_that_asks_for_the_mailed_code(self, browser: Browser, site: str) -> None:
        page = window_of(browser, None, site).open("/accounts/signup/")
        page.locator("input[type=email]").fill("new@example.test")
        page.locator("input[type=password]").first.fill(PASSWORD)
        page.locator("main form button[type=submit]").first.click()
        page.wait_for_url("**/accounts/confirm-email/")
        assert complaints_as_it_stands(page) == {}

    def test_with_the_page_that_asks_for_a_second_factor(self, browser: Browser, site: str, mo: User) -> None:
        set_up_second_factor(mo)
        EmailAddress.objects.create(user=mo, email=mo.email, primary=True, verified=True)
        page = window_of(browser, None, site).open("/accounts/login/")
        page.locator("input[type=email]").fill(mo.email)
        page.locator("input[type=password]").first.fill(PASSWORD)
        page.locator("main form button[type=submit]").first.click()
        page.wait_for_url("**/2fa/authenticate/")
        assert complaints_as_it_stands(page) == {}

    def test_with_the_pages_that_set_up_a_second_factor(self, browser: Browser, site: str, ana: User) -> None:
        page = window_of(browser, ana, site).open("/accounts/2fa/totp/activate/")
        page.wait_for_url("**/accounts/reauthenticate/*")
        assert complaints_as_it_stands(page) == {}
        page.locator("input[type=password]").fill(PASSWORD)
        page.locator("main form button[type=submit]").first.click()
        page.wait_for_url("**/2fa/totp/activate/")
        assert complaints_as_it_stands(page) == {}

    def test_with_the_pages_of_a_second_factor(self, browser: Browser, site: str, mo: User) -> None:
        window = window_of(browser, mo, site, reviewing=True)
        assert complaints_about(window, WITH_A_SECOND_FACTOR) == {}

    def test_with_a_form_that_is_shown_again(
        self, browser: Browser, site: str, ana: User, watched: Watched
    ) -> None:
        window = window_of(browser, ana, site)
        assert complaints_once_refused(window, f"{CHALLENGE}rate/") == {}
        assert complaints_once_refused(window, f"{CHALLENGE}step/") == {}
        assert complaints_once_refused(window, f"/stories/{watched.story}/after/") == {}

    def test_with_what_a_teller_sees(
        self, browser: Browser, site: str, bo: User, own_stories: list[Story]
    ) -> None:
        window = window_of(browser, bo, site)
        each = [f"/tell/{story.pk}/" for story in own_stories]
        assert complaints_about(window, FOR_TELLERS + each) == {}

    def test_with_what_belongs_to_a_draft(
        self, browser: Browser, site: str, bo: User, the_conversation: Challenge
    ) -> None:
        window = window_of(browser, bo, site)
        assert complaints_about(window, pages_of_own(draft_by(bo, the_conversation).pk)) == {}

    def test_with_what_a_moderator_sees(
        self, browser: Browser, site: str, bo: User, mo: User, the_conversation: Challenge
    ) -> None:
        story = story_in_review(bo, the_conversation, traits_then={"age": 41}, shown_traits=["age"])
        waiting = story_in_review(bo, the_conversation, title="Not taken yet")
        window = window_of(browser, mo, site, reviewing=True)
        take(story, by=mo)
        assert complaints_about(window, ["/review/", f"/review/{story.pk}/", f"/review/{waiting.pk}/"]) == {}
        Claim.objects.standing().of(mo).update(lease_until=timezone.now())
        assert complaints_about(window, [f"/review/{story.pk}/"]) == {}

    def test_with_what_an_operator_sees(self, browser: Browser, site: str) -> None:
        window = window_of(browser, join("ola", Role.OPERATOR), site, reviewing=True)
        assert complaints_about(window, ["/operating/", "/operating/work/"]) == {}
        promoted(2.5)
        assert complaints_about(window, ["/operating/", "/operating/work/"]) == {}
