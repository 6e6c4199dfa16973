"""Intact recordings in the codecs and containers of phones, browsers and editing programs."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle, islice, product
from pathlib import Path

from tests.media.sample_recordings import TONE_SOURCE, RecordingFactory

H264_ARGS = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")
HEVC_ARGS = ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none")
VPX_REALTIME_ARGS = ("-deadline", "realtime", "-cpu-used", "8")

VIDEO_CODEC_ARGS: dict[str, tuple[str, ...]] = {
    "h264": H264_ARGS,
    "h264 with b-frames": ("-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-bf", "3"),
    "h264 baseline": (*H264_ARGS, "-profile:v", "baseline"),
    "h264 open gop": (*H264_ARGS, "-x264-params", "open-gop=1:bframes=3:keyint=12"),
    "hevc": (*HEVC_ARGS, "-pix_fmt", "yuv420p", "-tag:v", "hvc1"),
    "hevc 10 bit": (*HEVC_ARGS, "-pix_fmt", "yuv420p10le", "-tag:v", "hvc1"),
    "mpeg4": ("-c:v", "mpeg4", "-q:v", "5"),
    "vp9": ("-c:v", "libvpx-vp9", *VPX_REALTIME_ARGS),
    "vp8": ("-c:v", "libvpx", *VPX_REALTIME_ARGS),
    "none": (),
}
AUDIO_CODEC_ARGS: dict[str, tuple[str, ...]] = {
    "aac": ("-c:a", "aac"),
    "aac 22 kHz": ("-c:a", "aac", "-ar", "22050", "-ac", "1"),
    "aac stereo": ("-c:a", "aac", "-ar", "44100", "-ac", "2"),
    "mp3": ("-c:a", "libmp3lame"),
    "opus": ("-c:a", "libopus"),
    "vorbis": ("-c:a", "libvorbis", "-ac", "2"),
    "none": (),
}
CONTAINER_ARGS: dict[str, tuple[str, ...]] = {
    "plain.mp4": (),
    "faststart.mp4": ("-movflags", "+faststart"),
    "fragmented.mp4": ("-movflags", "frag_keyframe+empty_moov+default_base_moof"),
    "phone.mov": ("-metadata", "com.apple.quicktime.location.ISO6709=+51.5334-000.1255/"),
    "plain.mkv": (),
    "live.mkv": ("-f", "matroska", "-live", "1"),
    "plain.webm": (),
    "live.webm": ("-f", "webm", "-live", "1"),
}
WEBM_CODECS = frozenset({"vp8", "vp9", "opus", "vorbis", "none"})
CODECS_NOT_IN_MOV = frozenset({"vp8", "vp9", "opus", "vorbis"})
CODECS_NOT_IN_MP4 = frozenset({"vp8", "vorbis"})
SIZES_AND_RATES = (
    "size=160x120:rate=30",
    "size=120x160:rate=25",
    "size=162x122:rate=24000/1001",
    "size=176x144:rate=15",
)


@dataclass(frozen=True)
class RecordingVariant:
    """One combination of codecs, container, size and frame rate."""

    video_codec: str
    audio_codec: str
    container: str
    size_and_rate: str

    @property
    def name(self) -> str:
        return f"{self.video_codec}, {self.audio_codec}, {self.container}, {self.size_and_rate}"

    def render(self, recording_factory: RecordingFactory, number: int) -> Path:
        args: list[str] = []
        if self.video_codec != "none":
            args += ["-f", "lavfi", "-i", f"testsrc2={self.size_and_rate}:duration=1.5"]
        if self.audio_codec != "none":
            args += ["-f", "lavfi", "-i", f"{TONE_SOURCE}:duration=1.5"]
        args += [
            *VIDEO_CODEC_ARGS[self.video_codec],
            *AUDIO_CODEC_ARGS[self.audio_codec],
            *CONTAINER_ARGS[self.container],
        ]
        return recording_factory.render(f"variant-{number}-{self.container}", *args)


def sample_variants(count: int) -> list[RecordingVariant]:
    """Return `count` variants, evenly spaced over all valid combinations."""
    variants = list(_all_variants())
    total = len(variants)
    return [variants[total * number // count] for number in range(min(count, total))]


def _all_variants() -> Iterator[RecordingVariant]:
    sizes_and_rates = cycle(SIZES_AND_RATES)
    for container, video_codec, audio_codec in product(CONTAINER_ARGS, VIDEO_CODEC_ARGS, AUDIO_CODEC_ARGS):
        codecs = {video_codec.partition(" ")[0], audio_codec.partition(" ")[0]}
        if codecs != {"none"} and not codecs & _unsupported_codecs(container, codecs):
            yield RecordingVariant(video_codec, audio_codec, container, *islice(sizes_and_rates, 1))


def _unsupported_codecs(container: str, codecs: set[str]) -> set[str]:
    """Return the codecs that the container does not support."""
    suffix = container.rpartition(".")[2]
    if suffix == "webm":
        return codecs - WEBM_CODECS
    return codecs & {"mov": CODECS_NOT_IN_MOV, "mp4": CODECS_NOT_IN_MP4}.get(suffix, frozenset())
