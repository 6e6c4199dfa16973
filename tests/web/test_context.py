from collections.abc import Iterator

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.models import User
from challenges.models import Challenge
from stories.models import Story
from tests.stories_told import published_story
from tests.web.pages import read
from web import context

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    context._seeding.cache_clear()
    yield
    context._seeding.cache_clear()


def test_a_demonstration_says_so_on_its_pages(settings: Settings) -> None:
    assert "made up" not in read(Client().get("/").content).words
    settings.DEMO = True
    assert "the stories are made up and their voices are synthesised" in read(Client().get("/").content).words


def test_it_tells_how_far_it_is_seeded_until_it_is(
    settings: Settings, bo: User, mo: User, the_conversation: Challenge
) -> None:
    settings.DEMO = True
    context.announce(48)
    published_story(bo, the_conversation, by=mo)
    Story.objects.update(made_up=True)
    assert "1 of 48 demonstration stories are ready" in read(Client().get("/").content).words
    context.announce(0)
    context._seeding.cache_clear()
    assert "demonstration stories are ready" not in read(Client().get("/").content).words


def test_it_is_looked_up_once_for_many_pages(
    settings: Settings, django_assert_num_queries: DjangoAssertNumQueries, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DEMO = True
    context.announce(48)
    monkeypatch.setattr(context, "ASK_AGAIN_AFTER", 10**9)
    Client().get("/")
    with django_assert_num_queries(1):
        Client().get("/")
