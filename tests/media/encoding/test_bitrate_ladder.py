from fractions import Fraction

import pytest

from media.encoding.bitrate_ladder import build_bitrate_ladder, frames_per_segment, output_frame_rate


@pytest.mark.parametrize(
    ("width", "height", "sizes"),
    [
        (1920, 1080, [(1920, 1080), (1280, 720), (854, 480), (426, 240)]),
        (1280, 720, [(1280, 720), (854, 480), (426, 240)]),
        (640, 360, [(640, 360), (426, 240)]),
        (1080, 1920, [(1080, 1920), (720, 1280), (480, 854), (240, 426)]),
        (160, 120, [(160, 120)]),
    ],
)
def test_rungs_go_down_from_the_recordings_own_size(
    width: int, height: int, sizes: list[tuple[int, int]]
) -> None:
    assert [(rung.width, rung.height) for rung in build_bitrate_ladder(width, height)] == sizes


def test_nothing_is_larger_than_the_recording_and_every_side_is_even() -> None:
    for width, height in [(321, 241), (719, 1283), (2, 2), (3, 2000), (4096, 2025), (1, 1000), (853, 479)]:
        for rung in build_bitrate_ladder(width, height):
            assert rung.width % 2 == rung.height % 2 == 0
            assert rung.width <= max(2, width)
            assert rung.height <= max(2, height)


def test_4k_comes_out_at_1080_lines_at_most() -> None:
    assert build_bitrate_ladder(3840, 2160)[0].name == "v1080"


def test_a_rung_close_to_the_one_above_is_left_out() -> None:
    assert [rung.name for rung in build_bitrate_ladder(890, 500)] == ["v500", "v240"]


def test_names_of_rungs_are_unique() -> None:
    for short in range(2, 1100):
        names = [rung.name for rung in build_bitrate_ladder(2 * short, short)]
        assert len(set(names)) == len(names)


def test_larger_rungs_may_carry_more() -> None:
    ceilings = [rung.ceiling_kbps for rung in build_bitrate_ladder(1920, 1080)]
    assert ceilings == sorted(ceilings, reverse=True)
    assert build_bitrate_ladder(640, 360)[0].ceiling_kbps == 1200


@pytest.mark.parametrize(
    ("measured", "given"),
    [
        (Fraction(30), Fraction(30)),
        (Fraction(30000, 1001), Fraction(30000, 1001)),
        (Fraction(24000, 1001), Fraction(24000, 1001)),
        (Fraction(60), Fraction(30)),
        (Fraction(60000, 1001), Fraction(30000, 1001)),
        (Fraction(50), Fraction(25)),
        (Fraction(120), Fraction(30)),
        (Fraction(29833, 1000), Fraction(30000, 1001)),
        (Fraction(15), Fraction(15)),
        (Fraction(1000), Fraction(30)),
        (Fraction(1), Fraction(30)),
        (None, Fraction(30)),
    ],
)
def test_the_frame_rate_is_the_recordings_own_or_half_of_it(
    measured: Fraction | None, given: Fraction
) -> None:
    assert output_frame_rate(measured) == given


def test_a_segment_is_never_shorter_than_its_nominal_length() -> None:
    for rate in (Fraction(24000, 1001), Fraction(24), Fraction(25), Fraction(30000, 1001), Fraction(13)):
        assert 4 <= frames_per_segment(rate) / rate < Fraction(41, 10)
