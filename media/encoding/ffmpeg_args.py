"""The orders that ffmpeg gets for a recording. Words only: nothing is run here.

The first one decodes all of it, which is also how the gate judges the file, and makes everything that costs
little on the way: the smallest size, the sound, the pictures. With that it can be watched. The second one makes the
larger sizes, of a file that is known to be sound: of all of it, or of a part of it.
"""

from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

from media.chunked_encoding.plan import ChunkRange
from media.encoding.bitrate_ladder import SEGMENT_SECONDS, RenditionSpec, frames_per_segment
from media.encoding.plan import AudioPlan, EncodingPlan, VideoPlan
from media.faces.face_mask import mask_grid_for
from media.ffmpeg import QUIET_ARGS, SAFE_INPUT_ARGS, SelectedTracks, input_args
from media.playback.playlists import AUDIO_RENDITION, poster_name
from media.playback.storyboard import SPRITE_SHEET
from media.sandbox import CommandArgument

POSTER_SCALE = "'min(1280,iw)':'min(1280,ih)'"
WAVEFORM_FILTER = "showwavespic=s=1280x720:colors=0x5b7f95"

# "fast" takes half the time of the encoder's own choice and keeps speech at least as close to the original
# from 80 kbit/s on (signal to noise 34 against 27 dB, log spectral distance 4.7 against 4.9 dB).
AAC_ARGS = ("-c:a", "aac", "-aac_coder", "fast")
MONO_KBPS, STEREO_KBPS = 80, 128

# One thread a size: with more, the rate control of one looks at how far the others have come, and two runs give different
# bytes. The sizes are made side by side, and long recordings in parts, so that processors have enough to do.
X264_ARGS = (
    *("-c:v", "libx264", "-threads:v", "1", "-preset", "veryfast"),
    *("-profile:v", "high", "-pix_fmt", "yuv420p", "-crf", "23"),
)
# What the preset does beyond this takes 5 to 15 % more time, saves 1 % of the bytes and leaves SSIM the same (0.0002).
X264_SPEED_ARGS = ("-x264-params", "me=dia:partitions=p8x8,i8x8,i4x4")
BT709_ARGS = ("-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709")
# What an encoder or a camera wrote beside the picture stays behind: it may say where that was.
STREAM_COPY_ARGS = ("-c:v", "copy", "-bsf:v", "filter_units=remove_types=6")
# A film that changes its size midway makes the filters start over, and with them their clock; "vfr" drops what then
# comes at a time that was before.
JPEG_ARGS = ("-c:v", "mjpeg", "-pix_fmt", "yuvj420p", "-fps_mode", "vfr", "-f", "image2")

SEEK_MARGIN_SECONDS = (
    1  # in front of a part: time stamps of pictures and of keyframes may differ by a few frames
)

TONE_MAP_FILTERS = (
    "zscale=transfer=linear:npl=100,format=gbrpf32le,zscale=primaries=bt709,"
    "tonemap=tonemap=hable:desat=0,zscale=transfer=bt709:matrix=bt709:range=limited"
)


def first_version_args(
    source: Path, tracks: SelectedTracks, plan: EncodingPlan, *, out: Path, strict: bool, max_seconds: float
) -> list[CommandArgument]:
    """Return the words that decode everything and write the first version into `out`.

    Strictly, the first fault ends it: an exit code of 0 after lenient decoding says nothing about the file.
    """
    graph: list[str] = []
    outputs: list[CommandArgument] = []
    if plan.video is not None:
        picture = plan.video
        graph += _first_version_graph(tracks, picture)
        outputs += [
            *_map_args("[low]"),
            *_video_encoder_args(picture.lowest_rendition, picture),
            *_hls_output_args(picture.lowest_rendition.name, out),
        ]
        outputs += [
            *_map_args("[poster]"),
            "-frames:v",
            str(len(picture.posters_at)),
            *JPEG_ARGS,
            "-q:v",
            "4",
        ]
        outputs += ["-start_number", "0", out / poster_name("%d")]
        outputs += [
            *_map_args("[board]"),
            "-frames:v",
            "1",
            *JPEG_ARGS,
            "-q:v",
            "6",
            "-update",
            "1",
            out / SPRITE_SHEET,
        ]
    if plan.audio is not None:
        graph += [
            f"[0:{tracks.audio}]{_audio_filters(plan.audio)}" + ("[a]" if plan.video else ",asplit[a][wave]")
        ]
        outputs += [
            *_map_args("[a]"),
            *_audio_encoder_args(plan.audio),
            *_hls_output_args(AUDIO_RENDITION, out),
        ]
        if plan.video is None:
            graph += [f"[wave]aformat=channel_layouts=mono,{WAVEFORM_FILTER}[poster]"]
            outputs += [*_map_args("[poster]"), "-frames:v", "1", *JPEG_ARGS, "-q:v", "4", "-update", "1"]
            outputs += [out / poster_name(0)]
    opened = input_args(source, max_seconds=max_seconds, log_level="level+error")
    opened += _face_mask_input(tracks, plan.video)
    return [*opened, *(["-xerror"] if strict else []), "-filter_complex", ";".join(graph), *outputs]


def higher_renditions_args(
    source: Path, tracks: SelectedTracks, picture: VideoPlan, *, out: Path, max_seconds: float
) -> list[CommandArgument]:
    """Return the words that make every size but the smallest into `out`."""
    words = [*input_args(source, max_seconds=max_seconds), *_face_mask_input(tracks, picture)]
    made = picture.higher_renditions[1:] if picture.copies_top else picture.higher_renditions
    if made:
        evenly = f"fps={picture.rate}:start_time=0"
        words += [
            "-filter_complex",
            ";".join(_higher_renditions_graph(tracks, picture, made, frame_rate_filter=evenly)),
        ]
    if picture.copies_top:
        top = picture.higher_renditions[0]
        words += [*_map_args(f"0:{tracks.video}"), *STREAM_COPY_ARGS, *_hls_output_args(top.name, out)]
    for rung in made:
        words += [
            *_map_args(f"[{rung.name}]"),
            *_video_encoder_args(rung, picture),
            *_hls_output_args(rung.name, out),
        ]
    return words


def chunk_args(
    source: Path, tracks: SelectedTracks, picture: VideoPlan, span: ChunkRange, *, out: Path
) -> list[CommandArgument]:
    """Return the words that make every size but the smallest of some pieces in a row, counted from nought.

    Frames are those that the whole would have: times stay those of the recording until the rate is even, and decoding
    begins at a keyframe far enough in front to have the picture that is still to be seen when the first piece begins.
    """
    begin = span.first_frame / picture.rate
    seek = max(Fraction(0), begin - SEEK_MARGIN_SECONDS)
    there = ["-copyts", "-start_at_zero", "-noaccurate_seek", "-ss", f"{float(seek):.6f}"]
    evenly = f"fps={picture.rate}:start_time={float(begin):.9f},setpts=PTS-{span.first_frame}"
    words: list[CommandArgument] = [
        *QUIET_ARGS,
        "-loglevel",
        "warning",
        *SAFE_INPUT_ARGS,
        *there,
        "-i",
        source,
    ]
    words += [
        "-filter_complex",
        ";".join(
            _higher_renditions_graph(tracks, picture, picture.higher_renditions, frame_rate_filter=evenly)
        ),
    ]
    for rung in picture.higher_renditions:
        words += [
            *_map_args(f"[{rung.name}]"),
            *_video_encoder_args(rung, picture),
            "-frames:v",
            str(span.frame_count),
        ]
        words += _hls_output_args(rung.name, out)
    return words


@dataclass(frozen=True)
class FaceDetectionArgs:
    """Words that give small plain pictures of this size on standard output."""

    args: list[CommandArgument]
    width: int
    height: int


def face_detection_args(
    source: Path, tracks: SelectedTracks, picture: VideoPlan, *, size: tuple[int, int], frame_interval: int
) -> FaceDetectionArgs:
    """Return the words that give every so manieth frame to whoever looks for faces."""
    steps = [
        f"fps={picture.rate}:start_time=0",
        f"select='not(mod(n,{frame_interval}))'",
        f"scale={size[0]}:{size[1]}",
    ]
    steps += [TONE_MAP_FILTERS] if picture.tone_map else []
    words: list[CommandArgument] = [
        "-hide_banner",
        "-nostats",
        "-loglevel",
        "error",
        *SAFE_INPUT_ARGS,
        "-i",
        source,
    ]
    words += ["-map", f"0:{tracks.video}", "-vf", ",".join(steps), "-fps_mode", "passthrough"]
    return FaceDetectionArgs([*words, "-pix_fmt", "rgb24", "-f", "rawvideo", "-"], *size)


def _face_mask_input(tracks: SelectedTracks, picture: VideoPlan | None) -> list[CommandArgument]:
    """Open what says where the picture is to be covered, one grey block for many of its points."""
    if tracks.face_mask is None or picture is None:
        return []
    mask = mask_grid_for(picture.rungs[0].width, picture.rungs[0].height)
    shape = ["-video_size", f"{mask.width}x{mask.height}", "-framerate", str(picture.rate)]
    return ["-f", "rawvideo", "-pix_fmt", "gray", *shape, "-i", tracks.face_mask]


def _source_graph(
    tracks: SelectedTracks, picture: VideoPlan, evenly: str
) -> tuple[list[str], str, VideoPlan]:
    """Return how the picture begins, the chain to go on from, and what is still to be done to it.

    Where it is to be covered that happens before anything is made of it. What is seen there instead is eight by eight
    colours for the whole picture, which say nothing of a face. Without its mask nothing goes on.
    """
    if tracks.face_mask is None:
        return [], f"[0:{tracks.video}]{evenly}", picture
    size = f"{picture.rungs[0].width}:{picture.rungs[0].height}"
    steps = [
        evenly,
        f"scale={size}:flags=bicubic",
        "setsar=1",
        *([TONE_MAP_FILTERS] if picture.tone_map else []),
    ]
    graph = [
        f"[0:{tracks.video}]{','.join(steps)},format=yuv420p,split[clear][near]",
        f"[near]scale=8:8:flags=area,scale={size}:flags=bilinear,format=yuv420p[far]",
        f"[1:v]scale={size}:flags=neighbor,format=gray[where]",
        "[far][where]alphamerge[cover]",
    ]
    return graph, "[clear][cover]overlay=shortest=1", replace(picture, tone_map=False)


def _first_version_graph(tracks: SelectedTracks, picture: VideoPlan) -> list[str]:
    """Make the smallest size, and take the few pictures that are shown before anything plays."""
    graph, chain, picture = _source_graph(tracks, picture, f"fps={picture.rate}:start_time=0")
    board, rung = picture.storyboard, picture.lowest_rendition
    tiles = f"scale={board.width}:{board.height},tile={board.columns}x{board.rows}"
    poster = f"scale={POSTER_SCALE}:force_original_aspect_ratio=decrease:force_divisible_by=2,setsar=1"
    poster += f",{TONE_MAP_FILTERS}" if picture.tone_map else ""
    return [
        *graph,
        f"{chain},split[small][still]",
        f"[small]{_scale_filters(rung, picture)},split[low][tiles]",
        f"[tiles]select='not(mod(n,{picture.frames_apart}))',{tiles}[board]",
        # Only those that are kept get scaled: all the others would be for nothing.
        f"[still]select='{_frames_at_expression(picture.posters_at)}',{poster}[poster]",
    ]


def _frames_at_expression(times: tuple[float, ...]) -> str:
    """Return the expression that lets through one picture from each of these seconds on."""
    due = f"{times[-1]:.3f}"
    for number, time in reversed(list(enumerate(times[:-1]))):
        due = f"if(eq(ld(0),{number}),{time:.3f},{due})"
    return f"if(gte(t,{due}),st(0,ld(0)+1),0)"


def _higher_renditions_graph(
    tracks: SelectedTracks, picture: VideoPlan, made: tuple[RenditionSpec, ...], *, frame_rate_filter: str
) -> list[str]:
    """Scale each size from the one above it; the first to a fixed one: a size that changes midway must not get through."""
    graph, begun, picture = _source_graph(tracks, picture, frame_rate_filter)
    chain = f"{begun},{_scale_filters(made[0], picture)}"
    for rung, lower in pairwise(made):
        graph.append(f"{chain},split[{rung.name}][below{rung.name}]")
        chain = f"[below{rung.name}]scale={lower.width}:{lower.height}:flags=bicubic"
    return [*graph, f"{chain}[{made[-1].name}]"]


def _scale_filters(rung: RenditionSpec, picture: VideoPlan) -> str:
    steps = [f"scale={rung.width}:{rung.height}:flags=bicubic", "setsar=1"]
    steps += [TONE_MAP_FILTERS] if picture.tone_map else []
    steps += ["format=yuv420p"]
    if picture.hold_last_seconds:
        steps.append(f"tpad=stop_mode=clone:stop_duration={picture.hold_last_seconds:.3f}")
    return ",".join(steps)


def _map_args(label: str) -> list[CommandArgument]:
    """Take one branch and nothing else: no place, no device, no chapter of the original goes along."""
    return ["-map", label, "-map_metadata", "-1", "-map_chapters", "-1"]


def _video_encoder_args(rung: RenditionSpec, picture: VideoPlan) -> list[CommandArgument]:
    return [
        *X264_ARGS,
        *X264_SPEED_ARGS,
        *("-maxrate", f"{rung.ceiling_kbps}k", "-bufsize", f"{2 * rung.ceiling_kbps}k"),
        *_keyframe_args(picture.cuts, picture.rate),
        *("-sc_threshold", "0", "-flags", "+cgop"),
        *BT709_ARGS,
    ]


def _keyframe_args(cuts: tuple[float, ...], rate: Fraction) -> list[CommandArgument]:
    """Put keyframes where pieces begin and nowhere else, so that every size can be cut at the same places."""
    if not cuts:
        frames = str(frames_per_segment(rate))
        return ["-g", frames, "-keyint_min", frames]
    # Half a frame early, because the first picture from a time on becomes the keyframe.
    times = (max(0.0, cut - float(1 / rate) / 2) for cut in cuts)
    return ["-g", "100000", "-force_key_frames", ",".join(f"{time:.4f}" for time in times)]


def _audio_filters(sound: AudioPlan) -> str:
    change = "" if sound.voice_change is None else f"{sound.voice_change.ffmpeg_filters()},"
    return f"{change}volume={sound.gain_db:.2f}dB,alimiter=limit=0.9:level=false,aresample=48000:async=1:first_pts=0"


def _audio_encoder_args(sound: AudioPlan) -> list[CommandArgument]:
    kbps = MONO_KBPS if sound.is_mono else STEREO_KBPS
    return [*AAC_ARGS, "-b:a", f"{kbps}k", "-ac", "1" if sound.is_mono else "2"]


def _hls_output_args(name: str, out: Path) -> list[CommandArgument]:
    return [
        *("-f", "hls", "-hls_time", str(SEGMENT_SECONDS), "-hls_playlist_type", "vod", "-hls_list_size", "0"),
        *("-hls_segment_type", "fmp4", "-hls_fmp4_init_filename", f"{name}_init.mp4"),
        *("-hls_flags", "temp_file"),  # no piece has its name before it is whole
        *("-hls_segment_options", "movflags=+cmaf+negative_cts_offsets:use_editlist=0"),
        *("-hls_segment_filename", out / f"{name}_%05d.m4s", out / f"{name}.m3u8"),
    ]
