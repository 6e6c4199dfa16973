"""HLS manifest of a video and the playlists generated from it.

The manifest is small enough for the video's row (3 kB per rendition of the longest recording). Playlists are generated
from it per request, without reading the store and without any text that an encoder wrote.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from media.playback import storyboard
from media.playback.storyboard import Storyboard

MASTER_PLAYLIST = "master.m3u8"
AUDIO_RENDITION = "a"
WAVEFORM_FILE = "waveform.json"
POSTER_NAME_PATTERN = re.compile(r"poster_(?P<number>[0-9])\.jpg")
SEGMENT_NAME_PATTERN = re.compile(r"(?P<rendition>a|v[0-9]{1,4})_(?:init\.mp4|(?P<number>[0-9]{5})\.m4s)")


def poster_name(number: int | str) -> str:
    return f"poster_{number}.jpg"


@dataclass(frozen=True)
class Rendition:
    """A video size or the audio; `durations` are the seconds of its segments."""

    name: str
    kind: Literal["video", "audio"]
    codecs: str
    peak_bps: int
    average_bps: int
    durations: tuple[float, ...]
    width: int | None = None
    height: int | None = None
    frame_rate: float | None = None

    @property
    def seconds(self) -> float:
        return sum(self.durations)

    @property
    def file_names(self) -> list[str]:
        return [f"{self.name}_init.mp4", *(f"{self.name}_{n:05d}.m4s" for n in range(len(self.durations)))]


@dataclass(frozen=True)
class Manifest:
    """All renditions of one version of a video, largest first, audio last, and its images.

    `posters` is the number of posters; `levels` is the waveform (0 to 100) of an audio-only recording; `faces_found`
    is the percentage of sampled frames in which a face was detected, if faces are hidden. `growing` is the maximum
    segment duration in seconds while more segments follow, otherwise 0.
    """

    renditions: tuple[Rendition, ...]
    posters: int = 1
    storyboard: Storyboard | None = None
    levels: tuple[int, ...] = ()
    faces_found: int | None = None
    growing: int = 0

    @property
    def video_renditions(self) -> list[Rendition]:
        return [rendition for rendition in self.renditions if rendition.kind == "video"]

    @property
    def audio_rendition(self) -> Rendition | None:
        return next((rendition for rendition in self.renditions if rendition.kind == "audio"), None)

    @property
    def seconds(self) -> float:
        return max(rendition.seconds for rendition in self.renditions)

    @property
    def file_names(self) -> list[str]:
        """Names of all stored objects of this version; playlists are generated."""
        sprite_sheet = [storyboard.SPRITE_SHEET] if self.storyboard is not None else []
        segments = [name for rendition in self.renditions for name in rendition.file_names]
        return [*(poster_name(number) for number in range(self.posters)), *sprite_sheet, *segments]

    def has_file(self, name: str) -> bool:
        poster = POSTER_NAME_PATTERN.fullmatch(name)
        if poster is not None:
            return int(poster["number"]) < self.posters
        if name == storyboard.SPRITE_SHEET:
            return self.storyboard is not None
        segment = SEGMENT_NAME_PATTERN.fullmatch(name)
        rendition = None if segment is None else self._find_rendition(segment["rendition"])
        if segment is None or rendition is None:
            return False
        return segment["number"] is None or int(segment["number"]) < len(rendition.durations)

    def playlist_text(self, name: str) -> str | None:
        """Return the master or a media playlist; None for an unknown name."""
        if name == MASTER_PLAYLIST:
            return self._master_playlist()
        rendition = self._find_rendition(name.removesuffix(".m3u8")) if name.endswith(".m3u8") else None
        return None if rendition is None else _media_playlist(rendition, growing=self.growing)

    def storyboard_webvtt(self) -> str | None:
        """Return the thumbnail track; None for an audio-only recording."""
        return None if self.storyboard is None else self.storyboard.webvtt(self.seconds)

    def waveform_json(self) -> str | None:
        """Return the waveform as JSON; None for a recording with video."""
        return json.dumps({"seconds": self.seconds, "levels": self.levels}) if self.levels else None

    def _find_rendition(self, name: str) -> Rendition | None:
        return next((rendition for rendition in self.renditions if rendition.name == name), None)

    def _master_playlist(self) -> str:
        lines = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-INDEPENDENT-SEGMENTS"]
        audio = self.audio_rendition
        if audio is not None and self.video_renditions:
            lines.append(
                f'#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="sound",NAME="Sound",DEFAULT=YES,AUTOSELECT=YES,URI="{audio.name}.m3u8"'
            )
        for rendition in self.video_renditions or self.renditions:
            lines += [
                f"#EXT-X-STREAM-INF:{_stream_inf_attributes(rendition, audio)}",
                f"{rendition.name}.m3u8",
            ]
        return "\n".join(lines) + "\n"

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def rendition_from_json(stored: Mapping[str, Any]) -> Rendition:
    return Rendition(**{**stored, "durations": tuple(stored["durations"])})


def manifest_from_json(stored: Mapping[str, Any]) -> Manifest:
    renditions = (rendition_from_json(rendition) for rendition in stored["renditions"])
    board = stored.get("storyboard")
    return Manifest(
        tuple(renditions),
        posters=stored.get("posters", 1),
        storyboard=None if board is None else Storyboard(**board),
        levels=tuple(stored.get("levels", ())),
        faces_found=stored.get("faces_found"),
        growing=stored.get("growing", 0),
    )


def _stream_inf_attributes(rendition: Rendition, audio: Rendition | None) -> str:
    separate_audio = audio if audio is not None and audio is not rendition else None
    peak = rendition.peak_bps + (separate_audio.peak_bps if separate_audio else 0)
    average = rendition.average_bps + (separate_audio.average_bps if separate_audio else 0)
    codecs = rendition.codecs + (f",{separate_audio.codecs}" if separate_audio else "")
    attributes = f'BANDWIDTH={peak},AVERAGE-BANDWIDTH={average},CODECS="{codecs}"'
    if rendition.width and rendition.height:
        attributes += f",RESOLUTION={rendition.width}x{rendition.height}"
    if rendition.frame_rate:
        attributes += f",FRAME-RATE={rendition.frame_rate:.3f}"
    return attributes + (',AUDIO="sound"' if separate_audio else "")


def _media_playlist(rendition: Rendition, *, growing: int) -> str:
    """Omit the end tag while the rendition grows: players then reload the playlist (RFC 8216, 6.3.4)."""
    init_segment, *segments = rendition.file_names
    # RFC 8216, 4.3.3.1: no rounded segment duration may exceed the target duration, which must not change.
    target_duration = max(1, growing, *(round(duration) for duration in rendition.durations))
    lines = ["#EXTM3U", "#EXT-X-VERSION:7", f"#EXT-X-TARGETDURATION:{target_duration}"]
    # Without an explicit start, players start a growing playlist at its live edge.
    lines += (
        ["#EXT-X-PLAYLIST-TYPE:EVENT", "#EXT-X-START:TIME-OFFSET=0"]
        if growing
        else ["#EXT-X-PLAYLIST-TYPE:VOD"]
    )
    lines += [f'#EXT-X-MAP:URI="{init_segment}"']
    for segment, duration in zip(segments, rendition.durations, strict=True):
        lines += [f"#EXTINF:{duration:.6f},", segment]
    lines += [] if growing else ["#EXT-X-ENDLIST"]
    return "\n".join(lines) + "\n"
