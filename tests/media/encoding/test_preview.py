"""Tests of previews shown while the first version is being encoded."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from media.encoding.bitrate_ladder import SEGMENT_SECONDS
from media.encoding.outputs import EncoderOutput
from media.encoding.preview import PreviewPoller
from media.encoding.runner import ignore_progress
from media.probing import validation
from tests.media.sample_recordings import RecordingFactory


@dataclass
class RecordingObserver:
    """Records the number of segments of each rendition per preview."""

    shown_segment_counts: list[dict[str, int]] = field(default_factory=list)
    max_segment_seconds: int = 0

    def show_preview(self, output: EncoderOutput, *, max_segment_seconds: int) -> None:
        self.max_segment_seconds = max_segment_seconds
        self.shown_segment_counts.append(
            {rendition.name: len(rendition.durations) for rendition in output.renditions}
        )

    def discard_preview(self) -> None:
        self.shown_segment_counts.append({})


def never_cancelled() -> bool:
    return False


@pytest.fixture
def recording(recording_factory: RecordingFactory, tmp_path: Path) -> validation.ValidatedRecording:
    """A validated recording of seven segments."""
    (tmp_path / "first").mkdir()
    return validation.validate_recording(
        recording_factory.video_with_tone(seconds=26, rate="15"),
        out=tmp_path / "first",
        is_cancelled=never_cancelled,
    )


@pytest.fixture
def out(tmp_path: Path) -> Path:
    (tmp_path / "out").mkdir()
    return tmp_path / "out"


def write_segments(out: Path, recording: validation.ValidatedRecording, *, segment_count: int) -> None:
    """Write the first segments of each rendition, like an encoder that is still running."""
    for file in recording.first_version.files:
        number = file.name.rpartition("_")[2].removesuffix(".m4s")
        if file.name.endswith("_init.mp4") or (file.name.endswith(".m4s") and int(number) < segment_count):
            (out / file.name).write_bytes(file.path.read_bytes())


def poller_for(
    observer: RecordingObserver, out: Path, recording: validation.ValidatedRecording
) -> PreviewPoller:
    return PreviewPoller(
        out, recording.plan, on_progress=ignore_progress, observer=observer, is_cancelled=never_cancelled
    )


def test_preview_is_shown_whenever_the_number_of_segments_has_doubled(
    recording: validation.ValidatedRecording, out: Path
) -> None:
    observer = RecordingObserver()
    poller = poller_for(observer, out, recording)
    poller.poll()
    for segment_count in range(1, 8):
        write_segments(out, recording, segment_count=segment_count)
        poller.poll()
    assert observer.shown_segment_counts == [
        {"v240": segment_count, "a": segment_count} for segment_count in (1, 2, 4)
    ]
    assert observer.max_segment_seconds == SEGMENT_SECONDS


def test_preview_waits_for_a_segment_of_every_rendition(
    recording: validation.ValidatedRecording, out: Path
) -> None:
    observer = RecordingObserver()
    write_segments(out, recording, segment_count=3)
    for segment in out.glob("a_*.m4s"):
        segment.rename(segment.with_suffix(".m4s.tmp"))
    poller_for(observer, out, recording).poll()
    assert observer.shown_segment_counts == []


def test_invalid_segment_shows_no_preview_and_raises_nothing(
    recording: validation.ValidatedRecording, out: Path
) -> None:
    observer = RecordingObserver()
    write_segments(out, recording, segment_count=1)
    (out / "v240_00000.m4s").write_bytes(b"invalid")
    poller_for(observer, out, recording).poll()
    assert observer.shown_segment_counts == []


def test_progress_is_reported_without_an_observer(
    recording: validation.ValidatedRecording, out: Path
) -> None:
    progress: list[float] = []
    poller = PreviewPoller(
        out, recording.plan, on_progress=progress.append, observer=None, is_cancelled=never_cancelled
    )
    for segment_count in (0, 2, 5):
        write_segments(out, recording, segment_count=segment_count)
        poller.poll()
    assert progress == [0, 2 * SEGMENT_SECONDS, 5 * SEGMENT_SECONDS]
