"""Decide what is made of a recording, from what was found in it and how loud it is. Values in, values out."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import Any

from media import copying, ffmpeg, ladder, storyboard
from media.ladder import Rung
from media.listening import Heard
from media.playlists import SOUND
from media.probe import Film, Probe
from media.storyboard import Storyboard
from media.voices import VoiceChange

FIRST_POSTER_SECONDS = 3.0
HOLD_FROM_SECONDS = 0.5


@dataclass(frozen=True)
class Sound:
    """How the sound leaves the decoder: one voice stays one channel, anything wider becomes two."""

    gain_db: float
    mono: bool = False
    change: VoiceChange | None = None


@dataclass(frozen=True)
class Picture:
    """How the picture leaves the decoder: in which sizes, largest first, and cut where.

    `cuts` has the seconds at which pieces begin where that is not regular; `copies_top` says that the largest size is
    the recording's own stream, and the cuts are its.
    """

    rungs: tuple[Rung, ...]
    rate: Fraction
    posters_at: tuple[float, ...]
    storyboard: Storyboard
    frames_apart: int
    tone_map: bool = False
    hold_last_seconds: float = 0.0
    cuts: tuple[float, ...] = ()
    copies_top: bool = False

    @property
    def longest_piece(self) -> int:
        """Return the seconds that no piece exceeds once they are rounded."""
        return copying.LONGEST_PIECE if self.cuts else ladder.SEGMENT_SECONDS

    @property
    def lowest(self) -> Rung:
        return self.rungs[-1]

    @property
    def upper(self) -> tuple[Rung, ...]:
        return self.rungs[:-1]

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"rate": str(self.rate)}


def picture_from_json(stored: Mapping[str, Any]) -> Picture:
    facts = {
        "rungs": tuple(Rung(**rung) for rung in stored["rungs"]),
        "rate": Fraction(stored["rate"]),
        "posters_at": tuple(stored["posters_at"]),
        "storyboard": Storyboard(**stored["storyboard"]),
        "cuts": tuple(stored["cuts"]),
    }
    return Picture(**{**stored, **facts})


@dataclass(frozen=True)
class Plan:
    """`levels` is how loud the recording is along its way, for stories that are heard only."""

    picture: Picture | None
    sound: Sound | None
    levels: tuple[int, ...] = ()

    @property
    def longest_piece(self) -> int:
        return ladder.SEGMENT_SECONDS if self.picture is None else self.picture.longest_piece

    @property
    def first_names(self) -> list[str]:
        """Return the names of the renditions that the first version has."""
        names = [] if self.picture is None else [self.picture.lowest.name]
        return names if self.sound is None else [*names, SOUND]


def plan(found: Probe, heard: Heard | None, *, can_tone_map: bool) -> Plan:
    film, voice = found.film, found.voice
    sound = None
    if voice is not None:
        loudness = None if heard is None else heard.loudness
        sound = Sound(ffmpeg.gain_for(loudness), mono=voice.channels == 1)
    if film is None:
        return Plan(None, sound, levels=() if heard is None else heard.levels)
    # Where the picture ends long before the words do, the last one stays: a player would stop at the gap.
    missing = voice.seconds - film.seconds if voice is not None else 0.0
    held = missing if missing > HOLD_FROM_SECONDS else 0.0
    return Plan(_picture(film, held=held, tone_map=film.hdr and can_tone_map), sound)


def _picture(film: Film, *, held: float, tone_map: bool) -> Picture:
    rungs = tuple(ladder.ladder(film.width, film.height))
    rate = ladder.frame_rate(film.rate)
    seconds = film.seconds + held
    cuts = None
    # The lowest rung is made while the recording is checked, so a copy of it would save nothing.
    if film.groups is not None and len(rungs) > 1 and not held and not tone_map:
        cuts = copying.cuts(film.groups, size=(film.width, film.height), rung=rungs[0], rate=rate)
    return Picture(
        rungs=rungs,
        rate=rate,
        posters_at=(min(FIRST_POSTER_SECONDS, film.seconds / 4), 0.5 * film.seconds, 0.75 * film.seconds),
        storyboard=storyboard.lay_out(film.width, film.height, seconds=seconds, rate=rate),
        frames_apart=storyboard.frames_apart(seconds, rate=rate),
        tone_map=tone_map,
        hold_last_seconds=held,
        cuts=cuts or (),
        copies_top=cuts is not None,
    )
