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
    video_plan: VideoPlan | None, audio_plan: AudioPlan | None, *, strict: bool = True
) -> list[str]:
    tracks = VIDEO_AND_AUDIO if video_plan else SelectedTracks(None, 0)
    args = ffmpeg_args.first_version_args(
        SOURCE, tracks, EncodingPlan(video_plan, audio_plan), out=OUT, strict=strict, max_seconds=10
    )
    return [str(arg) for arg in args]


def build_higher_renditions_args(video_plan: VideoPlan) -> list[str]:
    return [
        str(arg)
        for arg in ffmpeg_args.higher_renditions_args(
            SOURCE, VIDEO_AND_AUDIO, video_plan, out=OUT, max_seconds=10
        )
    ]


def filter_graph_of(args: list[str]) -> str:
    return args[args.index("-filter_complex") + 1]


def test_strict_decoding_stops_at_the_first_error() -> None:
    assert "-xerror" in build_first_version_args(VIDEO_PLAN, AudioPlan(0.0))
    assert "-xerror" not in build_first_version_args(VIDEO_PLAN, AudioPlan(0.0), strict=False)


def test_both_runs_decode_the_video_once_and_scale_each_rendition_once() -> None:
    graphs = [
        filter_graph_of(build_first_version_args(VIDEO_PLAN, AudioPlan(0.0))),
        filter_graph_of(build_higher_renditions_args(VIDEO_PLAN)),
    ]
    assert [graph.count("[0:0]") for graph in graphs] == [1, 1]
    for size in ("1280:720", "854:480", "426:240"):
        assert sum(graph.count(f"scale={size}") for graph in graphs) == 1


def test_first_version_has_the_lowest_rendition_and_audio() -> None:
    args = build_first_version_args(VIDEO_PLAN, AudioPlan(0.0))
    assert str(OUT / "v240.m3u8") in args
    assert str(OUT / "a.m3u8") in args
    assert str(OUT / "v720.m3u8") not in args
    assert str(OUT / "a.m3u8") not in build_higher_renditions_args(VIDEO_PLAN)


def test_all_outputs_drop_metadata_and_chapters() -> None:
    for args, outputs in (
        (build_first_version_args(VIDEO_PLAN, AudioPlan(0.0)), 4),
        (build_higher_renditions_args(VIDEO_PLAN), 2),
    ):
        assert args.count("-map") == args.count("-map_metadata") == args.count("-map_chapters") == outputs


def test_passthrough_copies_the_stream_without_sei_messages() -> None:
    args = build_higher_renditions_args(replace(VIDEO_PLAN, copies_top=True, cuts=(0.0, 5.0)))
    assert args[args.index("-c:v") + 1] == "copy"
    assert "filter_units=remove_types=6" in args
    assert "scale=1280:720" not in filter_graph_of(args)
    assert str(OUT / "v720.m3u8") in args


def test_keyframes_are_forced_at_the_cuts_of_the_copied_stream() -> None:
    for args in (
        build_first_version_args(replace(VIDEO_PLAN, cuts=(0.0, 5.0)), AudioPlan(0.0)),
        build_higher_renditions_args(replace(VIDEO_PLAN, copies_top=True, cuts=(0.0, 5.0))),
    ):
        assert args[args.index("-force_key_frames") + 1] == "0.0000,4.9833"
    assert "-force_key_frames" not in build_first_version_args(VIDEO_PLAN, AudioPlan(0.0))


def test_passthrough_alone_needs_no_filter_graph() -> None:
    passthrough_plan = replace(
        VIDEO_PLAN,
        renditions=(VIDEO_PLAN.renditions[0], VIDEO_PLAN.renditions[-1]),
        copies_top=True,
        cuts=(0.0,),
    )
    assert "-filter_complex" not in build_higher_renditions_args(passthrough_plan)


def test_audio_only_recording_gets_a_waveform_as_poster() -> None:
    args = build_first_version_args(None, AudioPlan(3.0))
    assert "showwavespic" in filter_graph_of(args)
    assert "volume=3.00dB" in filter_graph_of(args)
    assert args.count("-map") == 2


def test_mono_stays_mono_and_everything_else_becomes_stereo() -> None:
    for is_mono, channels, bit_rate in ((True, "1", "80k"), (False, "2", "128k")):
        args = build_first_version_args(None, AudioPlan(0.0, is_mono=is_mono))
        assert (args[args.index("-ac") + 1], args[args.index("-b:a") + 1]) == (channels, bit_rate)


def test_last_frame_is_held_in_all_renditions() -> None:
    held_plan = replace(VIDEO_PLAN, hold_last_seconds=3.5)
    for args in (
        build_first_version_args(held_plan, AudioPlan(0.0)),
        build_higher_renditions_args(held_plan),
    ):
        assert "tpad=stop_mode=clone:stop_duration=3.500" in filter_graph_of(args)
