"""A changed voice has another pitch than it had, each time another one, and everything else stays as it was."""

import subprocess
import tempfile
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from media.encoding import voice_change
from media.encoding.voice_change import VoiceChange
from media.probing import validation
from media.probing.validation import AnonymisationSettings, ValidatedRecording
from media.programs import ffmpeg_path
from tests.media.sample_recordings import RecordingFactory

RATE = 16000
PITCH = 140  # Hz, of a person with a deep voice


@pytest.fixture
def voice(recording_factory: RecordingFactory) -> Path:
    """Give something like a voice: a pitch with its harmonics."""
    harmonics = "+".join(f"sin(2*PI*{PITCH * n}*t)/{n}" for n in range(1, 12))
    return recording_factory.render(
        "voice.m4a", "-f", "lavfi", "-i", f"aevalsrc='0.2*({harmonics})':s=48000:d=4", "-c:a", "aac"
    )


def validate_with(film: Path, out: Path, disguise: AnonymisationSettings) -> ValidatedRecording:
    return validation.validate_recording(
        film, out=Path(tempfile.mkdtemp(dir=out)), is_cancelled=lambda: False, anonymisation=disguise
    )


def decode_audio(recording: ValidatedRecording, folder: Path) -> npt.NDArray[np.float32]:
    """Return the samples of the sound that was made."""
    whole = folder / "heard.mp4"
    paths = {file.name: file.path for file in recording.first_version.files}
    sound = recording.manifest.audio_rendition
    assert sound is not None
    whole.write_bytes(b"".join(paths[piece].read_bytes() for piece in sound.file_names))
    command: list[str | Path] = [ffmpeg_path(), "-v", "error", "-i", whole, "-ac", "1", "-ar", str(RATE)]
    said = subprocess.run([*command, "-f", "f32le", "-"], capture_output=True, check=True, timeout=60).stdout
    return np.frombuffer(said, dtype=np.float32)


def tone_spectrum(samples: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """Return how strong each tone is, a bin for every quarter of a hertz."""
    middle = samples[RATE : 3 * RATE]
    return np.abs(np.fft.rfft(middle * np.hanning(len(middle)), n=4 * RATE))


def strength_near(spectrum: npt.NDArray[np.float64], tone: float) -> float:
    at = round(tone * 4)
    return float(spectrum[at - 12 : at + 12].max() / spectrum.max())


def test_the_pitch_that_was_is_heard_no_more(voice: Path, tmp_path: Path) -> None:
    as_it_is = tone_spectrum(decode_audio(validate_with(voice, tmp_path, AnonymisationSettings()), tmp_path))
    changed = tone_spectrum(
        decode_audio(validate_with(voice, tmp_path, AnonymisationSettings(change_voice=True)), tmp_path)
    )
    assert strength_near(as_it_is, PITCH) > 0.5
    assert strength_near(changed, PITCH) < 0.1


def test_words_stay_where_they_are(voice: Path, tmp_path: Path) -> None:
    changed = validate_with(voice, tmp_path, AnonymisationSettings(change_voice=True))
    assert changed.is_intact
    assert changed.seconds == pytest.approx(4, abs=0.1)
    assert len(decode_audio(changed, tmp_path)) / RATE == pytest.approx(4, abs=0.1)


def test_it_is_as_loud_as_other_stories(voice: Path, tmp_path: Path) -> None:
    levels = [
        float(np.sqrt(np.mean(decode_audio(validate_with(voice, tmp_path, disguise), tmp_path) ** 2)))
        for disguise in (AnonymisationSettings(), AnonymisationSettings(change_voice=True))
    ]
    assert levels[1] == pytest.approx(levels[0], rel=0.5)


def test_every_recording_has_a_change_of_its_own() -> None:
    drawn = [voice_change.random_voice_change() for _ in range(200)]
    assert len({change.ffmpeg_filters() for change in drawn}) == 200
    assert all(abs(change.pitch_factor - 1) >= 0.14 for change in drawn)
    assert {change.pitch_factor > 1 for change in drawn} == {True, False}


def test_what_makes_a_change_stands_in_the_order_to_ffmpeg_only() -> None:
    change = VoiceChange(pitch_factor=0.8, shift_hz=-30.0, vibrato_hz=4.0, vibrato_depth=0.05)
    assert "asetrate=38400" in change.ffmpeg_filters()
    assert "atempo=1.250000" in change.ffmpeg_filters()
