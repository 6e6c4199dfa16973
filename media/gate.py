"""Decode all of a stranger's file behind walls, and say whether it is sound, damaged, or nothing we can play.

What costs little is made in the same breath: the smallest size, the sound, the pictures that stand for it. A recording that
gets through can be watched at once, while the larger sizes are still to come.
"""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from django.conf import settings

from media import faces, ffmpeg, probe, recipes, voices
from media.collecting import BadOutput, Collected, check_sizes, collect, posters_in
from media.ffmpeg import Progress, Tracks
from media.growing import Growing, Onlooker
from media.inspecting import look
from media.listening import listen
from media.planning import Picture, Plan, plan
from media.playlists import Master
from media.probe import Probe, Unplayable
from media.programs import can_tone_map
from media.running import run_ffmpeg
from media.sandbox import Limits, Room
from media.storyboard import SHEET

# The longest recording, in the slowest format, on a machine that has other things to do.
# Twice this and an encode have to fit into the two hours after which the broker hands a job to somebody else.
DECODE = Limits(wall_seconds=25 * 60, cpu_seconds=60 * 60)
LOOKED_AT_ALL = 0.8  # the part after which faces are found, where they are looked for
HEARD_OF_ALL = 0.1  # the part of the time that goes into listening where there is a picture too


@dataclass(frozen=True)
class Checked:
    """A file that can be played; `sound` is False if something in it is damaged or missing.

    `made` is its first version: all of it, in the smallest size.
    """

    probe: Probe
    tracks: Tracks
    plan: Plan
    sound: bool
    made: Collected
    faces_found: int | None = None

    @property
    def seconds(self) -> float:
        return max(rendition.seconds for rendition in self.made.renditions)

    @property
    def master(self) -> Master:
        """Return what a player is told while there is no more than the first version."""
        names = {file.name for file in self.made.files}
        picture = self.plan.picture
        return Master(
            self.made.renditions,
            posters=sum(name.startswith("poster_") for name in names),
            storyboard=picture.storyboard if picture is not None else None,
            levels=self.plan.levels,
            faces_found=self.faces_found,
        )


@dataclass(frozen=True)
class Disguise:
    """What of a person is to be hidden. `cover` is where to keep where their face is, if that is to be hidden."""

    cover: Path | None = None
    voice: bool = False


AS_THEY_ARE = Disguise()


def check(
    source: Path,
    *,
    out: Path,
    cancelled: Callable[[], bool],
    reached: Callable[[float], None] | None = None,
    disguise: Disguise = AS_THEY_ARE,
    onlooker: Onlooker | None = None,
) -> Checked:
    """Describe the file, decode all of it, and judge; the first version comes to lie in `out`, an empty folder.

    `reached` hears the part done, from 0 to 1; `onlooker` sees the first version while it grows. What is to be hidden is
    so in everything that is ever made.

    Raises
    ------
    Unplayable
        With a sentence for the owner.
    media.sandbox.SandboxUnavailable, media.sandbox.RunCancelled, media.running.ProgramKilled
        Which say nothing about the file; and those of `media.faces.cover`.
    """
    found = look(source, cancelled=cancelled)
    if disguise.cover is not None and found.film is not None:
        found = replace(found, film=replace(found.film, groups=None))  # nothing of it is passed on as it is
    steps = _Steps(source, found, out, cancelled, reached or to_nobody, onlooker)
    planned = steps.listen()
    if disguise.voice and planned.sound is not None:
        planned = replace(planned, sound=replace(planned.sound, change=voices.draw()))
    if disguise.cover is not None and planned.picture is not None:
        steps.cover_faces(planned.picture, to=disguise.cover)
    checked = steps.decode(planned, strict=True)
    if checked is None or probe.is_short_of(found.header_seconds, checked.seconds):
        checked = steps.decode_leniently(planned)
    _check_length(checked.seconds)
    return checked


class _Steps:
    """The passes over one file."""

    def __init__(
        self,
        source: Path,
        found: Probe,
        out: Path,
        cancelled: Callable[[], bool],
        reached: Callable[[float], None],
        onlooker: Onlooker | None,
    ) -> None:
        self._source = source
        self._found = found
        self._out = out
        self._cancelled = cancelled
        self._reached = reached
        self._onlooker = onlooker
        self._seconds = max(track.seconds for track in (found.film, found.voice) if track is not None)
        self._tracks = Tracks(
            video=None if found.film is None else found.film.index,
            audio=None if found.voice is None else found.voice.index,
        )
        self._begun = HEARD_OF_ALL
        self._faces_found: int | None = None

    def listen(self) -> Plan:
        """Hear the sound, if there is any, and plan what to make."""
        heard, voice = None, self._found.voice
        if voice is not None:
            heard = listen(
                self._source,
                voice.index,
                at_most=_most_seconds(),
                cancelled=self._cancelled,
                reached=self._telling(0.0, HEARD_OF_ALL if self._found.film else 1.0),
            )
        return plan(self._found, heard, can_tone_map=can_tone_map())

    def cover_faces(self, picture: Picture, *, to: Path) -> None:
        """Find out where faces are, and have them covered from here on."""
        reached = self._telling(HEARD_OF_ALL, LOOKED_AT_ALL)
        cover = faces.cover(
            self._source, self._tracks, picture, to=to, cancelled=self._cancelled, reached=reached
        )
        self._tracks = replace(self._tracks, cover=cover.file)
        self._faces_found = cover.found_in_percent
        self._begun = LOOKED_AT_ALL

    def decode(self, planned: Plan, *, strict: bool) -> Checked | None:
        """Decode everything into the first version; None if there is a fault, or nothing worth keeping."""
        _empty(self._out)
        progress = Progress(to_nobody)
        growing = Growing(
            self._out,
            planned,
            reached=self._telling(self._begun, 1.0),
            # What a damaged recording holds is shown when it is known to be all.
            onlooker=self._onlooker if strict else None,
            cancelled=self._cancelled,
        )
        ran = run_ffmpeg(
            recipes.first(
                self._source, self._tracks, planned, out=self._out, strict=strict, at_most=_most_seconds()
            ),
            room=Room(source=self._source, out=self._out, parts=self._tracks.beside),
            limits=DECODE,
            hear=progress,
            cancelled=self._cancelled,
            meanwhile=growing.look,
        )
        if strict and (ran.code != 0 or not progress.ended or ffmpeg.stumbled(ran.complaints)):
            return None
        try:
            made = self._collect(planned)
        except BadOutput:
            return None
        self._reached(1.0)
        return Checked(self._found, self._tracks, planned, strict, made, self._faces_found)

    def decode_leniently(self, planned: Plan) -> Checked:
        """Keep what there is of a damaged recording. Raises Unplayable."""
        if self._onlooker is not None:
            self._onlooker.forget()
        lenient = self.decode(planned, strict=False)
        if lenient is None:
            raise Unplayable(probe.BROKEN)
        return lenient

    def _collect(self, planned: Plan) -> Collected:
        pictures, most = [], 1
        if planned.picture is not None:
            pictures, most = [SHEET], len(planned.picture.posters_at)
        pictures += posters_in(self._out, most=most)
        made = collect(self._out, names=planned.first_names, pictures=pictures, cancelled=self._cancelled)
        if planned.picture is not None:
            check_sizes(made.renditions[:1], [planned.picture.lowest])
        return made

    def _telling(self, begin: float, end: float) -> Callable[[float], None]:
        """Return who turns seconds of the recording into a part of the whole, from `begin` to `end`."""

        def hear(seconds: float) -> None:
            if self._seconds > 0:
                self._reached(begin + (end - begin) * min(1.0, seconds / self._seconds))

        return hear


def _most_seconds() -> float:
    """Return how much is read of a recording: enough to notice that it is too long."""
    return settings.UPLOAD_MAX_SECONDS + 2.0


def _check_length(seconds: float) -> None:
    if seconds < probe.SHORTEST_SECONDS:
        raise Unplayable(probe.BROKEN)
    if seconds > settings.UPLOAD_MAX_SECONDS + 1:
        raise Unplayable(probe.too_long(settings.UPLOAD_MAX_SECONDS))


def _empty(folder: Path) -> None:
    for left in folder.iterdir():
        if left.is_dir() and not left.is_symlink():
            shutil.rmtree(left)
        else:
            left.unlink()


def to_nobody(part: float) -> None:
    """Hear how far it is and do nothing about it."""
