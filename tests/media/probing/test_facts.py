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
    report = {
        "seconds": 3.0,
        "first_frame": None,
        "stream_seconds": [3.0] * count,
        "packets": [90] * count,
        "encrypted": False,
    }
    return {**report, "streams": list(streams), **facts}


def test_quarter_turn_swaps_width_and_height() -> None:
    frame = {"width": 1280, "height": 720, "rotation": -90, "transfer": 1}
    video = parse_probe_report(probe_report(VIDEO_STREAM, AUDIO_STREAM, first_frame=frame)).video
    assert video is not None
    assert (video.width, video.height) == (720, 1280)


def test_half_turn_keeps_width_and_height() -> None:
    video = parse_probe_report(
        probe_report(VIDEO_STREAM, first_frame={"width": 1280, "height": 720, "rotation": 180, "transfer": 1})
    ).video
    assert video is not None
    assert (video.width, video.height) == (1280, 720)


def test_display_width_uses_the_pixel_aspect_ratio() -> None:
    video = parse_probe_report(
        probe_report({**VIDEO_STREAM, "width": 720, "height": 576, "sar": [64, 45]})
    ).video
    assert video is not None
    assert (video.width, video.height) == (1024, 576)


@pytest.mark.parametrize("sar", [[1, 1000], [1000, 1], None])
def test_extreme_pixel_aspect_ratios_are_ignored(sar: list[int] | None) -> None:
    video = parse_probe_report(probe_report({**VIDEO_STREAM, "sar": sar})).video
    assert video is not None
    assert video.width == 1280


def test_first_frame_overrides_the_header() -> None:
    video = parse_probe_report(
        probe_report(VIDEO_STREAM, first_frame={"width": 640, "height": 360, "rotation": 0, "transfer": 16})
    ).video
    assert video is not None
    assert (video.width, video.height, video.is_hdr) == (640, 360, True)


def test_first_supported_audio_stream_is_selected() -> None:
    probe_result = parse_probe_report(
        probe_report({**AUDIO_STREAM, "index": 0, "codec": "ac3"}, AUDIO_STREAM)
    )
    assert probe_result.audio is not None
    assert probe_result.audio.index == 1
    assert facts.rejection_reason(probe_result) is None


def test_cover_art_is_not_a_video_stream() -> None:
    probe_result = parse_probe_report(probe_report({**VIDEO_STREAM, "cover_art": True}, AUDIO_STREAM))
    assert probe_result.video is None
    assert facts.rejection_reason(probe_result) is None


def test_missing_frame_rate_is_none() -> None:
    video = parse_probe_report(probe_report({**VIDEO_STREAM, "rate": None})).video
    assert video is not None
    assert video.frame_rate is None


@pytest.mark.parametrize(
    ("report", "sentence"),
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
def test_rejection_reason_names_the_problem(report: dict[str, Any], sentence: str) -> None:
    assert facts.rejection_reason(parse_probe_report(report)) == sentence


def test_4k_video_is_accepted() -> None:
    assert (
        facts.rejection_reason(
            parse_probe_report(probe_report({**VIDEO_STREAM, "width": 2160, "height": 3840}))
        )
        is None
    )


@pytest.mark.parametrize(
    "report",
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
def test_malformed_report_raises_unreadable_file(report: dict[str, Any]) -> None:
    with pytest.raises(UnreadableFile):
        parse_probe_report(report)


@pytest.mark.parametrize(
    ("header", "decoded", "is_truncated"),
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
def test_recording_is_truncated_if_over_a_second_and_five_percent_are_missing(
    header: float | None, decoded: float, *, is_truncated: bool
) -> None:
    assert facts.is_truncated(header, decoded) is is_truncated


@pytest.mark.parametrize("seconds", [None, 0, -3.0, 10_000_000.0])
def test_missing_and_implausible_header_durations_are_ignored(seconds: float | None) -> None:
    assert parse_probe_report(probe_report(VIDEO_STREAM, seconds=seconds)).header_seconds is None


def test_frame_rate_is_an_exact_fraction() -> None:
    video = parse_probe_report(probe_report({**VIDEO_STREAM, "rate": [30000, 1001]})).video
    assert video is not None
    assert video.frame_rate == Fraction(30000, 1001)
