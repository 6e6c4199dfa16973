"""What we say to ffmpeg, and what it says back. Words only: nothing is run here.

Every command that opens a stranger's file begins its input with `OPENING`. ffmpeg is never given an address, only a
path of ours; a playlist that pretends to be a film would otherwise make it read other files of this machine.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from media.ladder import SEGMENT_SECONDS, Rung, frames_per_segment
from media.sandbox import Word

# No HLS, DASH, concat or image readers: those follow names that a stranger wrote into the file.
FORMATS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm"
# What phones and browsers record; the rarer a decoder, the less it was tried on hostile input.
CODECS = "h264,hevc,vp8,vp9,av1,libdav1d,mpeg4,aac,mp3,mp3float,opus,vorbis,pcm_s16le"
VIDEO_CODECS = frozenset({"h264", "hevc", "vp8", "vp9", "av1", "libdav1d", "mpeg4"})
AUDIO_CODECS = frozenset({"aac", "mp3", "mp3float", "opus", "vorbis", "pcm_s16le"})
MOST_PIXELS = 8_300_000  # 3840 x 2160 fits

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
POSTER_PIXELS = "1280:1280"

# "fast" takes half the time of the encoder's own choice and keeps speech at least as close to the original
# from 80 kbit/s on (signal to noise 34 against 27 dB, log spectral distance 4.7 against 4.9 dB).
AAC = ("-c:a", "aac", "-aac_coder", "fast")
MONO_KBPS, STEREO_KBPS = 80, 128

TONE_MAP = (
    "zscale=transfer=linear:npl=100,format=gbrpf32le,zscale=primaries=bt709,"
    "tonemap=tonemap=hable:desat=0,zscale=transfer=bt709:matrix=bt709:range=limited"
)


@dataclass(frozen=True)
class Tracks:
    """The streams of a file that we use, by their index in it."""

    video: int | None
    audio: int | None


@dataclass(frozen=True)
class Sound:
    """How the sound leaves the decoder: one voice stays one channel, anything wider becomes two."""

    gain_db: float
    mono: bool = False

    @property
    def words(self) -> list[str]:
        kbps = MONO_KBPS if self.mono else STEREO_KBPS
        return [*AAC, "-b:a", f"{kbps}k", "-ac", "1" if self.mono else "2"]


@dataclass(frozen=True)
class Picture:
    """How the picture leaves the decoder."""

    rungs: tuple[Rung, ...]
    rate: Fraction
    tone_map: bool
    poster_at: float
    hold_last_seconds: float = 0.0


def decoding(source: Path, tracks: Tracks, *, strict: bool, at_most: float) -> list[Word]:
    """Return the words that decode everything we would use and throw it away.

    Strictly, the first fault ends it: an exit code of 0 after lenient decoding says nothing about the file.
    """
    words: list[Word] = [*QUIET, "-loglevel", "info", *OPENING, "-i", source]
    words += ["-xerror"] if strict else []
    for index, null in (
        (tracks.video, ["-fps_mode", "passthrough"]),
        (tracks.audio, ["-af", "ebur128=framelog=quiet"]),
    ):
        if index is not None:
            words += ["-map", f"0:{index}", *null]
    return [*words, "-sn", "-dn", "-t", f"{at_most:.3f}", "-f", "null", "-"]


def encoding(
    source: Path, tracks: Tracks, *, picture: Picture | None, sound: Sound | None, out: Path
) -> list[Word]:
    """Return the words that decode once and write every rendition and the poster into `out`."""
    words: list[Word] = [*QUIET, "-loglevel", "warning", *OPENING, "-i", source]
    graph: list[str] = []
    outputs: list[Word] = []
    if picture is not None and tracks.video is not None:
        graph += _picture_graph(tracks.video, picture)
        for number, rung in enumerate(picture.rungs):
            outputs += [*_from(f"[r{number}]"), *_video(rung, picture.rate), *_segments(rung.name, out)]
        outputs += [*_from("[poster]"), *_jpeg(out)]
    if sound is not None and tracks.audio is not None:
        heard = (
            f"volume={sound.gain_db:.2f}dB,alimiter=limit=0.9:level=false,aresample=48000:async=1:first_pts=0"
        )
        graph += [f"[0:{tracks.audio}]{heard}" + ("[a]" if picture else ",asplit[a][wave]")]
        outputs += [*_from("[a]"), *sound.words, *_segments("a", out)]
        if picture is None:
            graph += ["[wave]aformat=channel_layouts=mono,showwavespic=s=1280x720:colors=0x5b7f95[poster]"]
            outputs += [*_from("[poster]"), *_jpeg(out)]
    return [*words, "-filter_complex", ";".join(graph), *outputs]


def _picture_graph(index: int, picture: Picture) -> list[str]:
    """Scale to fixed sizes, each rung from the one above it: sizes that change midway must not reach an encoder."""
    top, *lower = picture.rungs
    first = [
        f"fps={picture.rate}:start_time=0",
        f"scale={top.width}:{top.height}:flags=bicubic",
        "setsar=1",
        *([TONE_MAP] if picture.tone_map else []),
        "format=yuv420p",
    ]
    if picture.hold_last_seconds:
        first.append(f"tpad=stop_mode=clone:stop_duration={picture.hold_last_seconds:.3f}")
    graph = [f"[0:{index}]{','.join(first)},split={3 if lower else 2}[r0][still]" + ("[d0]" if lower else "")]
    for number, rung in enumerate(lower, start=1):
        last = number == len(lower)
        scaled = f"[d{number - 1}]scale={rung.width}:{rung.height}:flags=bicubic"
        graph.append(scaled + (f"[r{number}]" if last else f",split[r{number}][d{number}]"))
    graph.append(
        # The first picture from there on and no other: each one let through would be scaled for nothing.
        f"[still]select='gte(t,{picture.poster_at:.3f})*isnan(prev_selected_t)',"
        f"scale={POSTER_PIXELS}:force_original_aspect_ratio=decrease:force_divisible_by=2[poster]"
    )
    return graph


def _from(label: str) -> list[str]:
    """Take one branch and nothing else: no place, no device, no chapter of the original goes along."""
    return ["-map", label, "-map_metadata", "-1", "-map_chapters", "-1"]


def _video(rung: Rung, rate: Fraction) -> list[str]:
    frames = frames_per_segment(rate)
    return [
        *(
            "-c:v",
            "libx264",
            "-preset",
            "veryfast",
            "-profile:v",
            "high",
            "-pix_fmt",
            "yuv420p",
            "-crf",
            "23",
        ),
        *("-maxrate", f"{rung.ceiling_kbps}k", "-bufsize", f"{2 * rung.ceiling_kbps}k"),
        *("-g", str(frames), "-keyint_min", str(frames), "-sc_threshold", "0", "-flags", "+cgop"),
        *("-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709"),
    ]


def _segments(name: str, out: Path) -> list[Word]:
    return [
        *("-f", "hls", "-hls_time", str(SEGMENT_SECONDS), "-hls_playlist_type", "vod", "-hls_list_size", "0"),
        *("-hls_segment_type", "fmp4", "-hls_fmp4_init_filename", f"{name}_init.mp4"),
        *(
            "-hls_segment_options",
            "movflags=+cmaf+negative_cts_offsets:use_editlist=0",
            "-hls_segment_filename",
            out / f"{name}_%05d.m4s",
        ),
        out / f"{name}.m3u8",
    ]


def _jpeg(out: Path) -> list[Word]:
    return [
        "-frames:v",
        "1",
        "-c:v",
        "mjpeg",
        "-q:v",
        "4",
        "-pix_fmt",
        "yuvj420p",
        "-f",
        "image2",
        "-update",
        "1",
        out / "poster.jpg",
    ]


def gain_for(loudness: float | None) -> float:
    """Return the decibels that bring a recording to the target; silence stays silent."""
    if loudness is None or loudness < SILENCE_LUFS:
        return 0.0
    return max(-MOST_GAIN, min(MOST_GAIN, TARGET_LUFS - loudness))


def loudness_in(complaints: str) -> float | None:
    """Return the integrated loudness that ebur128 summed up, in LUFS; None where nothing was heard."""
    found = re.findall(r"^\s*I:\s+(-?\d+(?:\.\d+)?) LUFS\s*$", complaints, flags=re.MULTILINE)
    return float(found[-1]) if found else None


class Progress:
    """Reads `-progress` lines: keeps the time reached, and passes it on."""

    def __init__(self, reached: Callable[[float], None] | None = None) -> None:
        self.seconds = 0.0
        self.ended = False
        self._reached = reached

    def __call__(self, line: str) -> None:
        name, _, value = line.partition("=")
        if name == "out_time_us" and value.lstrip("-").isdigit():
            self.seconds = max(self.seconds, int(value) / 1_000_000)
            if self._reached is not None:
                self._reached(self.seconds)
        elif name == "progress":
            self.ended = value.strip() == "end"
