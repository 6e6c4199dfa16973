from fractions import Fraction
from pathlib import Path

import pytest

from media import ffmpeg
from media.encoding.loudness import loudness_args
from media.ffmpeg import FFmpegProgressParser

SOURCE = Path("/somewhere/source")


@pytest.mark.parametrize(
    "words", [ffmpeg.input_args(SOURCE, max_seconds=10), loudness_args(SOURCE, 1, max_seconds=10)]
)
def test_every_command_shuts_the_doors_before_it_opens_the_file(words: list[object]) -> None:
    opened = words.index("-i")
    doors = ("-nostdin", "-protocol_whitelist", "-format_whitelist", "-codec_whitelist", "-max_pixels", "-t")
    for door in doors:
        assert words.index(door) < opened
    assert words.count("-i") == 1
    assert words[opened + 1] == SOURCE


def test_only_files_may_be_opened_and_nothing_that_names_other_files() -> None:
    words = list(ffmpeg.SAFE_INPUT_ARGS)
    assert words[words.index("-protocol_whitelist") + 1] == "file"
    formats = words[words.index("-format_whitelist") + 1].split(",")
    assert {"hls", "dash", "concat", "image2", "applehttp"}.isdisjoint(formats)


def feed_lines(progress: FFmpegProgressParser, *lines: str) -> None:
    for line in lines:
        progress(line)


def test_progress_of_sound_is_the_time_that_is_told() -> None:
    heard: list[float] = []
    feed_lines(
        FFmpegProgressParser(heard.append),
        "frame=3",
        "out_time_us=N/A",
        "out_time_us=1500000",
        "out_time_us=-5",
    )
    assert heard == [1.5]


def test_progress_of_a_picture_is_counted_in_frames() -> None:
    heard: list[float] = []
    feed_lines(
        FFmpegProgressParser(heard.append, rate=Fraction(25)), "frame=50", "out_time_us=N/A", "out_time_us=9"
    )
    assert heard == [2.0]


def test_only_the_last_report_says_that_it_ended() -> None:
    heard: list[float] = []
    progress = FFmpegProgressParser(heard.append)
    feed_lines(progress, "progress=continue")
    assert not progress.has_ended
    feed_lines(progress, "progress=end")
    assert progress.has_ended


@pytest.mark.parametrize(
    "said",
    [
        "[in#0/matroska,webm @ 0x55ee00f56080] [error] File ended prematurely",
        "[hls @ 0x1] [info] x\n[in#0/mov,mp4,m4a,3gp,3g2,mj2 @ 0x2] [fatal] y\n",
        "[matroska,webm @ 0x5570fb942080] [error] 0x00 at pos 21934 (0x55ae) invalid as first byte of an EBML number",
    ],
)
def test_a_reader_that_goes_on_behind_something_senseless_has_stumbled(said: str) -> None:
    assert ffmpeg.has_demuxer_errors(said)


@pytest.mark.parametrize(
    "said", ["", "[in#0/matroska,webm @ 0x5] [warning] x", "[hls @ 0x1] [error] in#0 said [error]"]
)
def test_what_others_say_is_no_stumble(said: str) -> None:
    assert not ffmpeg.has_demuxer_errors(said)
