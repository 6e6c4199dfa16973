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
    """Make a pool from words such as "a a b": a tells two stories, b one."""
    stories = [
        story_facts(kind, teller, number)
        for kind, tellers in ((RoleModelKind.COPING, coping), (RoleModelKind.MASTERY, mastery))
        for number, teller in enumerate(tellers.split())
    ]
    return pool_of_all_eligible(stories)


def pool_of_all_eligible(stories: Iterable[StoryFacts]) -> EligiblePool:
    crowd = StoryTable.from_stories(stories)
    return build_eligible_pool(crowd, np.ones(len(crowd), dtype=np.bool_))


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
def test_every_story_is_drawn_as_often_as_its_chance_says(name: str, size: int) -> None:
    rng = np.random.default_rng(3)
    people = POOLS[name]
    shape = choose_slate_shape(people, size=size)
    expected = {place: draw_probability(people, shape, place) for place in range(len(people.story_table))}
    seen = Counter(place for _ in range(DRAWS) for place in draw_slate(people, shape, rng=rng))
    assert set(seen) <= set(expected)
    for place, likely in expected.items():
        # Five standard errors: wrong by luck about once in two million figures.
        allowed = 5 * (max(likely * (1 - likely), 1e-12) / DRAWS) ** 0.5
        assert seen[place] / DRAWS == pytest.approx(likely, abs=allowed), people.story_table.keys[place]


@pytest.mark.parametrize("name", POOLS)
def test_every_draw_has_three_voices_and_puts_coping_first(name: str) -> None:
    rng = np.random.default_rng(4)
    people = POOLS[name]
    shape = choose_slate_shape(people, size=4)
    for _ in range(300):
        drawn = draw_slate(people, shape, rng=rng)
        tellers = people.story_table.teller_index[drawn].tolist()
        assert len(set(tellers)) == len(tellers) >= 3
        copes = people.story_table.is_coping[drawn].tolist()
        assert copes == sorted(copes, reverse=True)
        assert len(drawn) <= 4


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
def test_there_is_one_how_to_unless_too_few_cope(coping: str, mastery: str, shape: SlateShape) -> None:
    assert choose_slate_shape(build_pool_from_letters(coping, mastery), size=4) == shape


def test_the_order_in_which_stories_come_does_not_change_the_draw() -> None:
    stories = [
        story_facts(RoleModelKind.COPING, teller, number) for teller in "abcdefgh" for number in range(3)
    ]
    forth, back = pool_of_all_eligible(stories), pool_of_all_eligible(reversed(stories))
    shape = choose_slate_shape(forth, size=4)
    one = draw_slate(forth, shape, rng=np.random.default_rng(9))
    assert one == draw_slate(back, shape, rng=np.random.default_rng(9))
