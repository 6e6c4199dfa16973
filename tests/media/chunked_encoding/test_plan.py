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


@settings(deadline=None)  # a slow machine must not fail the test
@given(
    seconds=some.floats(0.1, 1300),
    rate=some.sampled_from(STANDARD_FRAME_RATES),
    max_chunk_seconds=some.floats(0.5, 600),
)
def test_chunks_cover_the_recording_without_gap_or_overlap(
    seconds: float, rate: Fraction, max_chunk_seconds: float
) -> None:
    chunks = plan_chunks(seconds=seconds, rate=rate, max_chunk_seconds=max_chunk_seconds)
    segment = frame = 0
    for chunk in chunks:
        assert (chunk.first_segment, chunk.first_frame) == (segment, frame)
        assert chunk.segment_count > 0
        assert chunk.frame_count > 0
        segment, frame = segment + chunk.segment_count, frame + chunk.frame_count
    assert frame == max(1, round(seconds * rate))


def test_twenty_minutes_are_divided_into_ten_equal_chunks() -> None:
    chunks = plan_chunks(seconds=1200, rate=Fraction(30), max_chunk_seconds=120)
    assert [chunk.segment_count for chunk in chunks] == [30] * 10


@pytest.mark.parametrize(
    ("changes", "can_chunk"),
    [
        ({}, True),
        ({"renditions": VIDEO_PLAN.renditions[1:]}, False),  # there are no higher renditions
        ({"cuts": (0.0, 5.0), "copies_top": True}, False),  # segment starts follow the original keyframes
        ({"hold_last_seconds": 40.0}, False),  # the last chunks would have no source frames
    ],
)
def test_only_plans_with_fixed_segments_and_continuous_video_are_chunked(
    changes: dict[str, object], *, can_chunk: bool
) -> None:
    video_plan = VideoPlan(**{**VIDEO_PLAN.__dict__, **changes})
    assert can_encode_in_chunks(video_plan, seconds=300, min_seconds=240) is can_chunk


@pytest.mark.parametrize(("seconds", "min_seconds"), [(239, 240), (1200, 0)])
def test_short_recordings_and_disabled_chunking_are_not_chunked(seconds: float, min_seconds: int) -> None:
    assert not can_encode_in_chunks(VIDEO_PLAN, seconds=seconds, min_seconds=min_seconds)
    assert not can_encode_in_chunks(None, seconds=300, min_seconds=240)


def test_video_plan_survives_a_json_round_trip() -> None:
    assert video_plan_from_json(VIDEO_PLAN.as_json()) == VIDEO_PLAN


def test_renamed_video_plan_fields_keep_their_stored_keys() -> None:
    stored = VIDEO_PLAN.as_json()
    assert [rendition["name"] for rendition in stored["rungs"]] == ["v480", "v240"]
    assert stored["frames_apart"] == 30
    assert {"renditions", "thumbnail_frame_interval"}.isdisjoint(stored)
