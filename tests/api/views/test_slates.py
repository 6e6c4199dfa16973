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
def _fresh_index() -> None:
    in_memory_index.reset()


def rate_ladder(people: NamedPeople, challenge: Challenge) -> None:
    ratings = dict.fromkeys(range(1, 8), 20)
    readings.record_reading(challenge, ratings, by=people.ana, moment=ReadingMoment.BEFORE, at=timezone.now())


def test_a_slate_requires_a_reading(as_ana: APIClient, the_conversation: Challenge) -> None:
    response = as_ana.get(PATH)
    assert (response.status_code, response.json()["code"]) == (409, "rate_first")


def test_a_slate_is_ordered_and_stable_and_has_explanations(
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
    data = as_ana.get(PATH).json()
    assert data["arm"] in {"matched", "random"}
    assert len(data["items"]) >= 3
    assert [item["position"] for item in data["items"]] == sorted(item["position"] for item in data["items"])
    assert all(item["similarities"] for item in data["items"])
    assert "50" not in str([item["similarities"] for item in data["items"]])
    assert as_ana.get(PATH).json() == data


def test_a_slate_of_too_few_tellers_is_marked_as_scarce(
    as_ana: APIClient, people: NamedPeople, the_conversation: Challenge
) -> None:
    create_published_story(people.bo, the_conversation, by=people.mo)
    rate_ladder(people, the_conversation)
    assert as_ana.get(PATH).json()["arm"] == "scarce"
