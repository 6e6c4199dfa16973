from datetime import UTC, datetime, timedelta

import pytest
from django.http import Http404
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from practice.models import Step
from tests.story_factories import create_challenge
from web.pagination import paginate

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


@pytest.fixture
def five_steps(ana: User) -> list[Step]:
    """Five steps, two of them with the same timestamp."""
    challenge = create_challenge("call")
    minutes = [0, 1, 2, 2, 3]
    return [
        Step.objects.create(
            person=ana,
            challenge=challenge,
            rung=1,
            text=f"step {number}",
            committed_at=NOON + timedelta(minutes=minute),
            follow_up_on=NOON.date(),
        )
        for number, minute in enumerate(minutes)
    ]


def test_pages_contain_each_row_once_newest_first(five_steps: list[Step]) -> None:
    steps_seen: list[Step] = []
    cursor = ""
    while True:
        page = paginate(Step.objects.all(), timestamp_field="committed_at", cursor=cursor, page_size=2)
        steps_seen += page.items
        cursor = page.next_cursor
        if not cursor:
            break
    assert len(steps_seen) == 5
    assert set(steps_seen) == set(five_steps)
    assert [step.committed_at for step in steps_seen] == sorted(
        (step.committed_at for step in steps_seen), reverse=True
    )


def test_inserted_row_does_not_shift_the_next_page(five_steps: list[Step], ana: User) -> None:
    first = paginate(Step.objects.all(), timestamp_field="committed_at", cursor="", page_size=2)
    Step.objects.create(
        person=ana,
        challenge=five_steps[0].challenge,
        rung=1,
        text="newest",
        committed_at=NOON + timedelta(hours=1),
        follow_up_on=NOON.date(),
    )
    second = paginate(
        Step.objects.all(), timestamp_field="committed_at", cursor=first.next_cursor, page_size=3
    )
    assert not set(first.items) & set(second.items)
    assert set(first.items) | set(second.items) == set(five_steps)


def test_each_page_costs_one_query(
    five_steps: list[Step], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1):
        paginate(Step.objects.all(), timestamp_field="committed_at", cursor="", page_size=2)


@pytest.mark.django_db
@pytest.mark.parametrize("cursor", ["yesterday", "2026-05-04~", "~", "2026-05-04T12:00:00+00:00~x", "'; --"])
def test_invalid_cursor_answers_404(cursor: str) -> None:
    with pytest.raises(Http404):
        paginate(Step.objects.all(), timestamp_field="committed_at", cursor=cursor)
