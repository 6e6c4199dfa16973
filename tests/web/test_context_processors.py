from collections.abc import Iterator

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.models import User
from challenges.models import Challenge
from stories.models import Story
from tests.story_factories import create_published_story
from tests.web.html_pages import parse_page
from web import context_processors

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _cleared_cache() -> Iterator[None]:
    context_processors._demo_progress.cache_clear()
    yield
    context_processors._demo_progress.cache_clear()


def test_demo_pages_say_that_they_are_a_demo(settings: Settings) -> None:
    assert "made up" not in parse_page(Client().get("/").content).text
    settings.DEMO = True
    assert (
        "The stories are made up and the voices are computer-generated"
        in parse_page(Client().get("/").content).text
    )


def test_seeding_progress_is_shown_until_it_is_complete(
    settings: Settings, bo: User, mo: User, the_conversation: Challenge
) -> None:
    settings.DEMO = True
    context_processors.announce_planned_demo_stories(48)
    create_published_story(bo, the_conversation, by=mo)
    Story.objects.update(made_up=True)
    assert "1 of 48 demonstration stories are ready" in parse_page(Client().get("/").content).text
    context_processors.announce_planned_demo_stories(0)
    context_processors._demo_progress.cache_clear()
    assert "demonstration stories are ready" not in parse_page(Client().get("/").content).text


def test_seeding_progress_is_cached(
    settings: Settings, django_assert_num_queries: DjangoAssertNumQueries, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DEMO = True
    context_processors.announce_planned_demo_stories(48)
    monkeypatch.setattr(context_processors, "REFRESH_SECONDS", 10**9)
    Client().get("/")
    with django_assert_num_queries(1):
        Client().get("/")
