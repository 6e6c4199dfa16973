from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from accounts.models import User
from challenges.models import Challenge
from practice import negative_feedback
from recommendations import free_text
from recommendations.index.story_index import index_in_use
from stories.models import Story
from tests.recommendations.random_stories import publish_random_stories
from tests.recommendations.slate_requests import NOW, rate_ladder, todays_slate


def statements_of_a_new_slate(viewer: User, challenge: Challenge, *, day: int) -> int:
    """Count the statements from loading the reading to storing the slate, with a current index."""
    index_in_use().catalogue_version()
    with CaptureQueriesContext(connection) as queries:
        todays_slate(viewer, challenge, now=NOW + timedelta(days=day))
    return len(queries)


@pytest.mark.django_db
@pytest.mark.parametrize("own_words", ["", "I stumble over the first sentence"])
def test_a_new_slate_takes_at_most_ten_sql_statements_and_a_stored_one_two(
    ana: User, mo: User, the_conversation: Challenge, published_stories: list[Story], own_words: str
) -> None:
    free_text.rebuild_text_index(now=NOW)
    free_text.save_free_text(the_conversation, own_words, by=ana)
    negative_feedback.add_less_like(published_stories[0], by=ana, now=NOW)
    rate_ladder(ana, the_conversation, sure_up_to=1)
    statements_of_a_new_slate(ana, the_conversation, day=0)  # loads the index and the text index

    assert statements_of_a_new_slate(ana, the_conversation, day=1) <= 10
    assert statements_of_a_new_slate(ana, the_conversation, day=1) == 2


@pytest.mark.django_db
@pytest.mark.parametrize(("engine", "max_statements"), [("memory", 10), ("postgres", 20)])
@pytest.mark.usefixtures("published_stories")
def test_a_new_slate_takes_as_many_sql_statements_among_many_stories_as_among_few(
    ana: User,
    mo: User,
    the_conversation: Challenge,
    engine: str,
    max_statements: int,
    settings: Settings,
) -> None:
    settings.MATCHING_ENGINE = engine
    rate_ladder(ana, the_conversation, sure_up_to=1)

    statements_among_few = statements_of_a_new_slate(ana, the_conversation, day=0)
    publish_random_stories([the_conversation], tellers=9, stories=24, by=mo, seed=3)

    assert statements_of_a_new_slate(ana, the_conversation, day=1) <= statements_among_few <= max_statements
