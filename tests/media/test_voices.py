"""A changed voice has another pitch than it had, each time another one, and everything else stays as it was."""

import subprocess
import tempfile
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from media import gate, voices
from media.gate import Checked, Disguise
from media.programs import ffmpeg_path
from media.voices import VoiceChange
from tests.media.films import Studio

RATE = 16000
PITCH = 140  # Hz, of a person with a deep voice


@pytest.fixture
def voice(studio: Studio) -> Path:
    """Give something like a voice: a pitch with its harmonics."""
    harmonics = "+".join(f"sin(2*PI*{PITCH * n}*t)/{n}" for n in range(1, 12))
    return studio.shoot(
        "voice.m4a", "-f", "lavfi", "-i", f"aevalsrc='0.2*({harmonics})':s=48000:d=4", "-c:a", "aac"
    )


def prepared(film: Path, out: Path, disguise: Disguise) -> Checked:
    return gate.check(film, out=Path(tempfile.mkdtemp(dir=out)), cancelled=lambda: False, disguise=disguise)


def heard(checked: Checked, folder: Path) -> npt.NDArray[np.float32]:
    """Return the samples of the sound that was made."""
    whole = folder / "heard.mp4"
    paths = {file.name: file.path for file in checked.made.files}
    sound = checked.master.sound
    assert sound is not None
    whole.write_bytes(b"".join(paths[piece].read_bytes() for piece in sound.pieces))
    command: list[str | Path] = [ffmpeg_path(), "-v", "error", "-i", whole, "-ac", "1", "-ar", str(RATE)]
    said = subprocess.run([*command, "-f", "f32le", "-"], capture_output=True, check=True, timeout=60).stdout
    return np.frombuffer(said, dtype=np.float32)


def loudest_tones(samples: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """Return how strong each tone is, a bin for every quarter of a hertz."""
    middle = samples[RATE : 3 * RATE]
    return np.abs(np.fft.rfft(middle * np.hanning(len(middle)), n=4 * RATE))


def strength_near(spectrum: npt.NDArray[np.float64], tone: float) -> float:
    at = round(tone * 4)
    return float(spectrum[at - 12 : at + 12].max() / spectrum.max())


def test_the_pitch_that_was_is_heard_no_more(voice: Path, tmp_path: Path) -> None:
    as_it_is = loudest_tones(heard(prepared(voice, tmp_path, Disguise()), tmp_path))
    changed = loudest_tones(heard(prepared(voice, tmp_path, Disguise(voice=True)), tmp_path))
    assert strength_near(as_it_is, PITCH) > 0.5
    assert strength_near(changed, PITCH) < 0.1


def test_words_stay_where_they_are(voice: Path, tmp_path: Path) -> None:
    changed = prepared(voice, tmp_path, Disguise(voice=True))
    assert changed.sound
    assert changed.seconds == pytest.approx(4, abs=0.1)
    assert len(heard(changed, tmp_path)) / RATE == pytest.approx(4, abs=0.1)


def test_it_is_as_loud_as_other_stories(voice: Path, tmp_path: Path) -> None:
    levels = [
        float(np.sqrt(np.mean(heard(prepared(voice, tmp_path, disguise), tmp_path) ** 2)))
        for disguise in (Disguise(), Disguise(voice=True))
    ]
    assert levels[1] == pytest.approx(levels[0], rel=0.5)


def test_every_recording_has_a_change_of_its_own() -> None:
    drawn = [voices.draw() for _ in range(200)]
    assert len({change.filters() for change in drawn}) == 200
    assert all(abs(change.factor - 1) >= 0.14 for change in drawn)
    assert {change.factor > 1 for change in drawn} == {True, False}


def test_what_makes_a_change_stands_in_the_order_to_ffmpeg_only() -> None:
    change = VoiceChange(factor=0.8, shift=-30.0, wavers=4.0, depth=0.05)
    assert "asetrate=38400" in change.filters()
    assert "atempo=1.250000" in change.filters()
