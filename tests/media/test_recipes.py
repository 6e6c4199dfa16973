from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from media import recipes
from media.ffmpeg import Tracks
from media.ladder import ladder
from media.planning import Picture, Plan, Sound
from media.storyboard import lay_out

SOURCE, OUT = Path("/somewhere/source"), Path("/somewhere/out")
RATE = Fraction(30)
PICTURE = Picture(
    rungs=tuple(ladder(1280, 720)),
    rate=RATE,
    posters_at=(1.0, 5.0, 7.5),
    storyboard=lay_out(1280, 720, seconds=10, rate=RATE),
    frames_apart=30,
)
BOTH = Tracks(0, 1)


def first(picture: Picture | None, sound: Sound | None, *, strict: bool = True) -> list[str]:
    tracks = BOTH if picture else Tracks(None, 0)
    made = recipes.first(SOURCE, tracks, Plan(picture, sound), out=OUT, strict=strict, at_most=10)
    return [str(word) for word in made]


def rest(picture: Picture) -> list[str]:
    return [str(word) for word in recipes.rest(SOURCE, BOTH, picture, out=OUT, at_most=10)]


def graph_of(words: list[str]) -> str:
    return words[words.index("-filter_complex") + 1]


def test_only_strict_decoding_stops_at_the_first_fault() -> None:
    assert "-xerror" in first(PICTURE, Sound(0.0))
    assert "-xerror" not in first(PICTURE, Sound(0.0), strict=False)


def test_each_order_decodes_the_picture_once_and_together_they_make_every_size() -> None:
    graphs = [graph_of(first(PICTURE, Sound(0.0))), graph_of(rest(PICTURE))]
    assert [graph.count("[0:0]") for graph in graphs] == [1, 1]
    for size in ("1280:720", "854:480", "426:240"):
        assert sum(graph.count(f"scale={size}") for graph in graphs) == 1


def test_the_smallest_size_and_the_sound_come_first() -> None:
    words = first(PICTURE, Sound(0.0))
    assert str(OUT / "v240.m3u8") in words
    assert str(OUT / "a.m3u8") in words
    assert str(OUT / "v720.m3u8") not in words
    assert str(OUT / "a.m3u8") not in rest(PICTURE)


def test_every_output_drops_what_the_original_says_about_itself() -> None:
    for words, outputs in ((first(PICTURE, Sound(0.0)), 4), (rest(PICTURE), 2)):
        assert words.count("-map") == words.count("-map_metadata") == words.count("-map_chapters") == outputs


def test_a_size_that_the_recording_has_already_is_copied_without_what_is_written_beside_it() -> None:
    words = rest(replace(PICTURE, copies_top=True, cuts=(0.0, 5.0)))
    assert words[words.index("-c:v") + 1] == "copy"
    assert "filter_units=remove_types=6" in words
    assert "scale=1280:720" not in graph_of(words)
    assert str(OUT / "v720.m3u8") in words


def test_the_other_sizes_are_cut_where_the_copied_one_is() -> None:
    for words in (
        first(replace(PICTURE, cuts=(0.0, 5.0)), Sound(0.0)),
        rest(replace(PICTURE, copies_top=True, cuts=(0.0, 5.0))),
    ):
        assert words[words.index("-force_key_frames") + 1] == "0.0000,4.9833"
    assert "-force_key_frames" not in first(PICTURE, Sound(0.0))


def test_a_copy_alone_decodes_nothing() -> None:
    two = replace(PICTURE, rungs=(PICTURE.rungs[0], PICTURE.rungs[-1]), copies_top=True, cuts=(0.0,))
    assert "-filter_complex" not in rest(two)


def test_sound_alone_gets_a_drawing_of_itself_as_poster() -> None:
    words = first(None, Sound(3.0))
    assert "showwavespic" in graph_of(words)
    assert "volume=3.00dB" in graph_of(words)
    assert words.count("-map") == 2


def test_one_voice_stays_one_channel_and_the_rest_becomes_two() -> None:
    for mono, channels, rate in ((True, "1", "80k"), (False, "2", "128k")):
        words = first(None, Sound(0.0, mono=mono))
        assert (words[words.index("-ac") + 1], words[words.index("-b:a") + 1]) == (channels, rate)


def test_the_last_picture_is_held_in_every_size_where_the_words_go_on() -> None:
    held = replace(PICTURE, hold_last_seconds=3.5)
    for words in (first(held, Sound(0.0)), rest(held)):
        assert "tpad=stop_mode=clone:stop_duration=3.500" in graph_of(words)
