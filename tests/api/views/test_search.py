from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from rest_framework.test import APIClient

from challenges.models import Challenge
from tests.api.query_counts import MAX_QUERIES
from tests.api.test_hostile_strings import HOSTILE_STRINGS
from tests.people import NamedPeople
from tests.web.playable_stories import published_story_with_media

SEARCH_PATH = "/api/v1/search"


def test_a_result_contains_the_story_and_a_link_to_each_line(
    as_ana: APIClient, people: NamedPeople, the_conversation: Challenge
) -> None:
    story = published_story_with_media(people.bo, the_conversation, by=people.mo)
    (result,) = as_ana.get(SEARCH_PATH, {"q": "put it off"}).json()["items"]
    assert result["story"]["id"] == str(story.pk)
    story_url = reverse("web:story", args=[story.pk])
    assert result["lines"] == [
        {"start_ms": 1000, "text": "I put it off for two years.", "language": "en", "url": f"{story_url}#t=1"}
    ]


def test_search_requires_authentication(as_nobody: APIClient) -> None:
    assert as_nobody.get(SEARCH_PATH, {"q": "door"}).status_code == 401


def test_an_invalid_query_is_rejected(as_ana: APIClient) -> None:
    for query in ({}, {"q": ""}, {"q": "x" * 201}):
        response = as_ana.get(SEARCH_PATH, query)
        assert response.status_code == 400
        assert response.json()["errors"][0]["field"] == "q"


def test_hostile_strings_do_not_break_the_search(
    as_ana: APIClient, people: NamedPeople, the_conversation: Challenge
) -> None:
    published_story_with_media(people.bo, the_conversation, by=people.mo)
    for text in HOSTILE_STRINGS:
        assert as_ana.get(SEARCH_PATH, {"q": text}).status_code in {200, 400, 429}, text


def test_the_search_has_a_constant_query_count(
    as_ana: APIClient, people: NamedPeople, the_conversation: Challenge
) -> None:
    counts = []
    for more in (2, 8):
        for _ in range(more):
            published_story_with_media(people.bo, the_conversation, by=people.mo)
        with CaptureQueriesContext(connection) as queries:
            response = as_ana.get(SEARCH_PATH, {"q": "two years"})
        counts.append((len(response.json()["items"]), len(queries)))
    (first_items, first_queries), (later_items, later_queries) = counts
    assert (first_items, later_items) == (2, 10)
    assert first_queries == later_queries <= MAX_QUERIES
