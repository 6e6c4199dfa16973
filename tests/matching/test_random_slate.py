from collections import Counter
from collections.abc import Iterable

import numpy as np
import pytest

from matching.random_slate import (
    EligiblePool,
    SlateShape,
    build_eligible_pool,
    choose_slate_shape,
    draw_probability,
    draw_slate,
)
from matching.records import RoleModelKind, StoryFacts, StoryOutcome
from matching.story_table import StoryTable

DRAWS = 8_000


def story_facts(kind: RoleModelKind, teller: str, number: int = 1) -> StoryFacts:
    return StoryFacts(
        key=f"{teller}-{kind}-{number}",
        teller=teller,
        challenge="talk",
        start_rung=1,
        end_rung=2,
        model_kind=kind,
        outcome=StoryOutcome.REACHED,
        language="en",
    )


def build_pool_from_letters(coping: str, mastery: str) -> EligiblePool:
    """Build a pool from a string such as "a a b": a tells two stories, b one."""
    stories = [
        story_facts(kind, teller, number)
        for kind, tellers in ((RoleModelKind.COPING, coping), (RoleModelKind.MASTERY, mastery))
        for number, teller in enumerate(tellers.split())
    ]
    return pool_of_all_eligible(stories)


def pool_of_all_eligible(stories: Iterable[StoryFacts]) -> EligiblePool:
    story_table = StoryTable.from_stories(stories)
    return build_eligible_pool(story_table, np.ones(len(story_table), dtype=np.bool_))


POOLS = {
    "plenty of both": build_pool_from_letters("a b c d e f g", "h i j"),
    "several stories by one teller": build_pool_from_letters("a a a b c c d", "h h i"),
    "tellers of both kinds": build_pool_from_letters("a b c d e", "a b h"),
    "every mastery teller also copes": build_pool_from_letters("a b c d e", "a b"),
    "one how-to by someone who copes": build_pool_from_letters("a b c", "a"),
    "no how-to": build_pool_from_letters("a b c d e f", ""),
    "two who cope": build_pool_from_letters("a b", "a c d"),
    "one who copes": build_pool_from_letters("a", "a b c d"),
    "nobody who copes": build_pool_from_letters("", "a a b c d"),
    "just enough": build_pool_from_letters("a b", "c"),
}


@pytest.mark.parametrize("size", [4, 6])
@pytest.mark.parametrize("name", POOLS)
def test_stories_are_drawn_as_often_as_their_probability(name: str, size: int) -> None:
    rng = np.random.default_rng(3)
    pool = POOLS[name]
    shape = choose_slate_shape(pool, size=size)
    expected = {row: draw_probability(pool, shape, row) for row in range(len(pool.story_table))}
    counts = Counter(row for _ in range(DRAWS) for row in draw_slate(pool, shape, rng=rng))
    assert set(counts) <= set(expected)
    for row, probability in expected.items():
        # Five standard errors: wrong by luck about once in two million figures.
        allowed = 5 * (max(probability * (1 - probability), 1e-12) / DRAWS) ** 0.5
        assert counts[row] / DRAWS == pytest.approx(probability, abs=allowed), pool.story_table.keys[row]


@pytest.mark.parametrize("name", POOLS)
def test_every_draw_has_three_tellers_and_coping_first(name: str) -> None:
    rng = np.random.default_rng(4)
    pool = POOLS[name]
    shape = choose_slate_shape(pool, size=4)
    for _ in range(300):
        rows = draw_slate(pool, shape, rng=rng)
        tellers = pool.story_table.teller_index[rows].tolist()
        assert len(set(tellers)) == len(tellers) >= 3
        is_coping = pool.story_table.is_coping[rows].tolist()
        assert is_coping == sorted(is_coping, reverse=True)
        assert len(rows) <= 4


@pytest.mark.parametrize(
    ("coping", "mastery", "shape"),
    [
        ("a b c d e", "h i", SlateShape(3, 1)),
        ("a b c d e", "", SlateShape(4, 0)),
        ("a b c", "h", SlateShape(3, 1)),
        ("a b", "h i j", SlateShape(2, 1)),
        ("a", "h i j", SlateShape(1, 2)),
        ("", "h i j k", SlateShape(0, 3)),
    ],
)
def test_there_is_one_mastery_story_unless_coping_tellers_are_too_few(
    coping: str, mastery: str, shape: SlateShape
) -> None:
    assert choose_slate_shape(build_pool_from_letters(coping, mastery), size=4) == shape


def test_the_order_of_stories_does_not_change_the_draw() -> None:
    stories = [
        story_facts(RoleModelKind.COPING, teller, number) for teller in "abcdefgh" for number in range(3)
    ]
    pool, reversed_pool = pool_of_all_eligible(stories), pool_of_all_eligible(reversed(stories))
    shape = choose_slate_shape(pool, size=4)
    rows = draw_slate(pool, shape, rng=np.random.default_rng(9))
    assert rows == draw_slate(reversed_pool, shape, rng=np.random.default_rng(9))
