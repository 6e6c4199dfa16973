from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from media.ladder import USUAL_RATES, Rung
from media.planning import Picture, picture_from_json
from media.spans import may_be_parted, spans
from media.storyboard import Storyboard

PICTURE = Picture(
    rungs=(Rung("v480", 854, 480, 1200), Rung("v240", 426, 240, 400)),
    rate=Fraction(30000, 1001),
    posters_at=(3.0, 10.0),
    storyboard=Storyboard(1000, 20, 10, 160, 90),
    frames_apart=30,
)


@settings(deadline=None)  # a busy machine is no failure
@given(seconds=some.floats(0.1, 1300), rate=some.sampled_from(USUAL_RATES), longest=some.floats(0.5, 600))
def test_the_parts_follow_each_other_without_gap_and_are_all_there_is(
    seconds: float, rate: Fraction, longest: float
) -> None:
    parts = spans(seconds=seconds, rate=rate, longest=longest)
    piece = frame = 0
    for part in parts:
        assert (part.first, part.first_frame) == (piece, frame)
        assert part.pieces > 0
        assert part.frames > 0
        piece, frame = piece + part.pieces, frame + part.frames
    assert frame == max(1, round(seconds * rate))


def test_a_story_of_twenty_minutes_keeps_ten_workers_busy_alike() -> None:
    parts = spans(seconds=1200, rate=Fraction(30), longest=120)
    assert [part.pieces for part in parts] == [30] * 10


@pytest.mark.parametrize(
    ("change", "may"),
    [
        ({}, True),
        ({"rungs": PICTURE.rungs[1:]}, False),  # nothing but the smallest size is wanted
        ({"cuts": (0.0, 5.0), "copies_top": True}, False),  # pieces begin where the recording has them
        ({"hold_last_seconds": 40.0}, False),  # towards the end there is nothing to begin with
    ],
)
def test_only_what_can_be_cut_anywhere_is_parted(change: dict[str, object], *, may: bool) -> None:
    picture = Picture(**{**PICTURE.__dict__, **change})
    assert may_be_parted(picture, seconds=300, from_seconds=240) is may


@pytest.mark.parametrize(("seconds", "from_seconds"), [(239, 240), (1200, 0)])
def test_what_is_short_or_not_to_be_parted_is_not(seconds: float, from_seconds: int) -> None:
    assert not may_be_parted(PICTURE, seconds=seconds, from_seconds=from_seconds)
    assert not may_be_parted(None, seconds=300, from_seconds=240)


def test_a_plan_survives_being_written_down() -> None:
    assert picture_from_json(PICTURE.as_json()) == PICTURE
