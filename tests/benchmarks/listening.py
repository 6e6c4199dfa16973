"""How many words of a hundred the automatic captions get wrong, of voices as they are and of changed ones.

    python -m tests.benchmarks.listening [--stories N] [--speech FOLDER]

Reads made-up stories aloud with eSpeak, which is harder to follow than people are, has each prepared as an upload is, and gives
what came out to the recogniser. `--speech` (or `SAMEBOAT_SPEECH`) names a folder of real recordings instead: each file of
sound with what is said in it beside, under the same name with `.txt`. The word error rate counts words put in, left out and
taken for others by the number of words said (jiwer), case and punctuation aside.
"""

import argparse
import os
import re
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests import servers
from tests.benchmarks.measuring import processor, say

CHAPTERS = 3
NOT_A_WORD = re.compile(r"[^\w' ]+")


@dataclass(frozen=True)
class Reading:
    """A recording and what is said in it."""

    recording: Path
    said: str


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the word error rate of automatic captions.")
    parser.add_argument("--stories", type=int, default=12)
    parser.add_argument(
        "--speech", type=Path, help="a folder of recordings with texts (else $SAMEBOAT_SPEECH)"
    )
    chosen = parser.parse_args()
    named = os.environ.get("SAMEBOAT_SPEECH")
    folder = chosen.speech or (Path(named) if named else None)
    running = servers.begin()
    try:
        with tempfile.TemporaryDirectory() as scratch:
            for line in measured(folder, chosen.stories, Path(scratch)):
                say(line)
    finally:
        if running is not None:
            running.stop()


def measured(folder: Path | None, stories: int, scratch: Path) -> Iterator[str]:
    import django

    django.setup()
    import jiwer

    readings = list(spoken(folder) if folder else read_aloud(stories, scratch))
    yield f"{processor()}: {len(readings)} recordings"
    yield "| voice | words said | word error rate | of each recording, from best to worst | seconds heard to one of work |"
    yield "|---|---|---|---|---|"
    said = [plain(reading.said) for reading in readings]
    for voice, changed in (("as it is", False), ("changed", True)):
        began = time.perf_counter()
        found = [heard(reading.recording, scratch, changed=changed) for reading in readings]
        spent = time.perf_counter() - began
        seconds = sum(length for _, length in found)
        words = [plain(text) for text, _ in found]
        each = sorted(jiwer.wer(one, other) for one, other in zip(said, words, strict=True))
        whole = jiwer.wer(said, words)
        count = sum(len(one.split()) for one in said)
        yield f"| {voice} | {count:,} | {whole:.1%} | {each[0]:.1%} to {each[-1]:.1%} | {seconds / spent:.1f} |"


def read_aloud(stories: int, scratch: Path) -> Iterator[Reading]:
    """Have the first chapters of stories read by eSpeak, each in its own voice."""
    from config.demo.script import every_story
    from config.demo.voice import speak

    for number, (story, _) in enumerate(zip(every_story(), range(stories), strict=False)):
        chapters = [chapter.sentences for chapter in story.chapters[:CHAPTERS]]
        speech = speak(chapters, voice=story.voice)
        path = scratch / f"{number}.wav"
        speech.write_wav(path)
        yield Reading(path, " ".join(sentence.text for sentence in speech.sentences))


def spoken(folder: Path) -> Iterator[Reading]:
    for text in sorted(folder.glob("*.txt")):
        for recording in sorted(set(folder.glob(f"{text.stem}.*")) - {text}):
            yield Reading(recording, text.read_text())


def heard(recording: Path, scratch: Path, *, changed: bool) -> tuple[str, float]:
    """Give what the recogniser hears in a recording as it is published, and how many seconds that has."""
    from media import gate, recognition
    from media.gate import Disguise
    from tests.media.films import Studio

    model = recognition.model_folder()
    if model is None:
        raise SystemExit("No speech model is installed (pyproject.toml, extra captions).")
    room = Path(tempfile.mkdtemp(dir=scratch))
    film = Studio(room).shoot("upload.m4a", "-i", str(recording), "-c:a", "aac", "-b:a", "128k")
    out = room / "out"
    out.mkdir()
    checked = gate.check(film, out=out, cancelled=lambda: False, disguise=Disguise(voice=changed))
    sound = checked.master.sound
    if sound is None:
        raise SystemExit(f"There is no sound in {recording}.")
    paths = {file.name: file.path for file in checked.made.files}
    whole = room / "heard.mp4"
    whole.write_bytes(b"".join(paths[piece].read_bytes() for piece in sound.pieces))
    words = recognition.listen(whole, model, language="en", cancelled=lambda: False)
    return " ".join(word.text for word in words), sound.seconds


def plain(text: str) -> str:
    return " ".join(NOT_A_WORD.sub(" ", text.lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")).split())


if __name__ == "__main__":
    main()
