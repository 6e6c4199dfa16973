"""Detection of damage: corrupted recordings must not count as intact, valid recordings must not count as damaged.

Inaudible and invisible damage does not count: both files are decoded without error detection and compared.
"""

import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from enum import Enum
from pathlib import Path

import pytest

from media.probing import validation
from media.probing.facts import UnplayableRecording
from media.programs import ffmpeg_path
from tests.media.corruption import CORRUPTIONS, TRUNCATION, CorruptedCopy, corrupted_copies
from tests.media.recording_variants import HEVC_ARGS, sample_variants
from tests.media.sample_recordings import TONE_SOURCE, RecordingFactory

COPIES_PER_CORRUPTION = 9  # of four recordings and six kinds of corruption: 216
MAX_UNDETECTED_SHARE = 0.02
INTACT_RECORDINGS = 200
MAX_FALSE_ALARM_SHARE = 0.01
PARALLEL_VALIDATIONS = 2


class ValidationOutcome(Enum):
    INTACT = "intact"
    DAMAGED = "damaged"
    REJECTED = "rejected"


@pytest.fixture(scope="session")
def recordings(recording_factory: RecordingFactory) -> Mapping[str, Path]:
    camera_recording = recording_factory.video_with_tone(seconds=6)
    return {
        "camera, index at the end": camera_recording,
        "saved for the web": recording_factory.render("front.mp4", "-i", str(camera_recording), "-c", "copy", "-movflags", "+faststart"),
        "browser": recording_factory.render(
            "browser-6.webm",
            *("-f", "lavfi", "-i", "testsrc2=size=320x240:rate=30:duration=6"),
            *("-f", "lavfi", "-i", f"{TONE_SOURCE}:duration=6"),
            *("-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-c:a", "libopus"),
            *("-f", "webm", "-live", "1"),
        ),
        "phone": recording_factory.render(
            "phone.mov",
            *("-f", "lavfi", "-i", "testsrc2=size=240x320:rate=30000/1001:duration=6"),
            *("-f", "lavfi", "-i", f"{TONE_SOURCE}:duration=6"),
            *(*HEVC_ARGS, "-pix_fmt", "yuv420p", "-tag:v", "hvc1", "-c:a", "aac", "-ac", "1"),
        ),
    }  # fmt: skip


def validate(recording: Path) -> ValidationOutcome:
    try:
        with tempfile.TemporaryDirectory() as out:
            validated = validation.validate_recording(recording, out=Path(out), is_cancelled=lambda: False)
    except UnplayableRecording:
        return ValidationOutcome.REJECTED
    return ValidationOutcome.INTACT if validated.is_intact else ValidationOutcome.DAMAGED


def decoded_stream_hashes(recording: Path) -> str:
    """Return checksums of the decoded video and audio."""
    command: list[str | Path] = [ffmpeg_path(), "-v", "fatal", "-nostdin", "-i", recording]
    command += ["-map", "0", "-f", "streamhash", "-hash", "md5", "-"]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60).stdout


def undetected_corruptions(copies: Iterable[CorruptedCopy]) -> list[str]:
    """Return the copies that count as intact although they decode differently from the original."""

    def slips_through(copy: CorruptedCopy) -> bool:
        with tempfile.NamedTemporaryFile(suffix=copy.recording.suffix) as file:
            file.write(copy.content())
            file.flush()
            recording = Path(file.name)
            return validate(recording) is ValidationOutcome.INTACT and decoded_stream_hashes(
                recording
            ) != decoded_stream_hashes(copy.recording)

    all_copies = list(copies)
    with ThreadPoolExecutor(PARALLEL_VALIDATIONS) as pool:
        return [
            copy.name
            for copy, is_missed in zip(all_copies, pool.map(slips_through, all_copies), strict=True)
            if is_missed
        ]


def false_alarms(recording_factory: RecordingFactory, count: int) -> list[str]:
    """Return which of `count` valid recordings do not count as intact."""
    variants = sample_variants(count)
    assert len(variants) == count
    recordings = [variant.render(recording_factory, number) for number, variant in enumerate(variants)]
    with ThreadPoolExecutor(PARALLEL_VALIDATIONS) as pool:
        outcomes = pool.map(validate, recordings)
        return [
            f"{variant.name}: {outcome.value}"
            for variant, outcome in zip(variants, outcomes, strict=True)
            if outcome is not ValidationOutcome.INTACT
        ]


@pytest.mark.faults
def test_at_most_two_percent_of_corrupted_copies_count_as_intact(recordings: Mapping[str, Path]) -> None:
    copies = list(corrupted_copies(recordings, copies_per_corruption=COPIES_PER_CORRUPTION))
    assert len(copies) >= 200
    undetected = undetected_corruptions(copies)
    assert len(undetected) <= MAX_UNDETECTED_SHARE * len(copies), undetected
    assert [name for name in undetected if TRUNCATION in name] == []


@pytest.mark.faults
def test_at_most_one_percent_of_valid_recordings_count_as_damaged(
    recording_factory: RecordingFactory,
) -> None:
    alarms = false_alarms(recording_factory, INTACT_RECORDINGS)
    assert len(alarms) <= MAX_FALSE_ALARM_SHARE * INTACT_RECORDINGS, alarms


def test_no_copy_in_a_small_corrupted_sample_counts_as_intact(recordings: Mapping[str, Path]) -> None:
    selected = {kind: recordings[kind] for kind in ("saved for the web", "browser")}
    copies = list(corrupted_copies(selected, copies_per_corruption=1))
    assert len(copies) == len(selected) * len(CORRUPTIONS)
    assert undetected_corruptions(copies) == []


def test_no_recording_in_a_small_valid_sample_counts_as_damaged(
    recording_factory: RecordingFactory,
) -> None:
    assert false_alarms(recording_factory, 10) == []


@pytest.mark.parametrize("kept_share", [0.2, 0.8, 0.99])
def test_truncated_browser_recording_is_not_intact(
    recordings: Mapping[str, Path], recording_factory: RecordingFactory, kept_share: float
) -> None:
    content = recordings["browser"].read_bytes()
    assert (
        validate(
            recording_factory.write_file(f"cut-{kept_share}.webm", content[: int(len(content) * kept_share)])
        )
        is not ValidationOutcome.INTACT
    )
