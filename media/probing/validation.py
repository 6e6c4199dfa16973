"""Decodes an entire upload in the sandbox and reports whether it is intact, damaged or unplayable.

The same pass encodes the first version, so an accepted recording can be watched before its higher renditions exist.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from django.conf import settings

from media.encoding import voice_change
from media.encoding.first_version import FirstVersionEncoder, max_read_seconds
from media.encoding.loudness import measure_loudness
from media.encoding.outputs import EncoderOutput
from media.encoding.plan import EncodingPlan, VideoPlan, plan_encoding
from media.encoding.preview import PreviewObserver
from media.encoding.runner import ignore_progress
from media.faces import detection
from media.ffmpeg import SelectedTracks
from media.playback.playlists import Manifest
from media.probing import facts
from media.probing.client import probe_file
from media.probing.facts import ProbeResult, UnplayableRecording
from media.programs import can_tone_map

# Fractions of the total time, as measured on typical recordings.
PROGRESS_AFTER_LOUDNESS = 0.1
PROGRESS_AFTER_FACE_DETECTION = 0.8


@dataclass(frozen=True)
class ValidatedRecording:
    """A playable recording and its first version; `is_intact` is False if parts of it are damaged or missing."""

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
        """The manifest of the first version alone."""
        file_names = {file.name for file in self.first_version.files}
        video_plan = self.plan.video
        return Manifest(
            self.first_version.renditions,
            posters=sum(name.startswith("poster_") for name in file_names),
            storyboard=video_plan.storyboard if video_plan is not None else None,
            levels=self.plan.levels,
            faces_found=self.face_detection_percent,
        )


@dataclass(frozen=True)
class AnonymisationSettings:
    """`face_mask_path` is where to write the face mask; None leaves faces visible."""

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
    """Probe and decode the file, and write its first version into `out`, an empty folder.

    `on_progress` receives the completed fraction (0 to 1); `observer` receives previews of the first version while it is
    encoded. Anonymisation applies to every rendition, including later ones.

    Raises
    ------
    UnplayableRecording
        With a sentence for the owner.
    media.sandbox.SandboxUnavailable, media.sandbox.RunCancelled, media.sandbox.ProgramKilled
        Failures that are unrelated to the file; also those of `media.faces.detection.write_face_mask`.
    """
    probe_result = probe_file(source, is_cancelled=is_cancelled)
    if anonymisation.face_mask_path is not None and probe_result.video is not None:
        # Without a GOP structure the original video stream, in which faces are visible, is never copied.
        probe_result = replace(probe_result, video=replace(probe_result.video, gop_structure=None))
    encoder = FirstVersionEncoder(source, out, is_cancelled=is_cancelled, observer=observer)
    run = _ValidationRun(source, probe_result, encoder, is_cancelled, on_progress or ignore_progress)
    plan = run.measure_and_plan()
    if anonymisation.change_voice and plan.audio is not None:
        plan = replace(plan, audio=replace(plan.audio, voice_change=voice_change.random_voice_change()))
    if anonymisation.face_mask_path is not None and plan.video is not None:
        run.write_face_mask(plan.video, to=anonymisation.face_mask_path)
    recording = run.encode_first_version(plan, strict=True)
    if recording is None or facts.is_truncated(probe_result.header_seconds, recording.seconds):
        recording = run.encode_leniently(plan)
    _check_duration(recording.seconds)
    return recording


class _ValidationRun:
    """The decoding passes over one file, which share a progress bar."""

    def __init__(
        self,
        source: Path,
        probe_result: ProbeResult,
        encoder: FirstVersionEncoder,
        is_cancelled: Callable[[], bool],
        on_progress: Callable[[float], None],
    ) -> None:
        self._source = source
        self._probe_result = probe_result
        self._encoder = encoder
        self._is_cancelled = is_cancelled
        self._on_progress = on_progress
        self._seconds = max(
            track.seconds for track in (probe_result.video, probe_result.audio) if track is not None
        )
        self._tracks = SelectedTracks(
            video=None if probe_result.video is None else probe_result.video.index,
            audio=None if probe_result.audio is None else probe_result.audio.index,
        )
        self._encoding_starts_at = PROGRESS_AFTER_LOUDNESS
        self._face_detection_percent: int | None = None

    def measure_and_plan(self) -> EncodingPlan:
        measurement, audio = None, self._probe_result.audio
        if audio is not None:
            end = PROGRESS_AFTER_LOUDNESS if self._probe_result.video else 1.0
            measurement = measure_loudness(
                self._source,
                audio.index,
                max_seconds=max_read_seconds(),
                is_cancelled=self._is_cancelled,
                on_progress=self._progress_between(0.0, end),
            )
        return plan_encoding(self._probe_result, measurement, can_tone_map=can_tone_map())

    def write_face_mask(self, video_plan: VideoPlan, *, to: Path) -> None:
        """Detect faces; every later encode covers them."""
        face_mask = detection.write_face_mask(
            self._source,
            self._tracks,
            video_plan,
            to=to,
            is_cancelled=self._is_cancelled,
            on_progress=self._progress_between(PROGRESS_AFTER_LOUDNESS, PROGRESS_AFTER_FACE_DETECTION),
        )
        self._tracks = replace(self._tracks, face_mask=face_mask.file)
        self._face_detection_percent = face_mask.detection_rate_percent
        self._encoding_starts_at = PROGRESS_AFTER_FACE_DETECTION

    def encode_first_version(self, plan: EncodingPlan, *, strict: bool) -> ValidatedRecording | None:
        output = self._encoder.encode(
            self._tracks,
            plan,
            strict=strict,
            on_progress=self._progress_between(self._encoding_starts_at, 1.0),
        )
        if output is None:
            return None
        self._on_progress(1.0)
        return ValidatedRecording(
            self._probe_result, self._tracks, plan, strict, output, self._face_detection_percent
        )

    def encode_leniently(self, plan: EncodingPlan) -> ValidatedRecording:
        """Recover what can be decoded of a damaged recording. Raises UnplayableRecording."""
        self._encoder.discard_preview()
        recording = self.encode_first_version(plan, strict=False)
        if recording is None:
            raise UnplayableRecording(facts.TOO_DAMAGED)
        return recording

    def _progress_between(self, start: float, end: float) -> Callable[[float], None]:
        """Return a callback that maps seconds of the recording to progress between `start` and `end`."""

        def on_seconds(seconds: float) -> None:
            if self._seconds > 0:
                self._on_progress(start + (end - start) * min(1.0, seconds / self._seconds))

        return on_seconds


def _check_duration(seconds: float) -> None:
    if seconds < facts.MIN_DURATION_SECONDS:
        raise UnplayableRecording(facts.TOO_DAMAGED)
    if seconds > settings.UPLOAD_MAX_SECONDS + 1:
        raise UnplayableRecording(facts.too_long_message(settings.UPLOAD_MAX_SECONDS))
