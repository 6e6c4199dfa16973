"""Honest recordings as unlike each other as phones, browsers and editing programs make them."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle, islice, product
from pathlib import Path

from tests.media.films import TONE, Studio

H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")
HEVC = ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none")
REALTIME = ("-deadline", "realtime", "-cpu-used", "8")

PICTURES: dict[str, tuple[str, ...]] = {
    "h264": H264,
    "h264 with b-frames": ("-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-bf", "3"),
    "h264 baseline": (*H264, "-profile:v", "baseline"),
    "h264 open groups": (*H264, "-x264-params", "open-gop=1:bframes=3:keyint=12"),
    "hevc": (*HEVC, "-pix_fmt", "yuv420p", "-tag:v", "hvc1"),
    "hevc 10 bit": (*HEVC, "-pix_fmt", "yuv420p10le", "-tag:v", "hvc1"),
    "mpeg4": ("-c:v", "mpeg4", "-q:v", "5"),
    "vp9": ("-c:v", "libvpx-vp9", *REALTIME),
    "vp8": ("-c:v", "libvpx", *REALTIME),
    "none": (),
}
VOICES: dict[str, tuple[str, ...]] = {
    "aac": ("-c:a", "aac"),
    "aac 22 kHz": ("-c:a", "aac", "-ar", "22050", "-ac", "1"),
    "aac stereo": ("-c:a", "aac", "-ar", "44100", "-ac", "2"),
    "mp3": ("-c:a", "libmp3lame"),
    "opus": ("-c:a", "libopus"),
    "vorbis": ("-c:a", "libvorbis", "-ac", "2"),
    "none": (),
}
WRAPPINGS: dict[str, tuple[str, ...]] = {
    "plain.mp4": (),
    "front.mp4": ("-movflags", "+faststart"),
    "pieces.mp4": ("-movflags", "frag_keyframe+empty_moov+default_base_moof"),
    "phone.mov": ("-metadata", "com.apple.quicktime.location.ISO6709=+51.5334-000.1255/"),
    "plain.mkv": (),
    "live.mkv": ("-f", "matroska", "-live", "1"),
    "plain.webm": (),
    "live.webm": ("-f", "webm", "-live", "1"),
}
IN_WEBM = frozenset({"vp8", "vp9", "opus", "vorbis", "none"})
NOT_IN_MOV = frozenset({"vp8", "vp9", "opus", "vorbis"})
NOT_IN_MP4 = frozenset({"vp8", "vorbis"})
SHAPES = (
    "size=160x120:rate=30",
    "size=120x160:rate=25",
    "size=162x122:rate=24000/1001",
    "size=176x144:rate=15",
)


@dataclass(frozen=True)
class Variant:
    """One way to record a second or two."""

    picture: str
    voice: str
    wrapping: str
    shape: str

    @property
    def name(self) -> str:
        return f"{self.picture}, {self.voice}, {self.wrapping}, {self.shape}"

    def shoot(self, studio: Studio, number: int) -> Path:
        words: list[str] = []
        if self.picture != "none":
            words += ["-f", "lavfi", "-i", f"testsrc2={self.shape}:duration=1.5"]
        if self.voice != "none":
            words += ["-f", "lavfi", "-i", f"{TONE}:duration=1.5"]
        words += [*PICTURES[self.picture], *VOICES[self.voice], *WRAPPINGS[self.wrapping]]
        return studio.shoot(f"variant-{number}-{self.wrapping}", *words)


def variants(count: int) -> list[Variant]:
    """Return so many different ones, spread evenly over all that go together."""
    every = list(_all())
    return [every[len(every) * number // count] for number in range(min(count, len(every)))]


def _all() -> Iterator[Variant]:
    shapes = cycle(SHAPES)
    for wrapping, picture, voice in product(WRAPPINGS, PICTURES, VOICES):
        parts = {picture.partition(" ")[0], voice.partition(" ")[0]}
        if parts != {"none"} and not parts & _foreign_to(wrapping, parts):
            yield Variant(picture, voice, wrapping, *islice(shapes, 1))


def _foreign_to(wrapping: str, parts: set[str]) -> set[str]:
    """Return which of these codecs a file of this kind cannot hold."""
    kind = wrapping.rpartition(".")[2]
    if kind == "webm":
        return parts - IN_WEBM
    return parts & {"mov": NOT_IN_MOV, "mp4": NOT_IN_MP4}.get(kind, frozenset())
