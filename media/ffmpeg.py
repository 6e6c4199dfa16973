"""How ffmpeg is spoken to about a stranger's file, and what it says back. Words only: nothing is run here.

Every command that opens a stranger's file begins its input with `OPENING`. ffmpeg is never given an address, only a
path of ours; a playlist that pretends to be a film would otherwise make it read other files of this machine.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from media.sandbox import CommandArgument

# No HLS, DASH, concat or image readers: those follow names that a stranger wrote into the file.
ALLOWED_FORMATS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm"
# What phones and browsers record; the rarer a decoder, the less it was tried on hostile input.
ALLOWED_CODECS = "h264,hevc,vp8,vp9,av1,libdav1d,mpeg4,aac,mp3,mp3float,opus,vorbis,pcm_s16le"
VIDEO_CODECS = frozenset({"h264", "hevc", "vp8", "vp9", "av1", "libdav1d", "mpeg4"})
AUDIO_CODECS = frozenset({"aac", "mp3", "mp3float", "opus", "vorbis", "pcm_s16le"})
MAX_PIXELS = 8_300_000  # 3840 x 2160 fits

# Who speaks for the reader in what ffmpeg complains about; releases before 7 name the format.
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
    """The streams of a file that we use, by their index in it.

    `cover` is a file of ours beside it that says for each frame where the picture is to be covered.
    """

    video: int | None
    audio: int | None
    face_mask: Path | None = None

    @property
    def extra_inputs(self) -> tuple[Path, ...]:
        """Return what has to be in the room besides the file."""
        return () if self.face_mask is None else (self.face_mask,)


def input_args(source: Path, *, max_seconds: float, log_level: str = "warning") -> list[CommandArgument]:
    """Return the words that open a file of which at most so many seconds are read."""
    return [*QUIET_ARGS, "-loglevel", log_level, *SAFE_INPUT_ARGS, "-t", f"{max_seconds:.3f}", "-i", source]


def has_demuxer_errors(complaints: str) -> bool:
    """Whether the reader met something that made no sense and went on behind it.

    What browsers record has no checksums, and its decoders make a picture of anything: the reader, which finds no frame
    where one should begin, is the only one to notice.
    """
    return (
        re.search(rf"^\[({DEMUXER_LOG_NAMES})[^\]]*\] \[(error|fatal)\]", complaints, flags=re.MULTILINE)
        is not None
    )


class FFmpegProgressParser:
    """Reads `-progress` lines and passes on the time reached.

    Where pictures are made it counts frames of the first output: the time that is told is that of the output furthest
    behind, and a picture that is written at the end is behind until then.
    """

    def __init__(self, on_progress: Callable[[float], None], *, rate: Fraction | None = None) -> None:
        self.has_ended = False
        self._reached = on_progress
        self._rate = rate

    def __call__(self, line: str) -> None:
        name, _, value = line.partition("=")
        value = value.strip()
        if name == "frame" and self._rate is not None and value.isdigit():
            self._reached(float(int(value) / self._rate))
        elif name == "out_time_us" and self._rate is None and value.isdigit():
            self._reached(int(value) / 1_000_000)
        elif name == "progress":
            self.has_ended = value == "end"
