"""What was damaged on its way is never shown as if it were whole, and what is whole is not sent back.

Damage that nobody could see or hear does not count: both films are decoded without any mercy or check, and compared.
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

COPIES_PER_CORRUPTION = 9  # of four films and six kinds of harm: 216
MAX_UNDETECTED_SHARE = 0.02
INTACT_RECORDINGS = 200
MAX_FALSE_ALARM_SHARE = 0.01
PARALLEL_VALIDATIONS = 2


class ValidationOutcome(Enum):
    INTACT = "sound"
    DAMAGED = "may be damaged"
    REFUSED = "refused"


@pytest.fixture(scope="session")
def films(recording_factory: RecordingFactory) -> Mapping[str, Path]:
    talk = recording_factory.video_with_tone(seconds=6)
    return {
        "camera, index at the end": talk,
        "saved for the web": recording_factory.render("front.mp4", "-i", str(talk), "-c", "copy", "-movflags", "+faststart"),
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


def validate(film: Path) -> ValidationOutcome:
    try:
        with tempfile.TemporaryDirectory() as out:
            checked = validation.validate_recording(film, out=Path(out), is_cancelled=lambda: False)
    except UnplayableRecording:
        return ValidationOutcome.REFUSED
    return ValidationOutcome.INTACT if checked.is_intact else ValidationOutcome.DAMAGED


def decoded_stream_hashes(film: Path) -> str:
    """Return checksums of all that can be seen and heard of a film."""
    command: list[str | Path] = [ffmpeg_path(), "-v", "fatal", "-nostdin", "-i", film]
    command += ["-map", "0", "-f", "streamhash", "-hash", "md5", "-"]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60).stdout


def undetected_corruptions(copies: Iterable[CorruptedCopy]) -> list[str]:
    """Return which of these passed as whole although they look or sound different from what was recorded."""

    def slips_through(copy: CorruptedCopy) -> bool:
        with tempfile.NamedTemporaryFile(suffix=copy.recording.suffix) as file:
            file.write(copy.content())
            file.flush()
            film = Path(file.name)
            return validate(film) is ValidationOutcome.INTACT and decoded_stream_hashes(
                film
            ) != decoded_stream_hashes(copy.recording)

    every = list(copies)
    with ThreadPoolExecutor(PARALLEL_VALIDATIONS) as pool:
        return [copy.name for copy, slips in zip(every, pool.map(slips_through, every), strict=True) if slips]


def false_alarms(recording_factory: RecordingFactory, count: int) -> list[str]:
    """Return which of so many honest recordings were not taken as they are."""
    chosen = sample_variants(count)
    assert len(chosen) == count
    shot = [variant.render(recording_factory, number) for number, variant in enumerate(chosen)]
    with ThreadPoolExecutor(PARALLEL_VALIDATIONS) as pool:
        verdicts = pool.map(validate, shot)
        return [
            f"{variant.name}: {verdict.value}"
            for variant, verdict in zip(chosen, verdicts, strict=True)
            if verdict is not ValidationOutcome.INTACT
        ]


@pytest.mark.faults
def test_hardly_any_of_two_hundred_damaged_recordings_passes_as_whole(films: Mapping[str, Path]) -> None:
    every = list(corrupted_copies(films, copies_per_corruption=COPIES_PER_CORRUPTION))
    assert len(every) >= 200
    slipped = undetected_corruptions(every)
    assert len(slipped) <= MAX_UNDETECTED_SHARE * len(every), slipped
    assert [name for name in slipped if TRUNCATION in name] == []


@pytest.mark.faults
def test_honest_recordings_of_two_hundred_kinds_are_taken_as_they_are(
    recording_factory: RecordingFactory,
) -> None:
    refused = false_alarms(recording_factory, INTACT_RECORDINGS)
    assert len(refused) <= MAX_FALSE_ALARM_SHARE * INTACT_RECORDINGS, refused


def test_none_of_a_few_damaged_recordings_passes_as_whole(films: Mapping[str, Path]) -> None:
    two = {kind: films[kind] for kind in ("saved for the web", "browser")}
    every = list(corrupted_copies(two, copies_per_corruption=1))
    assert len(every) == len(two) * len(CORRUPTIONS)
    assert undetected_corruptions(every) == []


def test_a_few_honest_recordings_of_many_kinds_are_taken_as_they_are(
    recording_factory: RecordingFactory,
) -> None:
    assert false_alarms(recording_factory, 10) == []


@pytest.mark.parametrize("kept", [0.2, 0.8, 0.99])
def test_a_browsers_recording_that_was_cut_off_does_not_pass_as_whole(
    films: Mapping[str, Path], recording_factory: RecordingFactory, kept: float
) -> None:
    content = films["browser"].read_bytes()
    assert (
        validate(recording_factory.write_file(f"cut-{kept}.webm", content[: int(len(content) * kept)]))
        is not ValidationOutcome.INTACT
    )
