"""Reads sentences aloud with eSpeak NG and says to the sample when each begins and ends.

The library comes as a wheel and is called in this process, so nothing has to be installed on the
machine. It keeps its voice and callback in globals: one lock lets one speaker at a time at it.
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

# Of espeak-ng/speak_lib.h.
_SYNCHRONOUS, _DONT_EXIT = 2, 0x8000
_UTF8 = 1
_PACE, _PITCH = 1, 3
_OK = 0

LEAD_IN_MS = 1_800  # time to read the opening card
BETWEEN_SENTENCES_MS = 400
BETWEEN_CHAPTERS_MS = 850
LEAD_OUT_MS = 1_500

_library_lock = Lock()
_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)


class SpeechFailed(RuntimeError):
    """The speech library refused: it would not start, has no such voice, or said nothing."""


@dataclass(frozen=True)
class SpokenSentence:
    """Where one sentence lies in the recording; `chapter` counts from 0."""

    chapter: int
    text: str
    start_ms: int
    end_ms: int


@dataclass(frozen=True)
class Speech:
    """A recording, 16-bit mono and little-endian as on every machine the wheel is for, and its sentences."""

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
    """Reads the chapters aloud, each a row of sentences, with a breath between them.

    The same words in the same voice always take the same times; the samples differ a little, because
    the library does not begin its waves at the same place twice.

    Raises
    ------
    SpeechFailed
        If the library cannot start or does not know the voice.
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
        raise SpeechFailed(f"the speech library did not start ({rate})")
    return library, rate


@cache
def _known_variants() -> frozenset[str]:
    return frozenset(
        path.name for path in (Path(espeakng_loader.get_data_path()) / "voices" / "!v").iterdir()
    )


def _select_voice(voice: DemoVoice, *, library: ctypes.CDLL) -> None:
    # The library takes an unknown variant for the plain voice and says nothing, hence the look at its files.
    variant = voice.name.partition("+")[2]
    known = not variant or variant in _known_variants()
    if not known or library.espeak_SetVoiceByName(voice.name.encode()) != _OK:
        raise SpeechFailed(f"the speech library has no voice called {voice.name!r}")
    library.espeak_SetParameter(_PACE, voice.pace, 0)
    library.espeak_SetParameter(_PITCH, voice.pitch, 0)


def _synthesise_sentence(text: str, *, library: ctypes.CDLL) -> bytes:
    heard = bytearray()

    def hear(samples: int | None, count: int, _events: int | None) -> int:
        if samples is not None and count > 0:
            heard.extend(ctypes.string_at(samples, 2 * count))
        return 0

    callback = _Callback(hear)  # a name of its own, or it is collected while the library still calls it
    library.espeak_SetSynthCallback(callback)
    encoded = text.encode()
    answer = library.espeak_Synth(encoded, len(encoded) + 1, 0, 0, 0, _UTF8, None, None)
    if answer != _OK or not any(heard):
        raise SpeechFailed(f"the speech library did not say {text!r}")
    return _trim_silence(bytes(heard))


def _trim_silence(sound: bytes) -> bytes:
    """The library adds a pause of its own to each sentence; the timing here is ours."""
    first = len(sound) - len(sound.lstrip(b"\0"))
    last = len(sound.rstrip(b"\0"))
    return sound[first - first % 2 : last + last % 2]


def _silence(milliseconds: int, *, rate: int) -> bytes:
    return bytes(2 * (rate * milliseconds // 1000))
