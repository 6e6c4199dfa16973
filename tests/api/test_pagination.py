from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from rest_framework.test import APIClient

from challenges.models import Challenge
from practice.models import Step
from tests.people import NamedPeople


@pytest.fixture
def seven_steps(people: NamedPeople, the_conversation: Challenge) -> list[str]:
    """Texts of seven steps of ana, newest first; timestamps repeat in pairs."""
    start = datetime(2026, 3, 1, tzinfo=UTC)
    for number in range(7):
        Step.objects.create(
            person=people.ana,
            challenge=the_conversation,
            rung=1,
            text=f"step {number}",
            committed_at=start + timedelta(days=number // 2),
            follow_up_on=start.date(),
        )
    return [step.text for step in Step.objects.by(people.ana).newest_first()]


def fetch_all_pages(client: APIClient, limit: int) -> list[list[str]]:
    pages, cursor = [], None
    while True:
        query = {"limit": limit} | ({"cursor": cursor} if cursor else {})
        response = client.get("/api/v1/steps", query)
        assert response.status_code == 200, response.content
        pages.append([item["text"] for item in response.json()["items"]])
        cursor = response.json()["next"]
        if cursor is None:
            return pages


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 50])
def test_pages_contain_every_row_once_in_order(as_ana: APIClient, seven_steps: list[str], limit: int) -> None:
    pages = fetch_all_pages(as_ana, limit)
    assert [text for page in pages for text in page] == seven_steps
    assert max(len(page) for page in pages) == min(limit, 7)


def test_rows_inserted_meanwhile_do_not_shift_the_next_page(
    as_ana: APIClient, people: NamedPeople, the_conversation: Challenge, seven_steps: list[str]
) -> None:
    first = as_ana.get("/api/v1/steps", {"limit": 3}).json()
    Step.objects.create(
        person=people.ana,
        challenge=the_conversation,
        rung=1,
        text="newest",
        committed_at=datetime(2027, 1, 1, tzinfo=UTC),
        follow_up_on=datetime(2027, 1, 4, tzinfo=UTC).date(),
    )
    second = as_ana.get("/api/v1/steps", {"limit": 3, "cursor": first["next"]}).json()
    assert [item["text"] for item in second["items"]] == seven_steps[3:6]


def test_a_cursor_is_valid_for_one_user_only(
    as_ana: APIClient, as_sam: APIClient, seven_steps: list[str]
) -> None:
    cursor = as_ana.get("/api/v1/steps", {"limit": 3}).json()["next"]
    response = as_sam.get("/api/v1/steps", {"cursor": cursor})
    assert (response.status_code, response.json()["errors"][0]["field"]) == (400, "cursor")


def test_a_cursor_is_valid_for_one_list_only(as_ana: APIClient, seven_steps: list[str]) -> None:
    cursor = as_ana.get("/api/v1/steps", {"limit": 3}).json()["next"]
    assert as_ana.get("/api/v1/my/stories", {"cursor": cursor}).status_code == 400


def test_a_forged_cursor_is_rejected(as_ana: APIClient, seven_steps: list[str]) -> None:
    cursor = as_ana.get("/api/v1/steps", {"limit": 3}).json()["next"]
    for altered in (cursor[:-1] + ("A" if cursor[-1] != "A" else "B"), "nonsense", "a:b:c"):
        assert as_ana.get("/api/v1/steps", {"cursor": altered}).status_code == 400


@pytest.mark.parametrize(
    "query", [{"limit": 0}, {"limit": 51}, {"limit": "x"}, {"cursor": ""}, {"page": 2}, {"limit": [1, 2]}]
)
def test_invalid_page_parameters_are_rejected(as_ana: APIClient, query: dict[str, Any]) -> None:
    assert as_ana.get("/api/v1/steps", query).status_code == 400
