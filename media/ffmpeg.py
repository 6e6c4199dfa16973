"""Safe ffmpeg input arguments for untrusted files, and parsing of ffmpeg's output. Runs nothing.

Every command that opens an untrusted file puts `SAFE_INPUT_ARGS` before its input. ffmpeg never gets a URL, only a
local path: a playlist disguised as a video could otherwise make it read other files.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from media.sandbox import CommandArgument

# No HLS, DASH, concat or image demuxers: they open the paths and URLs in the file.
ALLOWED_FORMATS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm"
# Formats of phones and browsers only: rarer decoders are less tested against malicious input.
ALLOWED_CODECS = "h264,hevc,vp8,vp9,av1,libdav1d,mpeg4,aac,mp3,mp3float,opus,vorbis,pcm_s16le"
VIDEO_CODECS = frozenset({"h264", "hevc", "vp8", "vp9", "av1", "libdav1d", "mpeg4"})
AUDIO_CODECS = frozenset({"aac", "mp3", "mp3float", "opus", "vorbis", "pcm_s16le"})
MAX_PIXELS = 8_300_000  # 3840 x 2160 fits

# Prefixes of the demuxer's log lines; releases before 7 use the format name.
DEMUXER_LOG_NAMES = "in#0|matroska,webm|mov,mp4"

SAFE_INPUT_ARGS: tuple[str, ...] = (
    "-nostdin",
    "-protocol_whitelist",
    "file",
    "-format_whitelist",
    ALLOWED_FORMATS,
    "-codec_whitelist",
    ALLOWED_CODECS,
    "-max_pixels",
    str(MAX_PIXELS),
)
QUIET_ARGS = ("-hide_banner", "-nostats", "-progress", "pipe:1")


@dataclass(frozen=True)
class SelectedTracks:
    """Indexes of the streams to use; `face_mask` is our file with the regions to cover in each frame."""

    video: int | None
    audio: int | None
    face_mask: Path | None = None

    @property
    def extra_inputs(self) -> tuple[Path, ...]:
        """Files to mount in the sandbox besides the source."""
        return () if self.face_mask is None else (self.face_mask,)


def input_args(source: Path, *, max_seconds: float, log_level: str = "warning") -> list[CommandArgument]:
    return [*QUIET_ARGS, "-loglevel", log_level, *SAFE_INPUT_ARGS, "-t", f"{max_seconds:.3f}", "-i", source]


def has_demuxer_errors(stderr: str) -> bool:
    """Whether the demuxer skipped invalid data.

    Browser recordings have no checksums and their decoders accept any data, so only the demuxer notices damage.
    """
    return (
        re.search(rf"^\[({DEMUXER_LOG_NAMES})[^\]]*\] \[(error|fatal)\]", stderr, flags=re.MULTILINE)
        is not None
    )


class FFmpegProgressParser:
    """Parses `-progress` lines and reports the position in seconds.

    With a frame rate it counts frames of the first output: ffmpeg's own time is that of the slowest output, and an
    image that is written at the end stays at zero until then.
    """

    def __init__(self, on_progress: Callable[[float], None], *, rate: Fraction | None = None) -> None:
        self.has_ended = False
        self._on_progress = on_progress
        self._rate = rate

    def __call__(self, line: str) -> None:
        name, _, value = line.partition("=")
        value = value.strip()
        if name == "frame" and self._rate is not None and value.isdigit():
            self._on_progress(float(int(value) / self._rate))
        elif name == "out_time_us" and self._rate is None and value.isdigit():
            self._on_progress(int(value) / 1_000_000)
        elif name == "progress":
            self.has_ended = value == "end"
