from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from media.encoding import ffmpeg_args
from media.encoding.bitrate_ladder import build_bitrate_ladder
from media.encoding.plan import AudioPlan, EncodingPlan, VideoPlan
from media.ffmpeg import SelectedTracks
from media.playback.storyboard import plan_storyboard

SOURCE, OUT = Path("/somewhere/source"), Path("/somewhere/out")
RATE = Fraction(30)
VIDEO_PLAN = VideoPlan(
    renditions=tuple(build_bitrate_ladder(1280, 720)),
    rate=RATE,
    posters_at=(1.0, 5.0, 7.5),
    storyboard=plan_storyboard(1280, 720, seconds=10, rate=RATE),
    thumbnail_frame_interval=30,
)
VIDEO_AND_AUDIO = SelectedTracks(0, 1)


def build_first_version_args(
    picture: VideoPlan | None, sound: AudioPlan | None, *, strict: bool = True
) -> list[str]:
    tracks = VIDEO_AND_AUDIO if picture else SelectedTracks(None, 0)
    made = ffmpeg_args.first_version_args(
        SOURCE, tracks, EncodingPlan(picture, sound), out=OUT, strict=strict, max_seconds=10
    )
    return [str(word) for word in made]


def build_higher_renditions_args(picture: VideoPlan) -> list[str]:
    return [
        str(word)
        for word in ffmpeg_args.higher_renditions_args(
            SOURCE, VIDEO_AND_AUDIO, picture, out=OUT, max_seconds=10
        )
    ]


def filter_graph_of(words: list[str]) -> str:
    return words[words.index("-filter_complex") + 1]


def test_only_strict_decoding_stops_at_the_first_fault() -> None:
    assert "-xerror" in build_first_version_args(VIDEO_PLAN, AudioPlan(0.0))
    assert "-xerror" not in build_first_version_args(VIDEO_PLAN, AudioPlan(0.0), strict=False)


def test_each_order_decodes_the_picture_once_and_together_they_make_every_size() -> None:
    graphs = [
        filter_graph_of(build_first_version_args(VIDEO_PLAN, AudioPlan(0.0))),
        filter_graph_of(build_higher_renditions_args(VIDEO_PLAN)),
    ]
    assert [graph.count("[0:0]") for graph in graphs] == [1, 1]
    for size in ("1280:720", "854:480", "426:240"):
        assert sum(graph.count(f"scale={size}") for graph in graphs) == 1


def test_the_smallest_size_and_the_sound_come_first() -> None:
    words = build_first_version_args(VIDEO_PLAN, AudioPlan(0.0))
    assert str(OUT / "v240.m3u8") in words
    assert str(OUT / "a.m3u8") in words
    assert str(OUT / "v720.m3u8") not in words
    assert str(OUT / "a.m3u8") not in build_higher_renditions_args(VIDEO_PLAN)


def test_every_output_drops_what_the_original_says_about_itself() -> None:
    for words, outputs in (
        (build_first_version_args(VIDEO_PLAN, AudioPlan(0.0)), 4),
        (build_higher_renditions_args(VIDEO_PLAN), 2),
    ):
        assert words.count("-map") == words.count("-map_metadata") == words.count("-map_chapters") == outputs


def test_a_size_that_the_recording_has_already_is_copied_without_what_is_written_beside_it() -> None:
    words = build_higher_renditions_args(replace(VIDEO_PLAN, copies_top=True, cuts=(0.0, 5.0)))
    assert words[words.index("-c:v") + 1] == "copy"
    assert "filter_units=remove_types=6" in words
    assert "scale=1280:720" not in filter_graph_of(words)
    assert str(OUT / "v720.m3u8") in words


def test_the_other_sizes_are_cut_where_the_copied_one_is() -> None:
    for words in (
        build_first_version_args(replace(VIDEO_PLAN, cuts=(0.0, 5.0)), AudioPlan(0.0)),
        build_higher_renditions_args(replace(VIDEO_PLAN, copies_top=True, cuts=(0.0, 5.0))),
    ):
        assert words[words.index("-force_key_frames") + 1] == "0.0000,4.9833"
    assert "-force_key_frames" not in build_first_version_args(VIDEO_PLAN, AudioPlan(0.0))


def test_a_copy_alone_decodes_nothing() -> None:
    two = replace(
        VIDEO_PLAN,
        renditions=(VIDEO_PLAN.renditions[0], VIDEO_PLAN.renditions[-1]),
        copies_top=True,
        cuts=(0.0,),
    )
    assert "-filter_complex" not in build_higher_renditions_args(two)


def test_sound_alone_gets_a_drawing_of_itself_as_poster() -> None:
    words = build_first_version_args(None, AudioPlan(3.0))
    assert "showwavespic" in filter_graph_of(words)
    assert "volume=3.00dB" in filter_graph_of(words)
    assert words.count("-map") == 2


def test_one_voice_stays_one_channel_and_the_rest_becomes_two() -> None:
    for mono, channels, rate in ((True, "1", "80k"), (False, "2", "128k")):
        words = build_first_version_args(None, AudioPlan(0.0, is_mono=mono))
        assert (words[words.index("-ac") + 1], words[words.index("-b:a") + 1]) == (channels, rate)


def test_the_last_picture_is_held_in_every_size_where_the_words_go_on() -> None:
    held = replace(VIDEO_PLAN, hold_last_seconds=3.5)
    for words in (build_first_version_args(held, AudioPlan(0.0)), build_higher_renditions_args(held)):
        assert "tpad=stop_mode=clone:stop_duration=3.500" in filter_graph_of(words)
