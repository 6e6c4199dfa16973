"""How ffmpeg is spoken to about a stranger's file, and what it says back. Words only: nothing is run here.

Every command that opens a stranger's file begins its input with `OPENING`. ffmpeg is never given an address, only a
path of ours; a playlist that pretends to be a film would otherwise make it read other files of this machine.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from media.sandbox import Word

# No HLS, DASH, concat or image readers: those follow names that a stranger wrote into the file.
FORMATS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm"
# What phones and browsers record; the rarer a decoder, the less it was tried on hostile input.
CODECS = "h264,hevc,vp8,vp9,av1,libdav1d,mpeg4,aac,mp3,mp3float,opus,vorbis,pcm_s16le"
VIDEO_CODECS = frozenset({"h264", "hevc", "vp8", "vp9", "av1", "libdav1d", "mpeg4"})
AUDIO_CODECS = frozenset({"aac", "mp3", "mp3float", "opus", "vorbis", "pcm_s16le"})
MOST_PIXELS = 8_300_000  # 3840 x 2160 fits

# Who speaks for the reader in what ffmpeg complains about; releases before 7 name the format.
READERS = "in#0|matroska,webm|mov,mp4"

OPENING: tuple[str, ...] = (
    "-nostdin",
    "-protocol_whitelist",
    "file",
    "-format_whitelist",
    FORMATS,
    "-codec_whitelist",
    CODECS,
    "-max_pixels",
    str(MOST_PIXELS),
)
QUIET = ("-hide_banner", "-nostats", "-progress", "pipe:1")

TARGET_LUFS = -18.0  # speech on phones and laptops: loud enough, with room above
MOST_GAIN = 20.0
SILENCE_LUFS = -60.0


@dataclass(frozen=True)
class Tracks:
    """The streams of a file that we use, by their index in it.

    `cover` is a file of ours beside it that says for each frame where the picture is to be covered.
    """

    video: int | None
    audio: int | None
    cover: Path | None = None

    @property
    def beside(self) -> tuple[Path, ...]:
        """Return what has to be in the room besides the file."""
        return () if self.cover is None else (self.cover,)


def opening(source: Path, *, at_most: float, said: str = "warning") -> list[Word]:
    """Return the words that open a file of which at most so many seconds are read."""
    return [*QUIET, "-loglevel", said, *OPENING, "-t", f"{at_most:.3f}", "-i", source]


def listening(source: Path, index: int, *, at_most: float) -> list[Word]:
    """Return the words that decode one sound and say on stdout how loud each tenth of a second is."""
    opened = [word for word in opening(source, at_most=at_most, said="info") if word not in QUIET[1:]]
    measured = "ebur128=metadata=1:framelog=quiet,ametadata=mode=print:key=lavfi.r128.M:file=-:direct=1"
    return [*opened, "-nostats", "-map", f"0:{index}", "-af", measured, "-sn", "-dn", "-f", "null", "-"]


def gain_for(loudness: float | None) -> float:
    """Return the decibels that bring a recording to the target; silence stays silent."""
    if loudness is None or loudness < SILENCE_LUFS:
        return 0.0
    return max(-MOST_GAIN, min(MOST_GAIN, TARGET_LUFS - loudness))


def loudness_in(complaints: str) -> float | None:
    """Return the integrated loudness that ebur128 summed up, in LUFS; None where nothing was heard."""
    found = re.findall(r"^\s*I:\s+(-?\d+(?:\.\d+)?) LUFS\s*$", complaints, flags=re.MULTILINE)
    return float(found[-1]) if found else None


def stumbled(complaints: str) -> bool:
    """Whether the reader met something that made no sense and went on behind it.

    What browsers record has no checksums, and its decoders make a picture of anything: the reader, which finds no frame
    where one should begin, is the only one to notice.
    """
    return re.search(rf"^\[({READERS})[^\]]*\] \[(error|fatal)\]", complaints, flags=re.MULTILINE) is not None


class Progress:
    """Reads `-progress` lines and passes on the time reached.

    Where pictures are made it counts frames of the first output: the time that is told is that of the output furthest
    behind, and a picture that is written at the end is behind until then.
    """

    def __init__(self, reached: Callable[[float], None], *, rate: Fraction | None = None) -> None:
        self.ended = False
        self._reached = reached
        self._rate = rate

    def __call__(self, line: str) -> None:
        name, _, value = line.partition("=")
        value = value.strip()
        if name == "frame" and self._rate is not None and value.isdigit():
            self._reached(float(int(value) / self._rate))
        elif name == "out_time_us" and self._rate is None and value.isdigit():
            self._reached(int(value) / 1_000_000)
        elif name == "progress":
            self.ended = value == "end"
