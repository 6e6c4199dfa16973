"""Encodes the higher renditions of a validated recording and combines them with its first version."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from media.encoding import ffmpeg_args
from media.encoding.first_version import max_read_seconds
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
COULD_NOT_ENCODE = _(
    "We could not prepare this recording. Please save it again as MP4 (H.264) and upload the new file."
)
DURATION_TOLERANCE_SECONDS = 0.2


@dataclass(frozen=True)
class ContentVersion:
    """A manifest and the hash over all files it refers to."""

    manifest: Manifest
    content_hash: str


@dataclass(frozen=True)
class EncodedVideo:
    """An encoded version whose files are still in a local folder."""

    manifest: Manifest
    files: tuple[OutputFile, ...]

    @property
    def content_version(self) -> ContentVersion:
        return ContentVersion(
            self.manifest, compute_content_hash({file.name: file.sha256 for file in self.files})
        )


def compute_content_hash(sha256_by_name: Mapping[str, str]) -> str:
    """Return the SHA-256 over the names and SHA-256 sums of all files."""
    lines = sorted(f"{sha256}  {name}\n" for name, sha256 in sha256_by_name.items())
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def encoded_first_version(recording: ValidatedRecording) -> EncodedVideo:
    return EncodedVideo(recording.manifest, recording.first_version.files)


def encode_higher_renditions(
    source: Path,
    recording: ValidatedRecording,
    *,
    out: Path,
    is_cancelled: Callable[[], bool],
    on_progress: Callable[[float], None] | None = None,
) -> EncodedVideo:
    """Encode the higher renditions into `out`, an empty folder, and return the complete, verified version.

    `on_progress` receives the completed fraction (0 to 1).

    Raises
    ------
    media.probing.facts.UnplayableRecording
        The file passed validation but could not be encoded.
    """
    video_plan = recording.plan.video
    if video_plan is None or not video_plan.higher_renditions:
        return encoded_first_version(recording)
    encoder = _HigherRenditionsEncoder(source, recording, out, is_cancelled, on_progress or ignore_progress)
    try:
        try:
            output = encoder.encode(video_plan)
        except InvalidEncoderOutput:
            # A stream that could not be copied after all is encoded like any other.
            if not video_plan.copies_top:
                raise
            output = encoder.encode(replace(video_plan, copies_top=False))
    except InvalidEncoderOutput as error:
        raise UnplayableRecording(COULD_NOT_ENCODE) from error
    return _combine_with_first_version(recording, output)


class _HigherRenditionsEncoder:
    """Runs the encoder, a second time if the original stream cannot be copied."""

    def __init__(
        self,
        source: Path,
        recording: ValidatedRecording,
        out: Path,
        is_cancelled: Callable[[], bool],
        on_progress: Callable[[float], None],
    ) -> None:
        self._source = source
        self._recording = recording
        self._out = out
        self._is_cancelled = is_cancelled
        self._on_progress = on_progress

    def encode(self, video_plan: VideoPlan) -> EncoderOutput:
        """Raise InvalidEncoderOutput if the output does not match the first version."""
        folder = self._out / ("copied" if video_plan.copies_top else "encoded")
        folder.mkdir()
        tracks = self._recording.tracks
        result = run_ffmpeg(
            ffmpeg_args.higher_renditions_args(
                self._source, tracks, video_plan, out=folder, max_seconds=max_read_seconds()
            ),
            mounts=SandboxMounts(source=self._source, out=folder, read_only_paths=tracks.extra_inputs),
            limits=ENCODE_LIMITS,
            on_line=FFmpegProgressParser(self._on_encoded_seconds, rate=video_plan.rate),
            is_cancelled=self._is_cancelled,
        )
        if result.exit_code != 0:
            raise InvalidEncoderOutput(f"exit code {result.exit_code}")
        output = collect_output(
            folder,
            rendition_names=[spec.name for spec in video_plan.higher_renditions],
            image_names=[],
            is_cancelled=self._is_cancelled,
        )
        check_rendition_sizes(output.renditions, video_plan.higher_renditions)
        _check_matches_first_version(output, self._recording)
        return output

    def _on_encoded_seconds(self, seconds: float) -> None:
        self._on_progress(min(1.0, seconds / self._recording.seconds))


def _combine_with_first_version(recording: ValidatedRecording, higher: EncoderOutput) -> EncodedVideo:
    manifest = replace(
        recording.manifest, renditions=(*higher.renditions, *recording.first_version.renditions)
    )
    return EncodedVideo(manifest, (*higher.files, *recording.first_version.files))


def _check_matches_first_version(output: EncoderOutput, recording: ValidatedRecording) -> None:
    """Raise InvalidEncoderOutput unless all renditions have aligned keyframes and nearly the same duration."""
    lowest = recording.first_version.renditions[0]
    check_keyframe_alignment([*output.renditions, lowest])
    shortest_seconds = min(rendition.seconds for rendition in output.renditions)
    if facts.is_truncated(lowest.seconds, shortest_seconds + DURATION_TOLERANCE_SECONDS):
        raise InvalidEncoderOutput(f"duration is {shortest_seconds:.1f} s instead of {lowest.seconds:.1f} s")
