"""Honest recordings as unlike each other as phones, browsers and editing programs make them."""

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
    "h264 open groups": (*H264_ARGS, "-x264-params", "open-gop=1:bframes=3:keyint=12"),
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
    "front.mp4": ("-movflags", "+faststart"),
    "pieces.mp4": ("-movflags", "frag_keyframe+empty_moov+default_base_moof"),
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
    """One way to record a second or two."""

    video_codec: str
    audio_codec: str
    container: str
    size_and_rate: str

    @property
    def name(self) -> str:
        return f"{self.video_codec}, {self.audio_codec}, {self.container}, {self.size_and_rate}"

    def render(self, recording_factory: RecordingFactory, number: int) -> Path:
        words: list[str] = []
        if self.video_codec != "none":
            words += ["-f", "lavfi", "-i", f"testsrc2={self.size_and_rate}:duration=1.5"]
        if self.audio_codec != "none":
            words += ["-f", "lavfi", "-i", f"{TONE_SOURCE}:duration=1.5"]
        words += [
            *VIDEO_CODEC_ARGS[self.video_codec],
            *AUDIO_CODEC_ARGS[self.audio_codec],
            *CONTAINER_ARGS[self.container],
        ]
        return recording_factory.render(f"variant-{number}-{self.container}", *words)


def sample_variants(count: int) -> list[RecordingVariant]:
    """Return so many different ones, spread evenly over all that go together."""
    every = list(_all_variants())
    return [every[len(every) * number // count] for number in range(min(count, len(every)))]


def _all_variants() -> Iterator[RecordingVariant]:
    shapes = cycle(SIZES_AND_RATES)
    for wrapping, picture, voice in product(CONTAINER_ARGS, VIDEO_CODEC_ARGS, AUDIO_CODEC_ARGS):
        parts = {picture.partition(" ")[0], voice.partition(" ")[0]}
        if parts != {"none"} and not parts & _unsupported_codecs(wrapping, parts):
            yield RecordingVariant(picture, voice, wrapping, *islice(shapes, 1))


def _unsupported_codecs(wrapping: str, parts: set[str]) -> set[str]:
    """Return which of these codecs a file of this kind cannot hold."""
    kind = wrapping.rpartition(".")[2]
    if kind == "webm":
        return parts - WEBM_CODECS
    return parts & {"mov": CODECS_NOT_IN_MOV, "mp4": CODECS_NOT_IN_MP4}.get(kind, frozenset())
