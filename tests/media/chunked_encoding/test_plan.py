from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from media.chunked_encoding.plan import can_encode_in_chunks, plan_chunks
from media.encoding.bitrate_ladder import STANDARD_FRAME_RATES, RenditionSpec
from media.encoding.plan import VideoPlan, video_plan_from_json
from media.playback.storyboard import Storyboard

VIDEO_PLAN = VideoPlan(
    renditions=(RenditionSpec("v480", 854, 480, 1200), RenditionSpec("v240", 426, 240, 400)),
    rate=Fraction(30000, 1001),
    posters_at=(3.0, 10.0),
    storyboard=Storyboard(1000, 20, 10, 160, 90),
    thumbnail_frame_interval=30,
)


@settings(deadline=None)  # a busy machine is no failure
@given(
    seconds=some.floats(0.1, 1300),
    rate=some.sampled_from(STANDARD_FRAME_RATES),
    longest=some.floats(0.5, 600),
)
def test_the_parts_follow_each_other_without_gap_and_are_all_there_is(
    seconds: float, rate: Fraction, longest: float
) -> None:
    parts = plan_chunks(seconds=seconds, rate=rate, max_chunk_seconds=longest)
    piece = frame = 0
    for part in parts:
        assert (part.first_segment, part.first_frame) == (piece, frame)
        assert part.segment_count > 0
        assert part.frame_count > 0
        piece, frame = piece + part.segment_count, frame + part.frame_count
    assert frame == max(1, round(seconds * rate))


def test_a_story_of_twenty_minutes_keeps_ten_workers_busy_alike() -> None:
    parts = plan_chunks(seconds=1200, rate=Fraction(30), max_chunk_seconds=120)
    assert [part.segment_count for part in parts] == [30] * 10


@pytest.mark.parametrize(
    ("change", "may"),
    [
        ({}, True),
        ({"renditions": VIDEO_PLAN.renditions[1:]}, False),  # nothing but the smallest size is wanted
        ({"cuts": (0.0, 5.0), "copies_top": True}, False),  # pieces begin where the recording has them
        ({"hold_last_seconds": 40.0}, False),  # towards the end there is nothing to begin with
    ],
)
def test_only_what_can_be_cut_anywhere_is_parted(change: dict[str, object], *, may: bool) -> None:
    picture = VideoPlan(**{**VIDEO_PLAN.__dict__, **change})
    assert can_encode_in_chunks(picture, seconds=300, min_seconds=240) is may


@pytest.mark.parametrize(("seconds", "from_seconds"), [(239, 240), (1200, 0)])
def test_what_is_short_or_not_to_be_parted_is_not(seconds: float, from_seconds: int) -> None:
    assert not can_encode_in_chunks(VIDEO_PLAN, seconds=seconds, min_seconds=from_seconds)
    assert not can_encode_in_chunks(None, seconds=300, min_seconds=240)


def test_a_plan_survives_being_written_down() -> None:
    assert video_plan_from_json(VIDEO_PLAN.as_json()) == VIDEO_PLAN
