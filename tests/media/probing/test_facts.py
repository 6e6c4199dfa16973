from fractions import Fraction
from typing import Any

import pytest

from media.probing import facts
from media.probing.facts import UnreadableFile, parse_probe_report

AUDIO_STREAM = {
    "index": 1,
    "type": "audio",
    "codec": "aac",
    "cover_art": False,
    "encrypted": False,
    "seconds": 3.0,
    "channels": 1,
}
VIDEO_STREAM = {
    "index": 0,
    "type": "video",
    "codec": "h264",
    "cover_art": False,
    "encrypted": False,
    "seconds": 3.0,
    "width": 1280,
    "height": 720,
    "sar": [1, 1],
    "rate": [30, 1],
    "transfer": 1,
}


def probe_report(*streams: dict[str, Any], **facts: Any) -> dict[str, Any]:
    count = 1 + max((stream["index"] for stream in streams), default=0)
    made = {
        "seconds": 3.0,
        "first_frame": None,
        "stream_seconds": [3.0] * count,
        "packets": [90] * count,
        "encrypted": False,
    }
    return {**made, "streams": list(streams), **facts}


def test_a_picture_turned_by_a_quarter_is_taken_upright() -> None:
    seen = {"width": 1280, "height": 720, "rotation": -90, "transfer": 1}
    film = parse_probe_report(probe_report(VIDEO_STREAM, AUDIO_STREAM, first_frame=seen)).video
    assert film is not None
    assert (film.width, film.height) == (720, 1280)


def test_a_picture_turned_upside_down_keeps_its_sides() -> None:
    film = parse_probe_report(
        probe_report(VIDEO_STREAM, first_frame={"width": 1280, "height": 720, "rotation": 180, "transfer": 1})
    ).video
    assert film is not None
    assert (film.width, film.height) == (1280, 720)


def test_wide_pixels_are_made_square() -> None:
    film = parse_probe_report(
        probe_report({**VIDEO_STREAM, "width": 720, "height": 576, "sar": [64, 45]})
    ).video
    assert film is not None
    assert (film.width, film.height) == (1024, 576)


@pytest.mark.parametrize("sar", [[1, 1000], [1000, 1], None])
def test_absurd_pixel_shapes_are_ignored(sar: list[int] | None) -> None:
    film = parse_probe_report(probe_report({**VIDEO_STREAM, "sar": sar})).video
    assert film is not None
    assert film.width == 1280


def test_what_the_picture_itself_says_goes_before_the_header() -> None:
    film = parse_probe_report(
        probe_report(VIDEO_STREAM, first_frame={"width": 640, "height": 360, "rotation": 0, "transfer": 16})
    ).video
    assert film is not None
    assert (film.width, film.height, film.is_hdr) == (640, 360, True)


def test_the_first_sound_that_we_can_play_is_taken() -> None:
    found = parse_probe_report(probe_report({**AUDIO_STREAM, "index": 0, "codec": "ac3"}, AUDIO_STREAM))
    assert found.audio is not None
    assert found.audio.index == 1
    assert facts.rejection_reason(found) is None


def test_an_album_cover_is_no_film() -> None:
    found = parse_probe_report(probe_report({**VIDEO_STREAM, "cover_art": True}, AUDIO_STREAM))
    assert found.video is None
    assert facts.rejection_reason(found) is None


def test_a_frame_rate_that_is_none_is_none() -> None:
    film = parse_probe_report(probe_report({**VIDEO_STREAM, "rate": None})).video
    assert film is not None
    assert film.frame_rate is None


@pytest.mark.parametrize(
    ("found", "sentence"),
    [
        (probe_report({**VIDEO_STREAM, "encrypted": True}), facts.COPY_PROTECTED),
        (probe_report(VIDEO_STREAM, encrypted=True), facts.COPY_PROTECTED),
        (probe_report({**VIDEO_STREAM, "codec": "prores"}, AUDIO_STREAM), facts.UNSUPPORTED_VIDEO_CODEC),
        (probe_report(VIDEO_STREAM, {**AUDIO_STREAM, "codec": None}), facts.UNSUPPORTED_AUDIO_CODEC),
        (probe_report(), facts.NO_VIDEO_OR_AUDIO),
        (probe_report({**VIDEO_STREAM, "cover_art": True}), facts.STILL_IMAGE),
        (probe_report(VIDEO_STREAM, packets=[1, 0]), facts.STILL_IMAGE),
        (probe_report({**VIDEO_STREAM, "width": 4096, "height": 2160}), facts.TOO_MANY_PIXELS),
    ],
)
def test_each_refusal_says_what_is_wrong(found: dict[str, Any], sentence: str) -> None:
    assert facts.rejection_reason(parse_probe_report(found)) == sentence


def test_4k_is_not_too_large() -> None:
    assert (
        facts.rejection_reason(
            parse_probe_report(probe_report({**VIDEO_STREAM, "width": 2160, "height": 3840}))
        )
        is None
    )


@pytest.mark.parametrize(
    "found",
    [
        {},
        {"error": "InvalidDataError"},
        {"streams": 7},
        probe_report({"index": 0}),
        probe_report({**VIDEO_STREAM, "width": "wide"}),
        probe_report({**VIDEO_STREAM, "rate": [30, 0]}),
        probe_report({**VIDEO_STREAM, "index": 99}, stream_seconds=[1.0]),
    ],
)
def test_a_report_that_makes_no_sense_is_not_believed(found: dict[str, Any]) -> None:
    with pytest.raises(UnreadableFile):
        parse_probe_report(found)


@pytest.mark.parametrize(
    ("header", "decoded", "short"),
    [
        (None, 1.0, False),
        (60.0, 60.0, False),
        (60.0, 57.5, False),
        (60.0, 56.5, True),
        (10.0, 9.2, False),
        (10.0, 8.9, True),
        (10.0, 100.0, False),
    ],
)
def test_a_recording_is_short_when_a_second_and_a_twentieth_are_missing(
    header: float | None, decoded: float, *, short: bool
) -> None:
    assert facts.is_truncated(header, decoded) is short


@pytest.mark.parametrize("seconds", [None, 0, -3.0, 10_000_000.0])
def test_missing_and_absurd_header_durations_are_ignored(seconds: float | None) -> None:
    assert parse_probe_report(probe_report(VIDEO_STREAM, seconds=seconds)).header_seconds is None


def test_the_rate_is_kept_exactly() -> None:
    film = parse_probe_report(probe_report({**VIDEO_STREAM, "rate": [30000, 1001]})).video
    assert film is not None
    assert film.frame_rate == Fraction(30000, 1001)
