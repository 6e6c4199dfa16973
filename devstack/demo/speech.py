"""Synthesises speech with eSpeak NG, with sample-accurate sentence times.

The library comes from a wheel and runs in this process. It keeps the voice and the callback in globals, so a lock
serialises callers.
"""

import ctypes
import wave
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Lock

import espeakng_loader

from devstack.demo.script import DemoVoice

# Constants from espeak-ng/speak_lib.h.
_SYNCHRONOUS, _DONT_EXIT = 2, 0x8000
_UTF8 = 1
_PACE, _PITCH = 1, 3
_OK = 0

LEAD_IN_MS = 1_800  # time to read the title card
BETWEEN_SENTENCES_MS = 400
BETWEEN_CHAPTERS_MS = 850
LEAD_OUT_MS = 1_500

_library_lock = Lock()
_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)


class SpeechFailed(RuntimeError):
    """The library did not start, has no such voice, or produced no sound."""


@dataclass(frozen=True)
class SpokenSentence:
    """Position of a sentence in the recording; `chapter` is zero-based."""

    chapter: int
    text: str
    start_ms: int
    end_ms: int


@dataclass(frozen=True)
class Speech:
    """`samples` are 16-bit little-endian mono."""

    samples: bytes
    sample_rate: int
    sentences: tuple[SpokenSentence, ...]

    @property
    def duration_ms(self) -> int:
        return len(self.samples) // 2 * 1000 // self.sample_rate

    def write_wav(self, path: Path) -> None:
        with wave.open(str(path), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(self.sample_rate)
            file.writeframes(self.samples)


def synthesise_speech(chapters: Sequence[Sequence[str]], *, voice: DemoVoice) -> Speech:
    """Synthesise chapters of sentences, with pauses in between.

    Times are deterministic; samples are not, because the library starts its waveforms at varying phases.

    Raises
    ------
    SpeechFailed
        If the library cannot start or has no such voice.
    """
    with _library_lock:
        library, rate = _load_library()
        _select_voice(voice, library=library)
        recording = bytearray(_silence(LEAD_IN_MS, rate=rate))
        sentences: list[SpokenSentence] = []
        for number, chapter in enumerate(chapters):
            for text in chapter:
                if sentences:
                    new_chapter = sentences[-1].chapter != number
                    pause = BETWEEN_CHAPTERS_MS if new_chapter else BETWEEN_SENTENCES_MS
                    recording += _silence(pause, rate=rate)
                start = len(recording) // 2
                recording += _synthesise_sentence(text, library=library)
                end = len(recording) // 2
                sentences.append(SpokenSentence(number, text, start * 1000 // rate, end * 1000 // rate))
        recording += _silence(LEAD_OUT_MS, rate=rate)
    return Speech(bytes(recording), rate, tuple(sentences))


@cache
def _load_library() -> tuple[ctypes.CDLL, int]:
    library = ctypes.CDLL(espeakng_loader.get_library_path())
    rate = library.espeak_Initialize(_SYNCHRONOUS, 0, espeakng_loader.get_data_path().encode(), _DONT_EXIT)
    if rate <= 0:
        raise SpeechFailed(f"eSpeak NG did not start (error {rate})")
    return library, rate


@cache
def _known_variants() -> frozenset[str]:
    return frozenset(
        path.name for path in (Path(espeakng_loader.get_data_path()) / "voices" / "!v").iterdir()
    )


def _select_voice(voice: DemoVoice, *, library: ctypes.CDLL) -> None:
    # The library silently falls back to the default voice for an unknown variant, so look for the variant's file.
    variant = voice.name.partition("+")[2]
    known = not variant or variant in _known_variants()
    if not known or library.espeak_SetVoiceByName(voice.name.encode()) != _OK:
        raise SpeechFailed(f"eSpeak NG has no voice called {voice.name!r}")
    library.espeak_SetParameter(_PACE, voice.pace, 0)
    library.espeak_SetParameter(_PITCH, voice.pitch, 0)


def _synthesise_sentence(text: str, *, library: ctypes.CDLL) -> bytes:
    recording = bytearray()

    def on_samples(samples: int | None, count: int, _events: int | None) -> int:
        if samples is not None and count > 0:
            recording.extend(ctypes.string_at(samples, 2 * count))
        return 0

    # Keep a reference: ctypes would free the callback while the library still uses it.
    callback = _Callback(on_samples)
    library.espeak_SetSynthCallback(callback)
    encoded = text.encode()
    status = library.espeak_Synth(encoded, len(encoded) + 1, 0, 0, 0, _UTF8, None, None)
    if status != _OK or not any(recording):
        raise SpeechFailed(f"eSpeak NG produced no sound for {text!r}")
    return _trim_silence(bytes(recording))


def _trim_silence(sound: bytes) -> bytes:
    """Remove the pause that the library adds to each sentence."""
    first = len(sound) - len(sound.lstrip(b"\0"))
    last = len(sound.rstrip(b"\0"))
    return sound[first - first % 2 : last + last % 2]


def _silence(milliseconds: int, *, rate: int) -> bytes:
    return bytes(2 * (rate * milliseconds // 1000))
