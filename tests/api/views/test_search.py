"""Search over the API: lines with the address that plays from them, and few questions to the database."""

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from rest_framework.test import APIClient

from challenges.models import Challenge
from tests.api.query_counts import MAX_QUERIES
from tests.api.test_hostile_strings import naughty
from tests.people import NamedPeople
from tests.web.playable_stories import published_story_with_media

SEARCH = "/api/v1/search"


def test_a_line_comes_with_its_story_and_the_page_that_plays_from_there(
    as_ana: APIClient, people: NamedPeople, the_conversation: Challenge
) -> None:
    story = published_story_with_media(people.bo, the_conversation, by=people.mo)
    (found,) = as_ana.get(SEARCH, {"q": "put it off"}).json()["items"]
    assert found["story"]["id"] == str(story.pk)
    page = reverse("web:story", args=[story.pk])
    assert found["lines"] == [
        {"start_ms": 1000, "text": "I put it off for two years.", "language": "en", "url": f"{page}#t=1"}
    ]


def test_whoever_is_not_signed_in_finds_nothing(as_nobody: APIClient) -> None:
    assert as_nobody.get(SEARCH, {"q": "door"}).status_code == 401


def test_a_search_for_nothing_is_refused_by_name(as_ana: APIClient) -> None:
    for query in ({}, {"q": ""}, {"q": "x" * 201}):
        answer = as_ana.get(SEARCH, query)
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["field"] == "q"


def test_no_text_breaks_a_search(as_ana: APIClient, people: NamedPeople, the_conversation: Challenge) -> None:
    published_story_with_media(people.bo, the_conversation, by=people.mo)
    for text in naughty:
        assert as_ana.get(SEARCH, {"q": text}).status_code in {200, 400, 429}, text


def test_few_questions_are_asked_however_much_is_found(
    as_ana: APIClient, people: NamedPeople, the_conversation: Challenge
) -> None:
    asked = []
    for more in (2, 8):
        for _ in range(more):
            published_story_with_media(people.bo, the_conversation, by=people.mo)
        with CaptureQueriesContext(connection) as queries:
            answer = as_ana.get(SEARCH, {"q": "two years"})
        asked.append((len(answer.json()["items"]), len(queries)))
    (few, some), (many, more_questions) = asked
    assert (few, many) == (2, 10)
    assert some == more_questions <= MAX_QUERIES
