"""Decode all of a stranger's file behind walls, and say whether it is sound, damaged, or nothing we can play.

What costs little is made in the same breath: the smallest size, the sound, the pictures that stand for it. A recording that
gets through can be watched at once, while the larger sizes are still to come.
"""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from django.conf import settings

from media import ffmpeg
from media.encoding import ffmpeg_args, voice_change
from media.encoding.loudness import measure_loudness
from media.encoding.outputs import (
    EncoderOutput,
    InvalidEncoderOutput,
    check_rendition_sizes,
    collect_output,
    written_poster_names,
)
from media.encoding.plan import EncodingPlan, VideoPlan, plan_encoding
from media.encoding.preview import PreviewObserver, PreviewPoller
from media.encoding.runner import run_ffmpeg
from media.faces import detection
from media.ffmpeg import FFmpegProgressParser, SelectedTracks
from media.playback.playlists import Manifest
from media.playback.storyboard import SPRITE_SHEET
from media.probing import facts
from media.probing.client import probe_file
from media.probing.facts import ProbeResult, UnplayableRecording
from media.programs import can_tone_map
from media.sandbox import ResourceLimits, SandboxMounts

# The longest recording, in the slowest format, on a machine that has other things to do.
# Twice this and an encode have to fit into the two hours after which the broker hands a job to somebody else.
DECODE_LIMITS = ResourceLimits(wall_seconds=25 * 60, cpu_seconds=60 * 60)
PROGRESS_AFTER_FACE_DETECTION = 0.8  # the part after which faces are found, where they are looked for
PROGRESS_AFTER_LOUDNESS = 0.1  # the part of the time that goes into listening where there is a picture too


@dataclass(frozen=True)
class ValidatedRecording:
    """A file that can be played; `sound` is False if something in it is damaged or missing.

    `made` is its first version: all of it, in the smallest size.
    """

    probe: ProbeResult
    tracks: SelectedTracks
    plan: EncodingPlan
    is_intact: bool
    first_version: EncoderOutput
    face_detection_percent: int | None = None

    @property
    def seconds(self) -> float:
        return max(rendition.seconds for rendition in self.first_version.renditions)

    @property
    def manifest(self) -> Manifest:
        """Return what a player is told while there is no more than the first version."""
        names = {file.name for file in self.first_version.files}
        picture = self.plan.video
        return Manifest(
            self.first_version.renditions,
            posters=sum(name.startswith("poster_") for name in names),
            storyboard=picture.storyboard if picture is not None else None,
            levels=self.plan.levels,
            faces_found=self.face_detection_percent,
        )


@dataclass(frozen=True)
class AnonymisationSettings:
    """What of a person is to be hidden. `cover` is where to keep where their face is, if that is to be hidden."""

    face_mask_path: Path | None = None
    change_voice: bool = False


NO_ANONYMISATION = AnonymisationSettings()


def validate_recording(
    source: Path,
    *,
    out: Path,
    is_cancelled: Callable[[], bool],
    on_progress: Callable[[float], None] | None = None,
    anonymisation: AnonymisationSettings = NO_ANONYMISATION,
    observer: PreviewObserver | None = None,
) -> ValidatedRecording:
    """Describe the file, decode all of it, and judge; the first version comes to lie in `out`, an empty folder.

    `reached` hears the part done, from 0 to 1; `onlooker` sees the first version while it grows. What is to be hidden is
    so in everything that is ever made.

    Raises
    ------
    Unplayable
        With a sentence for the owner.
    media.sandbox.SandboxUnavailable, media.sandbox.RunCancelled, media.encoding.runner.ProgramKilled
        Which say nothing about the file; and those of `media.faces.detection.write_face_mask`.
    """
    found = probe_file(source, is_cancelled=is_cancelled)
    if anonymisation.face_mask_path is not None and found.video is not None:
        found = replace(
            found, video=replace(found.video, gop_structure=None)
        )  # nothing of it is passed on as it is
    steps = _ValidationRun(source, found, out, is_cancelled, on_progress or ignore_progress, observer)
    planned = steps.measure_and_plan()
    if anonymisation.change_voice and planned.audio is not None:
        planned = replace(
            planned, audio=replace(planned.audio, voice_change=voice_change.random_voice_change())
        )
    if anonymisation.face_mask_path is not None and planned.video is not None:
        steps.write_face_mask(planned.video, to=anonymisation.face_mask_path)
    checked = steps.encode_first_version(planned, strict=True)
    if checked is None or facts.is_truncated(found.header_seconds, checked.seconds):
        checked = steps.encode_leniently(planned)
    _check_duration(checked.seconds)
    return checked


class _ValidationRun:
    """The passes over one file."""

    def __init__(
        self,
        source: Path,
        probe_result: ProbeResult,
        out: Path,
        is_cancelled: Callable[[], bool],
        on_progress: Callable[[float], None],
        observer: PreviewObserver | None,
    ) -> None:
        self._source = source
        self._found = probe_result
        self._out = out
        self._cancelled = is_cancelled
        self._reached = on_progress
        self._onlooker = observer
        self._seconds = max(
            track.seconds for track in (probe_result.video, probe_result.audio) if track is not None
        )
        self._tracks = SelectedTracks(
            video=None if probe_result.video is None else probe_result.video.index,
            audio=None if probe_result.audio is None else probe_result.audio.index,
        )
        self._begun = PROGRESS_AFTER_LOUDNESS
        self._faces_found: int | None = None

    def measure_and_plan(self) -> EncodingPlan:
        """Hear the sound, if there is any, and plan what to make."""
        heard, voice = None, self._found.audio
        if voice is not None:
            heard = measure_loudness(
                self._source,
                voice.index,
                max_seconds=_max_read_seconds(),
                is_cancelled=self._cancelled,
                on_progress=self._progress_between(
                    0.0, PROGRESS_AFTER_LOUDNESS if self._found.video else 1.0
                ),
            )
        return plan_encoding(self._found, heard, can_tone_map=can_tone_map())

    def write_face_mask(self, picture: VideoPlan, *, to: Path) -> None:
        """Find out where faces are, and have them covered from here on."""
        reached = self._progress_between(PROGRESS_AFTER_LOUDNESS, PROGRESS_AFTER_FACE_DETECTION)
        cover = detection.write_face_mask(
            self._source, self._tracks, picture, to=to, is_cancelled=self._cancelled, on_progress=reached
        )
        self._tracks = replace(self._tracks, face_mask=cover.file)
        self._faces_found = cover.detection_rate_percent
        self._begun = PROGRESS_AFTER_FACE_DETECTION

    def encode_first_version(self, plan: EncodingPlan, *, strict: bool) -> ValidatedRecording | None:
        """Decode everything into the first version; None if there is a fault, or nothing worth keeping."""
        _clear_folder(self._out)
        progress = FFmpegProgressParser(ignore_progress)
        growing = PreviewPoller(
            self._out,
            plan,
            on_progress=self._progress_between(self._begun, 1.0),
            # What a damaged recording holds is shown when it is known to be all.
            observer=self._onlooker if strict else None,
            is_cancelled=self._cancelled,
        )
        ran = run_ffmpeg(
            ffmpeg_args.first_version_args(
                self._source,
                self._tracks,
                plan,
                out=self._out,
                strict=strict,
                max_seconds=_max_read_seconds(),
            ),
            mounts=SandboxMounts(
                source=self._source, out=self._out, read_only_paths=self._tracks.extra_inputs
            ),
            limits=DECODE_LIMITS,
            on_line=progress,
            is_cancelled=self._cancelled,
            on_poll=growing.poll,
        )
        if strict and (
            ran.exit_code != 0 or not progress.has_ended or ffmpeg.has_demuxer_errors(ran.stderr_tail)
        ):
            return None
        try:
            made = self._collect_output(plan)
        except InvalidEncoderOutput:
            return None
        self._reached(1.0)
        return ValidatedRecording(self._found, self._tracks, plan, strict, made, self._faces_found)

    def encode_leniently(self, plan: EncodingPlan) -> ValidatedRecording:
        """Keep what there is of a damaged recording. Raises Unplayable."""
        if self._onlooker is not None:
            self._onlooker.discard_preview()
        lenient = self.encode_first_version(plan, strict=False)
        if lenient is None:
            raise UnplayableRecording(facts.TOO_DAMAGED)
        return lenient

    def _collect_output(self, plan: EncodingPlan) -> EncoderOutput:
        pictures, most = [], 1
        if plan.video is not None:
            pictures, most = [SPRITE_SHEET], len(plan.video.posters_at)
        pictures += written_poster_names(self._out, max_posters=most)
        made = collect_output(
            self._out,
            rendition_names=plan.first_version_names,
            image_names=pictures,
            is_cancelled=self._cancelled,
        )
        if plan.video is not None:
            check_rendition_sizes(made.renditions[:1], [plan.video.lowest_rendition])
        return made

    def _progress_between(self, begin: float, end: float) -> Callable[[float], None]:
        """Return who turns seconds of the recording into a part of the whole, from `begin` to `end`."""

        def hear(seconds: float) -> None:
            if self._seconds > 0:
                self._reached(begin + (end - begin) * min(1.0, seconds / self._seconds))

        return hear


def _max_read_seconds() -> float:
    """Return how much is read of a recording: enough to notice that it is too long."""
    return settings.UPLOAD_MAX_SECONDS + 2.0


def _check_duration(seconds: float) -> None:
    if seconds < facts.MIN_DURATION_SECONDS:
        raise UnplayableRecording(facts.TOO_DAMAGED)
    if seconds > settings.UPLOAD_MAX_SECONDS + 1:
        raise UnplayableRecording(facts.too_long_message(settings.UPLOAD_MAX_SECONDS))


def _clear_folder(folder: Path) -> None:
    for left in folder.iterdir():
        if left.is_dir() and not left.is_symlink():
            shutil.rmtree(left)
        else:
            left.unlink()


def ignore_progress(part: float) -> None:
    """Hear how far it is and do nothing about it."""
