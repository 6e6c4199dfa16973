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
    """Five steps, of which two were committed to at the very same moment."""
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


def test_leaves_hold_every_row_once_newest_first(five_steps: list[Step]) -> None:
    seen: list[Step] = []
    mark = ""
    while True:
        found = paginate(Step.objects.all(), timestamp_field="committed_at", cursor=mark, page_size=2)
        seen += found.items
        mark = found.next_cursor
        if not mark:
            break
    assert len(seen) == 5
    assert set(seen) == set(five_steps)
    assert [one.committed_at for one in seen] == sorted((one.committed_at for one in seen), reverse=True)


def test_a_new_row_moves_nothing_on_the_next_leaf(five_steps: list[Step], ana: User) -> None:
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


def test_a_leaf_costs_one_query(
    five_steps: list[Step], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1):
        paginate(Step.objects.all(), timestamp_field="committed_at", cursor="", page_size=2)


@pytest.mark.django_db
@pytest.mark.parametrize("mark", ["yesterday", "2026-05-04~", "~", "2026-05-04T12:00:00+00:00~x", "'; --"])
def test_an_unreadable_mark_leads_nowhere(mark: str) -> None:
    with pytest.raises(Http404):
        paginate(Step.objects.all(), timestamp_field="committed_at", cursor=mark)
