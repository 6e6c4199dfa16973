"""Rules for every page, taken from the URL configuration so that new pages are included."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from accounts.models import User
from challenges import readings
from challenges.models import Challenge, ReadingMoment
from practice import steps
from practice.models import Step
from stories.models import Story
from tests.web.clients import logged_in_client, reviewer_client
from tests.web.html_pages import ParsedPage, parse_page
from tests.web.playable_stories import published_story_with_media

pytestmark = pytest.mark.django_db
UNKNOWN_ID = UUID("33333333-3333-4333-8333-333333333333")
URL_ARGUMENTS: dict[str, object] = {
    "notice_id": UNKNOWN_ID,
    "job_id": UNKNOWN_ID,
    "slug": "the-conversation",
    "how": "by-chance",
    "name": "master.m3u8",
    "language": "en",
    "uidb36": "1",
    "key": "set-password",
    "pk": 1,
}
NON_PAGE_PREFIXES = ("api/", "_allauth/")
MIN_PAGES = 14  # to a visitor most addresses answer with the way to log in


def all_page_names(table: list[Any], *, within: str = "") -> Iterator[str]:
    """Yield the name of every URL outside the API."""
    for entry in table:
        if isinstance(entry, URLResolver) and not str(entry.pattern).startswith(NON_PAGE_PREFIXES):
            space = f"{within}{entry.namespace}:" if entry.namespace else within
            yield from all_page_names(entry.url_patterns, within=space)
        elif isinstance(entry, URLPattern) and entry.name:
            yield f"{within}{entry.name}"


PAGE_NAMES = sorted(set(all_page_names(get_resolver().url_patterns)))


def page_url(name: str) -> str:
    space, _, short = name.rpartition(":")
    resolver = get_resolver()
    if space:
        _, resolver = resolver.namespace_dict[space]
    possibilities = resolver.reverse_dict.getlist(short)[0][0]
    parameters = possibilities[0][1]
    values = URL_ARGUMENTS | {"story_id": Story.objects.get().pk, "step_id": Step.objects.get().pk}
    return reverse(name, kwargs={parameter: values[parameter] for parameter in parameters})


@pytest.fixture
def sample_data(ana: User, bo: User, mo: User, the_conversation: Challenge) -> None:
    """A published story by Bo and a step of Ana."""
    published_story_with_media(bo, the_conversation, by=mo)
    steps.create_step(the_conversation, "Write one sentence", by=ana, rung=1, now=timezone.now())
    readings.record_reading(
        the_conversation,
        dict.fromkeys(range(1, 8), 30),
        by=ana,
        moment=ReadingMoment.BEFORE,
        at=timezone.now(),
    )


@pytest.fixture(params=["a visitor", "a viewer", "a teller", "a moderator"])
def client(request: pytest.FixtureRequest, ana: User, bo: User, mo: User) -> Client:
    come: dict[str, Callable[[], Client]] = {
        "a visitor": Client,
        "a viewer": lambda: logged_in_client(ana),
        "a teller": lambda: logged_in_client(bo),
        "a moderator": lambda: reviewer_client(mo),
    }
    return come[str(request.param)]()


@pytest.mark.usefixtures("sample_data")
def test_every_page_follows_the_base_template(client: Client) -> None:
    page_count, faults = 0, []
    for name in PAGE_NAMES:
        response = client.get(page_url(name))
        rules = response["Content-Security-Policy"]
        if "unsafe" in rules or "default-src 'none'" not in rules:
            faults.append(f"{name}: {rules}")
        if response["Content-Type"].startswith("text/html") and response.content:
            page_count += 1
            faults += [f"{name}: {fault}" for fault in page_faults(parse_page(response.content))]
    assert faults == []
    assert page_count >= MIN_PAGES


def page_faults(page: ParsedPage) -> list[str]:
    """Check for the crisis link, one heading, no external or inline resources, and a label on every field."""
    checks = {
        "no crisis block": "crisis-title" in page.ids or page.headings == ["Get help now"],
        f"the headings {page.headings}": len(page.headings) == 1,
        "not one main part": page.landmarks.count("main") == 1,
        f"loads or leads outside: {page.external_addresses}": not page.external_addresses,
        f"inline scripts: {page.inline_scripts}": not page.inline_scripts,
        f"inline styles: {page.inline_styles}": not page.inline_styles,
        f"fields without a label: {page.unlabelled}": not page.unlabelled,
        "an id used twice": len(set(page.ids)) == len(page.ids),
    }
    return [fault for fault, fine in checks.items() if not fine]


def test_url_table_contains_the_pages() -> None:
    assert {"web:home", "web:story", "web:my_stories", "web:review", "account_login", "mfa_index"} <= set(
        PAGE_NAMES
    )
