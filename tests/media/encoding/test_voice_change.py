"""Tests of the changed pitch, duration and loudness on encoded audio."""

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
PITCH = 140  # Hz, a deep voice


@pytest.fixture
def harmonic_tone(recording_factory: RecordingFactory) -> Path:
    """A tone with harmonics, similar to a voice."""
    harmonics = "+".join(f"sin(2*PI*{PITCH * n}*t)/{n}" for n in range(1, 12))
    return recording_factory.render(
        "tone.m4a", "-f", "lavfi", "-i", f"aevalsrc='0.2*({harmonics})':s=48000:d=4", "-c:a", "aac"
    )


def validate_with(source: Path, out: Path, anonymisation: AnonymisationSettings) -> ValidatedRecording:
    return validation.validate_recording(
        source, out=Path(tempfile.mkdtemp(dir=out)), is_cancelled=lambda: False, anonymisation=anonymisation
    )


def decode_audio(recording: ValidatedRecording, folder: Path) -> npt.NDArray[np.float32]:
    """Return the decoded samples of the first version's audio."""
    joined = folder / "audio.mp4"
    paths = {file.name: file.path for file in recording.first_version.files}
    audio = recording.manifest.audio_rendition
    assert audio is not None
    joined.write_bytes(b"".join(paths[name].read_bytes() for name in audio.file_names))
    command: list[str | Path] = [ffmpeg_path(), "-v", "error", "-i", joined, "-ac", "1", "-ar", str(RATE)]
    pcm = subprocess.run([*command, "-f", "f32le", "-"], capture_output=True, check=True, timeout=60).stdout
    return np.frombuffer(pcm, dtype=np.float32)


def tone_spectrum(samples: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """Return the magnitude spectrum in bins of 0.25 Hz."""
    middle = samples[RATE : 3 * RATE]
    return np.abs(np.fft.rfft(middle * np.hanning(len(middle)), n=4 * RATE))


def strength_near(spectrum: npt.NDArray[np.float64], tone: float) -> float:
    index = round(tone * 4)
    return float(spectrum[index - 12 : index + 12].max() / spectrum.max())


def test_original_pitch_is_removed(harmonic_tone: Path, tmp_path: Path) -> None:
    original = tone_spectrum(
        decode_audio(validate_with(harmonic_tone, tmp_path, AnonymisationSettings()), tmp_path)
    )
    changed = tone_spectrum(
        decode_audio(
            validate_with(harmonic_tone, tmp_path, AnonymisationSettings(change_voice=True)), tmp_path
        )
    )
    assert strength_near(original, PITCH) > 0.5
    assert strength_near(changed, PITCH) < 0.1


def test_voice_change_keeps_the_duration(harmonic_tone: Path, tmp_path: Path) -> None:
    changed = validate_with(harmonic_tone, tmp_path, AnonymisationSettings(change_voice=True))
    assert changed.is_intact
    assert changed.seconds == pytest.approx(4, abs=0.1)
    assert len(decode_audio(changed, tmp_path)) / RATE == pytest.approx(4, abs=0.1)


def test_voice_change_keeps_the_loudness(harmonic_tone: Path, tmp_path: Path) -> None:
    levels = [
        float(
            np.sqrt(
                np.mean(decode_audio(validate_with(harmonic_tone, tmp_path, anonymisation), tmp_path) ** 2)
            )
        )
        for anonymisation in (AnonymisationSettings(), AnonymisationSettings(change_voice=True))
    ]
    assert levels[1] == pytest.approx(levels[0], rel=0.5)


def test_random_voice_changes_differ_and_always_change_the_pitch() -> None:
    changes = [voice_change.random_voice_change() for _ in range(200)]
    assert len({change.ffmpeg_filters() for change in changes}) == 200
    assert all(abs(change.pitch_factor - 1) >= 0.14 for change in changes)
    assert {change.pitch_factor > 1 for change in changes} == {True, False}


def test_filters_contain_the_parameters() -> None:
    change = VoiceChange(pitch_factor=0.8, shift_hz=-30.0, vibrato_hz=4.0, vibrato_depth=0.05)
    assert "asetrate=38400" in change.ffmpeg_filters()
    assert "atempo=1.250000" in change.ffmpeg_filters()
