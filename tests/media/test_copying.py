from dataclasses import replace
from fractions import Fraction

import pytest

from media.copying import Groups, cuts
from media.ladder import Rung

RATE = Fraction(25)
FRAME = 0.04
RUNG = Rung("v480", 854, 480, 1200)
# Ten seconds with a keyframe every second, at 800 kbit/s.
SECONDLY = Groups(tuple(float(n) for n in range(10)), (100_000,) * 10, FRAME, FRAME, 10.0)


def cut(groups: Groups, *, size: tuple[int, int] = (854, 480)) -> tuple[float, ...] | None:
    return cuts(groups, size=size, rung=RUNG, rate=RATE)


def test_a_stream_with_keyframes_at_the_usual_distance_is_cut_like_our_own() -> None:
    assert cut(SECONDLY) == (0.0, 4.0, 8.0)


def test_pieces_begin_at_the_first_keyframe_from_every_fourth_second_on() -> None:
    starts = (0.0, 3.0, 6.0, 9.0, 12.0, 15.0)
    assert cut(replace(SECONDLY, starts=starts, sizes=(100_000,) * 6, seconds=17.0)) == (0.0, 6.0, 9.0, 12.0)


@pytest.mark.parametrize(
    "why",
    [
        {"starts": (0.0, 9.0), "sizes": (1000, 1000)},  # a piece that long keeps a player waiting
        {"starts": (0.0, 7.5, 8.2), "sizes": (1000, 1000, 1000)},  # and one that short asks for nothing
        {"shortest_frame": FRAME / 2},  # the rate changes on the way
        {"longest_frame": 3 * FRAME},
        {"sizes": (100_000,) * 4 + (160_000,) * 4 + (100_000,) * 2},  # more than the line is said to carry
    ],
    ids=["too long", "too short", "faster", "slower", "too heavy"],
)
def test_a_stream_that_does_not_fit_is_encoded(why: dict[str, object]) -> None:
    assert cut(replace(SECONDLY, **why)) is None  # type: ignore[arg-type] # each is one field of Groups


def test_a_stream_in_another_size_is_encoded() -> None:
    assert cut(SECONDLY, size=(852, 480)) is None
