"""What a player is told: which renditions there are, and which pieces each consists of. Values only.

The description of a video's renditions is small enough to live in its row (3 kB a rendition for the longest recording),
and every playlist is written from it when asked for: nothing is fetched, and no text that an encoder wrote is
ever passed on.
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
    """One size of the picture, or the sound. `durations` has the seconds of each piece."""

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
    """All renditions of one version of a video, largest picture first, sound last, and the pictures beside them.

    `posters` says how many there are to choose from; `levels` is how loud a recording without picture is, from 0 to
    100, along its way; `faces_found` in how many of a hundred pictures a face was found and covered, if that was wanted.
    `growing` is not 0 while more pieces are to come, of so many seconds at most.
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
        """Every object that belongs to this version, playlists not among them."""
        sheet = [storyboard.SPRITE_SHEET] if self.storyboard is not None else []
        pieces = [piece for rendition in self.renditions for piece in rendition.file_names]
        return [*(poster_name(number) for number in range(self.posters)), *sheet, *pieces]

    def has_file(self, name: str) -> bool:
        """Whether an object of this name belongs to this version."""
        poster = POSTER_NAME_PATTERN.fullmatch(name)
        if poster is not None:
            return int(poster["number"]) < self.posters
        if name == storyboard.SPRITE_SHEET:
            return self.storyboard is not None
        found = SEGMENT_NAME_PATTERN.fullmatch(name)
        rendition = None if found is None else self._find_rendition(found["rendition"])
        if found is None or rendition is None:
            return False
        return found["number"] is None or int(found["number"]) < len(rendition.durations)

    def playlist_text(self, name: str) -> str | None:
        """Return the text of the master or of one rendition's playlist; None for a name that is neither."""
        if name == MASTER_PLAYLIST:
            return self._master_playlist()
        rendition = self._find_rendition(name.removesuffix(".m3u8")) if name.endswith(".m3u8") else None
        return None if rendition is None else _media_playlist(rendition, growing=self.growing)

    def storyboard_webvtt(self) -> str | None:
        """Return which second is where on the storyboard, as WebVTT; None where there is no picture."""
        return None if self.storyboard is None else self.storyboard.webvtt(self.seconds)

    def waveform_json(self) -> str | None:
        """Return how loud it is along the way, as JSON; None where there is a picture to look at."""
        return json.dumps({"seconds": self.seconds, "levels": self.levels}) if self.levels else None

    def _find_rendition(self, name: str) -> Rendition | None:
        return next((rendition for rendition in self.renditions if rendition.name == name), None)

    def _master_playlist(self) -> str:
        lines = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-INDEPENDENT-SEGMENTS"]
        sound = self.audio_rendition
        if sound is not None and self.video_renditions:
            lines.append(
                f'#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="sound",NAME="Sound",DEFAULT=YES,AUTOSELECT=YES,URI="{sound.name}.m3u8"'
            )
        for rendition in self.video_renditions or [one for one in (sound,) if one is not None]:
            lines += [
                f"#EXT-X-STREAM-INF:{_stream_inf_attributes(rendition, sound)}",
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


def _stream_inf_attributes(rendition: Rendition, sound: Rendition | None) -> str:
    beside = sound if sound is not None and sound is not rendition else None
    peak = rendition.peak_bps + (beside.peak_bps if beside else 0)
    average = rendition.average_bps + (beside.average_bps if beside else 0)
    codecs = rendition.codecs + (f",{beside.codecs}" if beside else "")
    offer = f'BANDWIDTH={peak},AVERAGE-BANDWIDTH={average},CODECS="{codecs}"'
    if rendition.width and rendition.height:
        offer += f",RESOLUTION={rendition.width}x{rendition.height}"
    if rendition.frame_rate:
        offer += f",FRAME-RATE={rendition.frame_rate:.3f}"
    return offer + (',AUDIO="sound"' if beside else "")


def _media_playlist(rendition: Rendition, *, growing: int) -> str:
    """Write down the pieces; a player that meets a playlist without an end comes back for more (RFC 8216, 6.3.4)."""
    header, *pieces = rendition.file_names
    # Rounded as RFC 8216, 4.3.3.1 wants it: no piece may round to more than this, and it may not change.
    longest = max(1, growing, *(round(duration) for duration in rendition.durations))
    lines = ["#EXTM3U", "#EXT-X-VERSION:7", f"#EXT-X-TARGETDURATION:{longest}"]
    # Without its beginning being named, players begin a growing one at its end.
    lines += (
        ["#EXT-X-PLAYLIST-TYPE:EVENT", "#EXT-X-START:TIME-OFFSET=0"]
        if growing
        else ["#EXT-X-PLAYLIST-TYPE:VOD"]
    )
    lines += [f'#EXT-X-MAP:URI="{header}"']
    for piece, duration in zip(pieces, rendition.durations, strict=True):
        lines += [f"#EXTINF:{duration:.6f},", piece]
    lines += [] if growing else ["#EXT-X-ENDLIST"]
    return "\n".join(lines) + "\n"
