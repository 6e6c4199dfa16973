"""Builds ffmpeg filter graphs for the first version, the higher renditions and face masks."""

from dataclasses import replace
from itertools import pairwise

from media.encoding.bitrate_ladder import RenditionSpec
from media.encoding.plan import AudioPlan, VideoPlan
from media.ffmpeg import SelectedTracks

POSTER_SCALE = "'min(1280,iw)':'min(1280,ih)'"
WAVEFORM_FILTER = "showwavespic=s=1280x720:colors=0x5b7f95"
TONE_MAP_FILTERS = (
    "zscale=transfer=linear:npl=100,format=gbrpf32le,zscale=primaries=bt709,"
    "tonemap=tonemap=hable:desat=0,zscale=transfer=bt709:matrix=bt709:range=limited"
)


def first_version_video_graph(tracks: SelectedTracks, video_plan: VideoPlan) -> list[str]:
    """Return filters with the outputs [low] (smallest rendition), [board] (storyboard) and [poster]."""
    graph, chain, video_plan = _source_graph(tracks, video_plan, constant_rate_filter(video_plan))
    board = video_plan.storyboard
    tiles = f"scale={board.width}:{board.height},tile={board.columns}x{board.rows}"
    poster = f"scale={POSTER_SCALE}:force_original_aspect_ratio=decrease:force_divisible_by=2,setsar=1"
    poster += f",{TONE_MAP_FILTERS}" if video_plan.tone_map else ""
    return [
        *graph,
        f"{chain},split[small][still]",
        f"[small]{_scale_filters(video_plan.lowest_rendition, video_plan)},split[low][tiles]",
        f"[tiles]select='not(mod(n,{video_plan.thumbnail_frame_interval}))',{tiles}[board]",
        # Frames are selected before scaling, so that only posters are scaled.
        f"[still]select='{_select_frames_at(video_plan.posters_at)}',{poster}[poster]",
    ]


def first_version_audio_graph(
    tracks: SelectedTracks, audio_plan: AudioPlan, *, draw_waveform: bool
) -> list[str]:
    """Return filters with the output [a], and with `draw_waveform` also [poster]."""
    chain = f"[0:{tracks.audio}]{_audio_filters(audio_plan)}"
    if not draw_waveform:
        return [f"{chain}[a]"]
    return [
        f"{chain},asplit[a][wave]",
        f"[wave]aformat=channel_layouts=mono,{WAVEFORM_FILTER}[poster]",
    ]


def higher_renditions_graph(
    tracks: SelectedTracks,
    video_plan: VideoPlan,
    specs: tuple[RenditionSpec, ...],
    *,
    frame_rate_filter: str,
) -> list[str]:
    """Return filters with one output per rendition, named like it; each is scaled from the next larger one.

    The largest has a fixed size, so recordings whose resolution changes midway come out with a constant one.
    """
    graph, source_chain, video_plan = _source_graph(tracks, video_plan, frame_rate_filter)
    chain = f"{source_chain},{_scale_filters(specs[0], video_plan)}"
    for spec, lower in pairwise(specs):
        graph.append(f"{chain},split[{spec.name}][below{spec.name}]")
        chain = f"[below{spec.name}]scale={lower.width}:{lower.height}:flags=bicubic"
    return [*graph, f"{chain}[{specs[-1].name}]"]


def constant_rate_filter(video_plan: VideoPlan) -> str:
    return f"fps={video_plan.rate}:start_time=0"


def _source_graph(
    tracks: SelectedTracks, video_plan: VideoPlan, frame_rate_filter: str
) -> tuple[list[str], str, VideoPlan]:
    """Return the graph up to the source, the chain to continue from, and the plan for the rest of the graph.

    A face mask is applied first, so that no output shows a face. Covered areas show the whole picture reduced to 8 by 8
    colours, in which no face is recognisable. `shortest=1` ends the output if the mask ends.
    """
    if tracks.face_mask is None:
        return [], f"[0:{tracks.video}]{frame_rate_filter}", video_plan
    largest = video_plan.renditions[0]
    size = f"{largest.width}:{largest.height}"
    filters = [
        frame_rate_filter,
        f"scale={size}:flags=bicubic",
        "setsar=1",
        *([TONE_MAP_FILTERS] if video_plan.tone_map else []),
    ]
    graph = [
        f"[0:{tracks.video}]{','.join(filters)},format=yuv420p,split[clear][near]",
        f"[near]scale=8:8:flags=area,scale={size}:flags=bilinear,format=yuv420p[far]",
        f"[1:v]scale={size}:flags=neighbor,format=gray[where]",
        "[far][where]alphamerge[cover]",
    ]
    return graph, "[clear][cover]overlay=shortest=1", replace(video_plan, tone_map=False)


def _select_frames_at(times: tuple[float, ...]) -> str:
    """Return a `select` expression that passes the first frame at or after each of these seconds."""
    due = f"{times[-1]:.3f}"
    for number, time in reversed(list(enumerate(times[:-1]))):
        due = f"if(eq(ld(0),{number}),{time:.3f},{due})"
    return f"if(gte(t,{due}),st(0,ld(0)+1),0)"


def _scale_filters(spec: RenditionSpec, video_plan: VideoPlan) -> str:
    filters = [f"scale={spec.width}:{spec.height}:flags=bicubic", "setsar=1"]
    filters += [TONE_MAP_FILTERS] if video_plan.tone_map else []
    filters += ["format=yuv420p"]
    if video_plan.hold_last_seconds:
        filters.append(f"tpad=stop_mode=clone:stop_duration={video_plan.hold_last_seconds:.3f}")
    return ",".join(filters)


def _audio_filters(audio_plan: AudioPlan) -> str:
    change = "" if audio_plan.voice_change is None else f"{audio_plan.voice_change.ffmpeg_filters()},"
    return (
        f"{change}volume={audio_plan.gain_db:.2f}dB,alimiter=limit=0.9:level=false,"
        "aresample=48000:async=1:first_pts=0"
    )
