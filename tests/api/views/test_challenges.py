import pytest
from rest_framework.test import APIClient

from challenges.models import Barrier, Challenge, Rung
from tests.api.query_counts import assert_constant_query_count
from tests.story_factories import create_challenge


def test_the_list_is_public(as_nobody: APIClient, the_conversation: Challenge) -> None:
    response = as_nobody.get("/api/v1/challenges")
    assert [item["slug"] for item in response.json()["items"]] == ["the-conversation"]


def test_the_detail_contains_the_ladder_but_no_barriers(
    as_nobody: APIClient, the_conversation: Challenge
) -> None:
    data = as_nobody.get("/api/v1/challenges/the-conversation").json()
    assert [rung["position"] for rung in data["rungs"]] == [1, 2, 3, 4, 5, 6, 7]
    assert "barriers" not in data


def test_a_challenge_that_is_not_offered_is_not_found(
    as_nobody: APIClient, the_conversation: Challenge
) -> None:
    Challenge.objects.update(offered=False)
    assert as_nobody.get("/api/v1/challenges/the-conversation").status_code == 404
    assert as_nobody.get("/api/v1/challenges").json()["items"] == []


@pytest.mark.parametrize("known", ["{etag}", 'W/{etag}, "other"', '"other", {etag}', "*"])
def test_a_matching_if_none_match_is_answered_with_304(
    as_nobody: APIClient, the_conversation: Challenge, known: str
) -> None:
    path = "/api/v1/challenges/the-conversation"
    etag = as_nobody.get(path)["ETag"]
    response = as_nobody.get(path, headers={"If-None-Match": known.format(etag=etag)})
    assert (response.status_code, response.content, response["ETag"]) == (304, b"", etag)
    assert response["Cache-Control"] == "no-cache"


def test_changed_content_has_another_etag(as_nobody: APIClient, the_conversation: Challenge) -> None:
    path = "/api/v1/challenges/the-conversation"
    etag = as_nobody.get(path)["ETag"]
    Rung.objects.filter(position=1).update(text="Do something else first")
    assert as_nobody.get(path, headers={"If-None-Match": etag}).status_code == 200


def test_barriers_require_authentication(
    as_nobody: APIClient, as_bo: APIClient, the_conversation: Challenge
) -> None:
    Barrier.objects.update(strategy_hint="Bring a note.")
    path = "/api/v1/challenges/the-conversation/barriers"
    assert as_nobody.get(path).status_code == 401
    assert as_bo.get(path).json()["items"] == [
        {"key": "freezing", "text": "My mind goes blank", "strategy_hint": "Bring a note."}
    ]


def test_the_list_has_a_constant_query_count(as_nobody: APIClient) -> None:
    challenges: list[Challenge] = []

    def add_challenges(number: int) -> None:
        challenges.extend(create_challenge(f"challenge-{len(challenges) + index}") for index in range(number))

    assert_constant_query_count(as_nobody, "/api/v1/challenges", add_items=add_challenges)
