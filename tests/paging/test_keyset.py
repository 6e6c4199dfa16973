from datetime import UTC, datetime, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from challenges.models import Challenge
from paging.keyset import InvalidCursor, Page, paginate
from practice.models import Step
from tests.story_factories import create_challenge

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
NEWEST_FIRST = ("-committed_at", "-pk")
OLDEST_FIRST = ("committed_at", "pk")


def create_step(ana: User, challenge: Challenge, text: str, committed_at: datetime) -> Step:
    return Step.objects.create(
        person=ana,
        challenge=challenge,
        rung=1,
        text=text,
        committed_at=committed_at,
        follow_up_on=NOON.date(),
    )


@pytest.fixture
def five_steps(ana: User) -> list[Step]:
    """Five steps, two of them with the same timestamp."""
    minutes = [0, 1, 2, 2, 3]
    challenge = create_challenge("call")
    return [
        create_step(ana, challenge, f"step {number}", NOON + timedelta(minutes=minute))
        for number, minute in enumerate(minutes)
    ]


def page_of_steps(
    cursor: str | None,
    *,
    page_size: int = 2,
    keyset: tuple[str, ...] = NEWEST_FIRST,
    binding: str = "ana|/steps",
) -> Page[Step]:
    return paginate(
        Step.objects.all(), keyset=keyset, cursor=cursor or "", page_size=page_size, binding=binding
    )


@pytest.mark.parametrize("keyset", [NEWEST_FIRST, OLDEST_FIRST])
@pytest.mark.parametrize("page_size", [1, 2, 5, 6])
def test_pages_contain_every_row_once_in_keyset_order(
    five_steps: list[Step], keyset: tuple[str, ...], page_size: int
) -> None:
    page = page_of_steps(None, page_size=page_size, keyset=keyset)
    steps = [*page.items]
    while page.next_cursor:
        page = page_of_steps(page.next_cursor, page_size=page_size, keyset=keyset)
        steps += page.items
    assert steps == list(Step.objects.order_by(*keyset))


def test_rows_inserted_meanwhile_do_not_shift_the_next_page(five_steps: list[Step], ana: User) -> None:
    first = page_of_steps(None)
    create_step(ana, five_steps[0].challenge, "newest", NOON + timedelta(hours=1))
    second = page_of_steps(first.next_cursor, page_size=3)
    assert not set(first.items) & set(second.items)
    assert set(first.items) | set(second.items) == set(five_steps)


def test_a_page_costs_one_query(
    five_steps: list[Step], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1):
        first = page_of_steps(None)
    with django_assert_num_queries(1):
        page_of_steps(first.next_cursor)


def test_a_cursor_is_valid_only_for_its_binding_and_keyset(five_steps: list[Step]) -> None:
    cursor = page_of_steps(None).next_cursor
    with pytest.raises(InvalidCursor):
        page_of_steps(cursor, binding="sam|/steps")
    with pytest.raises(InvalidCursor):
        page_of_steps(cursor, keyset=OLDEST_FIRST)


@pytest.mark.parametrize("cursor", ["yesterday", "2026-05-04~", ":", "a:b:c", "'; --"])
def test_an_unsigned_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(InvalidCursor):
        page_of_steps(cursor)


def test_mapping_a_page_keeps_its_cursor(five_steps: list[Step]) -> None:
    page = page_of_steps(None)
    assert page.map(lambda step: step.text) == Page([step.text for step in page.items], page.next_cursor)
