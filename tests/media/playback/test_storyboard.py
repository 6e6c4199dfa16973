from fractions import Fraction

import pytest

from media.playback.storyboard import Storyboard, plan_storyboard, thumbnail_frame_interval

RATE = Fraction(30)


@pytest.mark.parametrize(
    ("seconds", "count", "every_ms"),
    [(0.2, 1, 1000), (1.0, 1, 1000), (9.5, 10, 1000), (60, 60, 1000), (1200, 100, 12_000)],
)
def test_thumbnails_are_a_second_apart_up_to_the_maximum_count(
    seconds: float, count: int, every_ms: int
) -> None:
    storyboard = plan_storyboard(1280, 720, seconds=seconds, rate=RATE)
    assert (storyboard.count, storyboard.every_ms) == (count, every_ms)
    assert storyboard.rows * storyboard.columns >= storyboard.count


@pytest.mark.parametrize(
    ("size", "thumbnail"),
    [((1920, 1080), (160, 90)), ((1080, 1920), (90, 160)), ((100, 60), (100, 60)), ((2, 2000), (2, 160))],
)
def test_thumbnails_keep_the_aspect_ratio_and_are_never_enlarged(
    size: tuple[int, int], thumbnail: tuple[int, int]
) -> None:
    storyboard = plan_storyboard(*size, seconds=5, rate=RATE)
    assert (storyboard.width, storyboard.height) == thumbnail


def test_thumbnail_interval_is_a_whole_number_of_frames() -> None:
    rate = Fraction(30000, 1001)
    assert thumbnail_frame_interval(10, rate=rate) == 30
    assert plan_storyboard(320, 240, seconds=10, rate=rate).every_ms == 1001


def test_webvtt_maps_seconds_to_sprite_regions() -> None:
    storyboard = Storyboard(every_ms=4000, count=3, columns=2, width=160, height=90)
    assert storyboard.webvtt(9.5) == (
        "WEBVTT\n"
        "\n00:00:00.000 --> 00:00:04.000\nstoryboard.jpg#xywh=0,0,160,90\n"
        "\n00:00:04.000 --> 00:00:08.000\nstoryboard.jpg#xywh=160,0,160,90\n"
        "\n00:00:08.000 --> 00:00:09.500\nstoryboard.jpg#xywh=0,90,160,90\n"
    )


def test_last_thumbnail_covers_the_remaining_seconds() -> None:
    storyboard = Storyboard(every_ms=4000, count=2, columns=2, width=160, height=90)
    assert "00:00:04.000 --> 00:00:11.000" in storyboard.webvtt(11)
    assert "00:00:04.000" not in storyboard.webvtt(3.5).replace("--> 00:00:04.000", "")
