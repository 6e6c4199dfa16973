from datetime import UTC, datetime, timedelta

import pytest
from django.http import Http404
from django.test import RequestFactory

from accounts.models import User
from practice.models import Step
from tests.story_factories import create_challenge
from web import pagination
from web.access import AuthenticatedRequest

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
NEWEST_FIRST = ("-committed_at", "-pk")


def request_for(user: User, cursor: str | None = None) -> AuthenticatedRequest:
    request = RequestFactory().get("/my-steps/", {"after": cursor} if cursor else {})
    request.user = user
    return request  # type: ignore[return-value]  # as AuthenticationMiddleware leaves it


@pytest.fixture
def three_steps(ana: User, monkeypatch: pytest.MonkeyPatch) -> list[Step]:
    monkeypatch.setattr(pagination, "PAGE_SIZE", 2)
    challenge = create_challenge("call")
    return [
        Step.objects.create(
            person=ana,
            challenge=challenge,
            rung=1,
            text=f"step {number}",
            committed_at=NOON + timedelta(minutes=number),
            follow_up_on=NOON.date(),
        )
        for number in range(3)
    ]


def test_the_after_parameter_continues_the_list(ana: User, three_steps: list[Step]) -> None:
    first = pagination.paginate(Step.objects.all(), request_for(ana), keyset=NEWEST_FIRST)
    last = pagination.paginate(Step.objects.all(), request_for(ana, first.next_cursor), keyset=NEWEST_FIRST)
    assert [*first.items, *last.items] == three_steps[::-1]
    assert last.next_cursor is None


def test_a_cursor_of_another_user_is_not_found(ana: User, sam: User, three_steps: list[Step]) -> None:
    first = pagination.paginate(Step.objects.all(), request_for(ana), keyset=NEWEST_FIRST)
    with pytest.raises(Http404):
        pagination.paginate(Step.objects.all(), request_for(sam, first.next_cursor), keyset=NEWEST_FIRST)


@pytest.mark.parametrize("cursor", ["yesterday", "2026-05-04~", "~", "'; --"])
def test_an_invalid_cursor_is_not_found(ana: User, cursor: str) -> None:
    with pytest.raises(Http404):
        pagination.paginate(Step.objects.all(), request_for(ana, cursor), keyset=NEWEST_FIRST)
