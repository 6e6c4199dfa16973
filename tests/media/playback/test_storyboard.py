from fractions import Fraction

import pytest

from media.playback.storyboard import Storyboard, plan_storyboard, thumbnail_frame_interval

RATE = Fraction(30)


@pytest.mark.parametrize(
    ("seconds", "count", "every_ms"),
    [(0.2, 1, 1000), (1.0, 1, 1000), (9.5, 10, 1000), (60, 60, 1000), (1200, 100, 12_000)],
)
def test_a_picture_stands_for_a_second_until_there_would_be_too_many(
    seconds: float, count: int, every_ms: int
) -> None:
    board = plan_storyboard(1280, 720, seconds=seconds, rate=RATE)
    assert (board.count, board.every_ms) == (count, every_ms)
    assert board.rows * board.columns >= board.count


@pytest.mark.parametrize(
    ("size", "small"),
    [((1920, 1080), (160, 90)), ((1080, 1920), (90, 160)), ((100, 60), (100, 60)), ((2, 2000), (2, 160))],
)
def test_pictures_keep_their_shape_and_are_never_larger_than_the_film(
    size: tuple[int, int], small: tuple[int, int]
) -> None:
    board = plan_storyboard(*size, seconds=5, rate=RATE)
    assert (board.width, board.height) == small


def test_odd_rates_still_leave_whole_frames_between_two_pictures() -> None:
    rate = Fraction(30000, 1001)
    assert thumbnail_frame_interval(10, rate=rate) == 30
    assert plan_storyboard(320, 240, seconds=10, rate=rate).every_ms == 1001


def test_the_index_says_which_part_of_the_sheet_belongs_to_which_second() -> None:
    board = Storyboard(every_ms=4000, count=3, columns=2, width=160, height=90)
    assert board.webvtt(9.5) == (
        "WEBVTT\n"
        "\n00:00:00.000 --> 00:00:04.000\nstoryboard.jpg#xywh=0,0,160,90\n"
        "\n00:00:04.000 --> 00:00:08.000\nstoryboard.jpg#xywh=160,0,160,90\n"
        "\n00:00:08.000 --> 00:00:09.500\nstoryboard.jpg#xywh=0,90,160,90\n"
    )


def test_the_last_picture_stands_for_whatever_is_left_and_none_for_what_is_not_there() -> None:
    board = Storyboard(every_ms=4000, count=2, columns=2, width=160, height=90)
    assert "00:00:04.000 --> 00:00:11.000" in board.webvtt(11)
    assert "00:00:04.000" not in board.webvtt(3.5).replace("--> 00:00:04.000", "")
