"""Builds ffmpeg argument lists for encoding; runs nothing.

The first run decodes the entire file, which validates it, and encodes what is cheap: the smallest rendition, audio and
images. The second run encodes the higher renditions of an accepted file, as a whole or in chunks.
"""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from media.chunked_encoding.plan import ChunkRange
from media.encoding.bitrate_ladder import SEGMENT_SECONDS, RenditionSpec, frames_per_segment
from media.encoding.filter_graphs import (
    TONE_MAP_FILTERS,
    constant_rate_filter,
    first_version_audio_graph,
    first_version_video_graph,
    higher_renditions_graph,
)
from media.encoding.plan import AudioPlan, EncodingPlan, VideoPlan
from media.faces.face_mask import mask_grid_for
from media.ffmpeg import QUIET_ARGS, SAFE_INPUT_ARGS, SelectedTracks, input_args
from media.playback.playlists import AUDIO_RENDITION, poster_name
from media.playback.storyboard import SPRITE_SHEET
from media.sandbox import CommandArgument

# "fast" takes half the time of the default coder and, from 80 kbit/s on, keeps speech at least as close to the original
# (signal-to-noise ratio 34 against 27 dB, log spectral distance 4.7 against 4.9 dB).
AAC_ARGS = ("-c:a", "aac", "-aac_coder", "fast")
MONO_KBPS, STEREO_KBPS = 80, 128

# One thread per rendition: x264's rate control is not deterministic with several, so two runs would give different bytes.
# Renditions are encoded in parallel and long recordings in chunks, which keeps all cores busy.
X264_ARGS = (
    *("-c:v", "libx264", "-threads:v", "1", "-preset", "veryfast"),
    *("-profile:v", "high", "-pix_fmt", "yuv420p", "-crf", "23"),
)
# The preset's further options take 5 to 15 % more time, save 1 % of the bytes and change SSIM by 0.0002.
X264_SPEED_ARGS = ("-x264-params", "me=dia:partitions=p8x8,i8x8,i4x4")
BT709_ARGS = ("-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709")
# Removes SEI messages, in which cameras and encoders may store a location.
STREAM_COPY_ARGS = ("-c:v", "copy", "-bsf:v", "filter_units=remove_types=6")
# If the resolution changes midway, the filters restart with their clock at zero; "vfr" drops the repeated timestamps.
JPEG_ARGS = ("-c:v", "mjpeg", "-pix_fmt", "yuvj420p", "-fps_mode", "vfr", "-f", "image2")
POSTER_QUALITY, STORYBOARD_QUALITY = "4", "6"

SEEK_MARGIN_SECONDS = 1  # container and keyframe timestamps may differ by a few frames


def first_version_args(
    source: Path, tracks: SelectedTracks, plan: EncodingPlan, *, out: Path, strict: bool, max_seconds: float
) -> list[CommandArgument]:
    """Arguments that decode everything and write the first version into `out`.

    With `strict`, ffmpeg stops at the first error; otherwise its exit code says nothing about the file.
    """
    graph: list[str] = []
    outputs: list[CommandArgument] = []
    if plan.video is not None:
        graph += first_version_video_graph(tracks, plan.video)
        outputs += _first_version_video_outputs(plan.video, out)
    if plan.audio is not None:
        graph += first_version_audio_graph(tracks, plan.audio, draw_waveform=plan.video is None)
        outputs += [
            *_map_args("[a]"),
            *_audio_encoder_args(plan.audio),
            *_hls_output_args(AUDIO_RENDITION, out),
        ]
        if plan.video is None:
            outputs += [*_map_args("[poster]"), "-frames:v", "1", *JPEG_ARGS, "-q:v", POSTER_QUALITY]
            outputs += ["-update", "1", out / poster_name(0)]
    return [
        *input_args(source, max_seconds=max_seconds, log_level="level+error"),
        *_face_mask_input(tracks, plan.video),
        *(["-xerror"] if strict else []),
        "-filter_complex",
        ";".join(graph),
        *outputs,
    ]


def higher_renditions_args(
    source: Path, tracks: SelectedTracks, video_plan: VideoPlan, *, out: Path, max_seconds: float
) -> list[CommandArgument]:
    """Arguments that write every rendition but the lowest into `out`."""
    args = [*input_args(source, max_seconds=max_seconds), *_face_mask_input(tracks, video_plan)]
    specs = video_plan.higher_renditions[1:] if video_plan.copies_top else video_plan.higher_renditions
    if specs:
        graph = higher_renditions_graph(
            tracks, video_plan, specs, frame_rate_filter=constant_rate_filter(video_plan)
        )
        args += ["-filter_complex", ";".join(graph)]
    if video_plan.copies_top:
        top = video_plan.higher_renditions[0]
        args += [*_map_args(f"0:{tracks.video}"), *STREAM_COPY_ARGS, *_hls_output_args(top.name, out)]
    for spec in specs:
        args += [
            *_map_args(f"[{spec.name}]"),
            *_video_encoder_args(spec, video_plan),
            *_hls_output_args(spec.name, out),
        ]
    return args


def chunk_args(
    source: Path, tracks: SelectedTracks, video_plan: VideoPlan, chunk_range: ChunkRange, *, out: Path
) -> list[CommandArgument]:
    """Arguments that write one chunk of every rendition but the lowest into `out`; segment numbers start at zero.

    The chunk has the same frames as an encode of the whole recording: timestamps stay absolute until the frame rate is
    constant, and decoding starts early enough to produce the frame shown at the start of the chunk.
    """
    start = chunk_range.first_frame / video_plan.rate
    seek = max(Fraction(0), start - SEEK_MARGIN_SECONDS)
    frame_rate_filter = (
        f"fps={video_plan.rate}:start_time={float(start):.9f},setpts=PTS-{chunk_range.first_frame}"
    )
    graph = higher_renditions_graph(
        tracks, video_plan, video_plan.higher_renditions, frame_rate_filter=frame_rate_filter
    )
    args: list[CommandArgument] = [
        *(*QUIET_ARGS, "-loglevel", "warning", *SAFE_INPUT_ARGS),
        *("-copyts", "-start_at_zero", "-noaccurate_seek", "-ss", f"{float(seek):.6f}"),
        *("-i", source, "-filter_complex", ";".join(graph)),
    ]
    for spec in video_plan.higher_renditions:
        args += [
            *_map_args(f"[{spec.name}]"),
            *_video_encoder_args(spec, video_plan),
            *("-frames:v", str(chunk_range.frame_count)),
            *_hls_output_args(spec.name, out),
        ]
    return args


@dataclass(frozen=True)
class FaceDetectionArgs:
    """Arguments that write raw RGB frames of this size to stdout."""

    args: list[CommandArgument]
    width: int
    height: int


def face_detection_args(
    source: Path, tracks: SelectedTracks, video_plan: VideoPlan, *, size: tuple[int, int], frame_interval: int
) -> FaceDetectionArgs:
    """Arguments that pass every nth frame to the face detector."""
    filters = [
        constant_rate_filter(video_plan),
        f"select='not(mod(n,{frame_interval}))'",
        f"scale={size[0]}:{size[1]}",
        *([TONE_MAP_FILTERS] if video_plan.tone_map else []),
    ]
    args: list[CommandArgument] = ["-hide_banner", "-nostats", "-loglevel", "error"]
    args += [*SAFE_INPUT_ARGS, "-i", source]
    args += ["-map", f"0:{tracks.video}", "-vf", ",".join(filters), "-fps_mode", "passthrough"]
    args += ["-pix_fmt", "rgb24", "-f", "rawvideo", "-"]
    return FaceDetectionArgs(args, *size)


def _first_version_video_outputs(video_plan: VideoPlan, out: Path) -> list[CommandArgument]:
    lowest = video_plan.lowest_rendition
    return [
        *_map_args("[low]"),
        *_video_encoder_args(lowest, video_plan),
        *_hls_output_args(lowest.name, out),
        *_map_args("[poster]"),
        *("-frames:v", str(len(video_plan.posters_at)), *JPEG_ARGS, "-q:v", POSTER_QUALITY),
        *("-start_number", "0", out / poster_name("%d")),
        *_map_args("[board]"),
        *("-frames:v", "1", *JPEG_ARGS, "-q:v", STORYBOARD_QUALITY, "-update", "1", out / SPRITE_SHEET),
    ]


def _face_mask_input(tracks: SelectedTracks, video_plan: VideoPlan | None) -> list[CommandArgument]:
    """Open the face mask as a second input, a greyscale video with one pixel per block."""
    if tracks.face_mask is None or video_plan is None:
        return []
    largest = video_plan.renditions[0]
    grid = mask_grid_for(largest.width, largest.height)
    size_and_rate = ["-video_size", f"{grid.width}x{grid.height}", "-framerate", str(video_plan.rate)]
    return ["-f", "rawvideo", "-pix_fmt", "gray", *size_and_rate, "-i", tracks.face_mask]


def _map_args(label: str) -> list[CommandArgument]:
    """Map one stream without the original's metadata, which may contain a location or a device."""
    return ["-map", label, "-map_metadata", "-1", "-map_chapters", "-1"]


def _video_encoder_args(spec: RenditionSpec, video_plan: VideoPlan) -> list[CommandArgument]:
    return [
        *X264_ARGS,
        *X264_SPEED_ARGS,
        *("-maxrate", f"{spec.ceiling_kbps}k", "-bufsize", f"{2 * spec.ceiling_kbps}k"),
        *_keyframe_args(video_plan.cuts, video_plan.rate),
        *("-sc_threshold", "0", "-flags", "+cgop"),
        *BT709_ARGS,
    ]


def _keyframe_args(cuts: tuple[float, ...], rate: Fraction) -> list[CommandArgument]:
    """Force keyframes at segment starts and nowhere else, so that the segments of all renditions are aligned."""
    if not cuts:
        interval = str(frames_per_segment(rate))
        return ["-g", interval, "-keyint_min", interval]
    # Half a frame early, because the first frame at or after each time becomes the keyframe.
    times = (max(0.0, cut - float(1 / rate) / 2) for cut in cuts)
    return ["-g", "100000", "-force_key_frames", ",".join(f"{time:.4f}" for time in times)]


def _audio_encoder_args(audio_plan: AudioPlan) -> list[CommandArgument]:
    kbps = MONO_KBPS if audio_plan.is_mono else STEREO_KBPS
    return [*AAC_ARGS, "-b:a", f"{kbps}k", "-ac", "1" if audio_plan.is_mono else "2"]


def _hls_output_args(name: str, out: Path) -> list[CommandArgument]:
    return [
        *("-f", "hls", "-hls_time", str(SEGMENT_SECONDS), "-hls_playlist_type", "vod", "-hls_list_size", "0"),
        *("-hls_segment_type", "fmp4", "-hls_fmp4_init_filename", f"{name}_init.mp4"),
        *("-hls_flags", "temp_file"),  # a segment gets its final name when it is complete
        *("-hls_segment_options", "movflags=+cmaf+negative_cts_offsets:use_editlist=0"),
        *("-hls_segment_filename", out / f"{name}_%05d.m4s", out / f"{name}.m3u8"),
    ]
