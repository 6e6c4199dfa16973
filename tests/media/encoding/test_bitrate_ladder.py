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
def test_ladder_descends_from_the_recordings_own_size(
    width: int, height: int, sizes: list[tuple[int, int]]
) -> None:
    assert [(spec.width, spec.height) for spec in build_bitrate_ladder(width, height)] == sizes


def test_no_rendition_is_larger_than_the_recording_and_all_sides_are_even() -> None:
    for width, height in [(321, 241), (719, 1283), (2, 2), (3, 2000), (4096, 2025), (1, 1000), (853, 479)]:
        for spec in build_bitrate_ladder(width, height):
            assert spec.width % 2 == spec.height % 2 == 0
            assert spec.width <= max(2, width)
            assert spec.height <= max(2, height)


def test_4k_recording_is_limited_to_1080_lines() -> None:
    assert build_bitrate_ladder(3840, 2160)[0].name == "v1080"


def test_rendition_close_to_the_next_larger_one_is_skipped() -> None:
    assert [spec.name for spec in build_bitrate_ladder(890, 500)] == ["v500", "v240"]


def test_rendition_names_are_unique() -> None:
    for short_side in range(2, 1100):
        names = [spec.name for spec in build_bitrate_ladder(2 * short_side, short_side)]
        assert len(set(names)) == len(names)


def test_peak_bit_rate_increases_with_size() -> None:
    peak_kbps = [spec.ceiling_kbps for spec in build_bitrate_ladder(1920, 1080)]
    assert peak_kbps == sorted(peak_kbps, reverse=True)
    assert build_bitrate_ladder(640, 360)[0].ceiling_kbps == 1200


@pytest.mark.parametrize(
    ("measured", "output_rate"),
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
def test_output_frame_rate_is_the_nearest_standard_rate_up_to_30(
    measured: Fraction | None, output_rate: Fraction
) -> None:
    assert output_frame_rate(measured) == output_rate


def test_segment_is_at_least_as_long_as_its_nominal_length() -> None:
    for rate in (Fraction(24000, 1001), Fraction(24), Fraction(25), Fraction(30000, 1001), Fraction(13)):
        assert 4 <= frames_per_segment(rate) / rate < Fraction(41, 10)
