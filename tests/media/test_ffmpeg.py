from fractions import Fraction
from pathlib import Path

import pytest

from media import ffmpeg
from media.encoding.loudness import loudness_args
from media.ffmpeg import FFmpegProgressParser

SOURCE = Path("/somewhere/source")


@pytest.mark.parametrize(
    "args", [ffmpeg.input_args(SOURCE, max_seconds=10), loudness_args(SOURCE, 1, max_seconds=10)]
)
def test_safe_input_arguments_precede_the_only_input(args: list[object]) -> None:
    input_index = args.index("-i")
    required_options = (
        "-nostdin",
        "-protocol_whitelist",
        "-format_whitelist",
        "-codec_whitelist",
        "-max_pixels",
        "-t",
    )
    for option in required_options:
        assert args.index(option) < input_index
    assert args.count("-i") == 1
    assert args[input_index + 1] == SOURCE


def test_whitelists_exclude_network_protocols_and_formats_that_open_other_files() -> None:
    args = list(ffmpeg.SAFE_INPUT_ARGS)
    assert args[args.index("-protocol_whitelist") + 1] == "file"
    formats = args[args.index("-format_whitelist") + 1].split(",")
    assert {"hls", "dash", "concat", "image2", "applehttp"}.isdisjoint(formats)


def feed_lines(parser: FFmpegProgressParser, *lines: str) -> None:
    for line in lines:
        parser(line)


def test_audio_progress_uses_the_output_time() -> None:
    positions: list[float] = []
    feed_lines(
        FFmpegProgressParser(positions.append),
        "frame=3",
        "out_time_us=N/A",
        "out_time_us=1500000",
        "out_time_us=-5",
    )
    assert positions == [1.5]


def test_video_progress_counts_frames() -> None:
    positions: list[float] = []
    feed_lines(
        FFmpegProgressParser(positions.append, rate=Fraction(25)),
        "frame=50",
        "out_time_us=N/A",
        "out_time_us=9",
    )
    assert positions == [2.0]


def test_parser_has_ended_after_the_final_report_only() -> None:
    positions: list[float] = []
    parser = FFmpegProgressParser(positions.append)
    feed_lines(parser, "progress=continue")
    assert not parser.has_ended
    feed_lines(parser, "progress=end")
    assert parser.has_ended


@pytest.mark.parametrize(
    "stderr",
    [
        "[in#0/matroska,webm @ 0x55ee00f56080] [error] File ended prematurely",
        "[hls @ 0x1] [info] x\n[in#0/mov,mp4,m4a,3gp,3g2,mj2 @ 0x2] [fatal] y\n",
        "[matroska,webm @ 0x5570fb942080] [error] 0x00 at pos 21934 (0x55ae) invalid as first byte of an EBML number",
    ],
)
def test_demuxer_errors_are_detected(stderr: str) -> None:
    assert ffmpeg.has_demuxer_errors(stderr)


@pytest.mark.parametrize(
    "stderr", ["", "[in#0/matroska,webm @ 0x5] [warning] x", "[hls @ 0x1] [error] in#0 said [error]"]
)
def test_other_log_lines_are_not_demuxer_errors(stderr: str) -> None:
    assert not ffmpeg.has_demuxer_errors(stderr)
