from fractions import Fraction
from pathlib import Path

import pytest

from media import ffmpeg
from media.ffmpeg import Picture, Progress, Sound, Tracks
from media.ladder import ladder

SOURCE, OUT = Path("/somewhere/source"), Path("/somewhere/out")
PICTURE = Picture(rungs=tuple(ladder(1280, 720)), rate=Fraction(30), tone_map=False, poster_at=1.0)


def words_of(tracks: Tracks, picture: Picture | None, sound: Sound | None) -> list[str]:
    return [str(word) for word in ffmpeg.encoding(SOURCE, tracks, picture=picture, sound=sound, out=OUT)]


@pytest.mark.parametrize("strict", [True, False])
def test_every_command_shuts_the_doors_before_it_opens_the_file(*, strict: bool) -> None:
    decoding = [str(word) for word in ffmpeg.decoding(SOURCE, Tracks(0, 1), strict=strict, at_most=10)]
    for words in (decoding, words_of(Tracks(0, 1), PICTURE, Sound(0.0))):
        opened = words.index("-i")
        for door in (
            "-nostdin",
            "-protocol_whitelist",
            "-format_whitelist",
            "-codec_whitelist",
            "-max_pixels",
        ):
            assert words.index(door) < opened
        assert words.count("-i") == 1
        assert words[opened + 1] == str(SOURCE)


def test_only_files_may_be_opened_and_nothing_that_names_other_files() -> None:
    words = list(ffmpeg.OPENING)
    assert words[words.index("-protocol_whitelist") + 1] == "file"
    formats = words[words.index("-format_whitelist") + 1].split(",")
    assert {"hls", "dash", "concat", "image2", "applehttp"}.isdisjoint(formats)


def test_only_strict_decoding_stops_at_the_first_fault() -> None:
    assert "-xerror" in ffmpeg.decoding(SOURCE, Tracks(0, 1), strict=True, at_most=10)
    assert "-xerror" not in ffmpeg.decoding(SOURCE, Tracks(0, 1), strict=False, at_most=10)


def test_the_picture_is_decoded_once_for_all_sizes() -> None:
    words = words_of(Tracks(0, 1), PICTURE, Sound(0.0))
    graph = words[words.index("-filter_complex") + 1]
    assert graph.count("[0:0]") == 1
    assert graph.count("scale=1280:720") == graph.count("scale=854:480") == graph.count("scale=426:240") == 1


def test_every_output_drops_what_the_original_says_about_itself() -> None:
    words = words_of(Tracks(0, 1), PICTURE, Sound(0.0))
    assert words.count("-map") == words.count("-map_metadata") == words.count("-map_chapters") == 5


def test_sound_alone_gets_a_drawing_of_itself_as_poster() -> None:
    words = words_of(Tracks(None, 0), None, Sound(3.0))
    graph = words[words.index("-filter_complex") + 1]
    assert "showwavespic" in graph
    assert "volume=3.00dB" in graph
    assert words.count("-map") == 2


def test_one_voice_stays_one_channel_and_the_rest_becomes_two() -> None:
    for mono, channels, rate in ((True, "1", "80k"), (False, "2", "128k")):
        words = words_of(Tracks(None, 0), None, Sound(0.0, mono=mono))
        assert (words[words.index("-ac") + 1], words[words.index("-b:a") + 1]) == (channels, rate)


def test_the_last_picture_is_held_where_the_words_go_on() -> None:
    held = Picture(PICTURE.rungs, Fraction(30), tone_map=False, poster_at=1.0, hold_last_seconds=3.5)
    graph = words_of(Tracks(0, 1), held, Sound(0.0))
    assert "tpad=stop_mode=clone:stop_duration=3.500" in graph[graph.index("-filter_complex") + 1]


@pytest.mark.parametrize(
    ("loudness", "gain"),
    [(-18.0, 0.0), (-30.0, 12.0), (-6.0, -12.0), (-55.0, 20.0), (-70.0, 0.0), (None, 0.0)],
)
def test_quiet_and_loud_recordings_come_out_alike_and_silence_stays_silent(
    loudness: float | None, gain: float
) -> None:
    assert ffmpeg.gain_for(loudness) == gain


def test_the_last_loudness_that_was_summed_up_counts() -> None:
    said = "    I:         -70.0 LUFS\n  Integrated loudness:\n    I:         -23.4 LUFS\n    Threshold: -33.6 LUFS\n"
    assert ffmpeg.loudness_in(said) == -23.4
    assert ffmpeg.loudness_in("nothing of the kind") is None


def test_progress_is_the_furthest_time_reached() -> None:
    heard: list[float] = []
    progress = Progress(heard.append)
    for line in ("frame=3", "out_time_us=N/A", "out_time_us=1500000", "out_time_us=-5", "progress=continue"):
        progress(line)
    assert progress.seconds == 1.5
    assert heard == [1.5, 1.5]
    assert not progress.ended
    progress("progress=end")
    assert progress.ended
