"""What is shown of a first version while its encoder still writes it."""

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
    """An onlooker who writes down how many pieces of each rendition there were."""

    shown_segment_counts: list[dict[str, int]] = field(default_factory=list)
    max_segment_seconds: int = 0

    def show_preview(self, so_far: EncoderOutput, *, max_segment_seconds: int) -> None:
        self.max_segment_seconds = max_segment_seconds
        self.shown_segment_counts.append({one.name: len(one.durations) for one in so_far.renditions})

    def discard_preview(self) -> None:
        self.shown_segment_counts.append({})


def never_cancelled() -> bool:
    return False


@pytest.fixture
def whole(recording_factory: RecordingFactory, tmp_path: Path) -> validation.ValidatedRecording:
    """The first version of a recording of seven pieces, in a folder of its own."""
    (tmp_path / "whole").mkdir()
    return validation.validate_recording(
        recording_factory.video_with_tone(seconds=26, rate="15"),
        out=tmp_path / "whole",
        is_cancelled=never_cancelled,
    )


@pytest.fixture
def out(tmp_path: Path) -> Path:
    (tmp_path / "out").mkdir()
    return tmp_path / "out"


def write_segments(out: Path, whole: validation.ValidatedRecording, *, pieces: int) -> None:
    """Let the folder be as an encoder has it that has written so many pieces."""
    for file in whole.first_version.files:
        number = file.name.rpartition("_")[2].removesuffix(".m4s")
        if file.name.endswith("_init.mp4") or (file.name.endswith(".m4s") and int(number) < pieces):
            (out / file.name).write_bytes(file.path.read_bytes())


def poller_for(notes: RecordingObserver, out: Path, whole: validation.ValidatedRecording) -> PreviewPoller:
    return PreviewPoller(
        out, whole.plan, on_progress=ignore_progress, observer=notes, is_cancelled=never_cancelled
    )


def test_it_is_shown_when_there_is_a_piece_of_each_and_again_at_twice_as_many(
    whole: validation.ValidatedRecording, out: Path
) -> None:
    notes = RecordingObserver()
    growing = poller_for(notes, out, whole)
    growing.poll()
    for pieces in range(1, 8):
        write_segments(out, whole, pieces=pieces)
        growing.poll()
    assert notes.shown_segment_counts == [{"v240": pieces, "a": pieces} for pieces in (1, 2, 4)]
    assert notes.max_segment_seconds == SEGMENT_SECONDS


def test_it_waits_for_the_sound(whole: validation.ValidatedRecording, out: Path) -> None:
    notes = RecordingObserver()
    write_segments(out, whole, pieces=3)
    for piece in out.glob("a_*.m4s"):
        piece.rename(piece.with_suffix(".m4s.tmp"))
    poller_for(notes, out, whole).poll()
    assert notes.shown_segment_counts == []


def test_what_cannot_be_read_back_is_left_to_who_judges_the_whole(
    whole: validation.ValidatedRecording, out: Path
) -> None:
    notes = RecordingObserver()
    write_segments(out, whole, pieces=1)
    (out / "v240_00000.m4s").write_bytes(b"nothing that plays")
    poller_for(notes, out, whole).poll()
    assert notes.shown_segment_counts == []


def test_how_far_it_is_is_told_whether_somebody_looks_on_or_not(
    whole: validation.ValidatedRecording, out: Path
) -> None:
    told: list[float] = []
    growing = PreviewPoller(
        out, whole.plan, on_progress=told.append, observer=None, is_cancelled=never_cancelled
    )
    for pieces in (0, 2, 5):
        write_segments(out, whole, pieces=pieces)
        growing.poll()
    assert told == [0, 2 * SEGMENT_SECONDS, 5 * SEGMENT_SECONDS]
