"""Make the larger sizes of a checked file, and put them together with what the gate made on its way."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from django.conf import settings

from media.encoding import ffmpeg_args
from media.encoding.outputs import (
    EncoderOutput,
    InvalidEncoderOutput,
    OutputFile,
    check_keyframe_alignment,
    check_rendition_sizes,
    collect_output,
)
from media.encoding.plan import VideoPlan
from media.encoding.runner import ignore_progress, run_ffmpeg
from media.ffmpeg import FFmpegProgressParser
from media.playback.playlists import Manifest
from media.probing import facts
from media.probing.facts import UnplayableRecording
from media.probing.validation import ValidatedRecording
from media.sandbox import ResourceLimits, SandboxMounts

ENCODE_LIMITS = ResourceLimits(wall_seconds=60 * 60, cpu_seconds=4 * 60 * 60)
COULD_NOT_ENCODE = "Something about this recording stopped us from preparing it. Please save it again as MP4 (H.264) and upload that."
DURATION_TOLERANCE_SECONDS = 0.2


@dataclass(frozen=True)
class ContentVersion:
    """What a player is told of one version of a video's derivatives, and the hash that names exactly their bytes."""

    manifest: Manifest
    content_hash: str


@dataclass(frozen=True)
class EncodedVideo:
    """One version of a video's derivatives, still on this machine."""

    manifest: Manifest
    files: tuple[OutputFile, ...]

    @property
    def content_version(self) -> ContentVersion:
        return ContentVersion(
            self.manifest, compute_content_hash({file.name: file.sha256 for file in self.files})
        )


def compute_content_hash(sums: Mapping[str, str]) -> str:
    """Return SHA-256 over the names and SHA-256s of all files."""
    lines = sorted(f"{sha256}  {name}\n" for name, sha256 in sums.items())
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def encoded_first_version(recording: ValidatedRecording) -> EncodedVideo:
    """Return what can be watched before there are other sizes."""
    return EncodedVideo(recording.manifest, recording.first_version.files)


def encode_higher_renditions(
    source: Path,
    recording: ValidatedRecording,
    *,
    out: Path,
    is_cancelled: Callable[[], bool],
    on_progress: Callable[[float], None] | None = None,
) -> EncodedVideo:
    """Write the larger sizes into `out`, an empty folder, and return the whole version, verified.

    `reached` hears the part done, from 0 to 1.

    Raises
    ------
    media.probing.facts.UnplayableRecording
        The file passed the gate and still could not be turned into something playable.
    """
    picture = recording.plan.video
    if picture is None or not picture.higher_renditions:
        return encoded_first_version(recording)
    making = _HigherRenditionsEncoder(source, recording, out, is_cancelled, on_progress or ignore_progress)
    try:
        try:
            made = making.encode(picture)
        except InvalidEncoderOutput:
            # A stream that looked as if it could be copied is encoded like any other.
            if not picture.copies_top:
                raise
            made = making.encode(replace(picture, copies_top=False))
    except InvalidEncoderOutput as error:
        raise UnplayableRecording(COULD_NOT_ENCODE) from error
    return combine_with_first_version(recording, made)


class _HigherRenditionsEncoder:
    """The second order to the encoder, which may have to be given twice."""

    def __init__(
        self,
        source: Path,
        recording: ValidatedRecording,
        out: Path,
        is_cancelled: Callable[[], bool],
        on_progress: Callable[[float], None],
    ) -> None:
        self._source = source
        self._checked = recording
        self._out = out
        self._cancelled = is_cancelled
        self._reached = on_progress

    def encode(self, picture: VideoPlan) -> EncoderOutput:
        """Raise BadOutput where what comes out does not fit what the gate made."""
        folder = self._out / ("copied" if picture.copies_top else "encoded")
        folder.mkdir()
        most = settings.UPLOAD_MAX_SECONDS + 2.0
        progress = FFmpegProgressParser(self._on_progress, rate=picture.rate)
        ran = run_ffmpeg(
            ffmpeg_args.higher_renditions_args(
                self._source, self._checked.tracks, picture, out=folder, max_seconds=most
            ),
            mounts=SandboxMounts(
                source=self._source, out=folder, read_only_paths=self._checked.tracks.extra_inputs
            ),
            limits=ENCODE_LIMITS,
            on_line=progress,
            is_cancelled=self._cancelled,
        )
        if ran.exit_code != 0:
            raise InvalidEncoderOutput(f"exit {ran.exit_code}")
        names = [rung.name for rung in picture.higher_renditions]
        made = collect_output(folder, rendition_names=names, image_names=[], is_cancelled=self._cancelled)
        check_rendition_sizes(made.renditions, picture.higher_renditions)
        _check_matches_first_version(made, self._checked)
        return made

    def _on_progress(self, seconds: float) -> None:
        self._reached(min(1.0, seconds / self._checked.seconds))


def combine_with_first_version(recording: ValidatedRecording, made: EncoderOutput) -> EncodedVideo:
    """Return the whole version: the larger sizes, then what there was before."""
    master = replace(recording.manifest, renditions=(*made.renditions, *recording.first_version.renditions))
    return EncodedVideo(master, (*made.files, *recording.first_version.files))


def _check_matches_first_version(made: EncoderOutput, recording: ValidatedRecording) -> None:
    """Refuse sizes that are not cut like the smallest one, or end clearly earlier than the recording."""
    lowest = recording.first_version.renditions[0]
    check_keyframe_alignment([*made.renditions, lowest])
    shortest = min(rendition.seconds for rendition in made.renditions)
    if facts.is_truncated(lowest.seconds, shortest + DURATION_TOLERANCE_SECONDS):
        raise InvalidEncoderOutput(f"{shortest:.1f} s came out of {lowest.seconds:.1f} s")
