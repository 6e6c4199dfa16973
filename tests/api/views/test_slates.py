"""A slate: a few stories, with reasons, once one has said where one stands."""

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from challenges import readings
from challenges.models import Challenge, ReadingMoment
from recommendations.index.story_index import in_memory_index
from tests.people import NamedPeople, create_person
from tests.story_factories import create_published_story

PATH = "/api/v1/challenges/the-conversation/slate"


@pytest.fixture(autouse=True)
def _no_index_of_another_test() -> None:
    in_memory_index.reset()


def rate_ladder(people: NamedPeople, challenge: Challenge) -> None:
    ratings = dict.fromkeys(range(1, 8), 20)
    readings.record_reading(challenge, ratings, by=people.ana, moment=ReadingMoment.BEFORE, at=timezone.now())


def test_one_rates_the_ladder_first(as_ana: APIClient, the_conversation: Challenge) -> None:
    answer = as_ana.get(PATH)
    assert (answer.status_code, answer.json()["code"]) == (409, "rate_first")


def test_a_slate_gives_stories_in_order_with_reasons(
    as_ana: APIClient, people: NamedPeople, the_conversation: Challenge
) -> None:
    for name in ("cy", "dee", "eli", "flo"):
        teller = create_person(name)
        create_published_story(
            teller,
            the_conversation,
            by=people.mo,
            traits_then={"work_pattern": "nights", "age": 50},
            shown_traits=["work_pattern"],
        )
    as_ana.put("/api/v1/profile", {"traits": {"work_pattern": "nights", "age": 50}}, format="json")
    rate_ladder(people, the_conversation)
    told = as_ana.get(PATH).json()
    assert told["arm"] in {"matched", "random"}
    assert len(told["items"]) >= 3
    assert [item["position"] for item in told["items"]] == sorted(item["position"] for item in told["items"])
    assert all(item["similarities"] for item in told["items"])
    assert "50" not in str([item["similarities"] for item in told["items"]])
    assert as_ana.get(PATH).json() == told


def test_too_few_tellers_is_said_honestly(
    as_ana: APIClient, people: NamedPeople, the_conversation: Challenge
) -> None:
    create_published_story(people.bo, the_conversation, by=people.mo)
    rate_ladder(people, the_conversation)
    assert as_ana.get(PATH).json()["arm"] == "scarce"
