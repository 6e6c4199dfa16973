"""How many words of a hundred the automatic captions get wrong, of voices as they are and of changed ones.

    python -m tests.benchmarks.caption_accuracy [--stories N] [--speech FOLDER]

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
from tests.benchmarks.cpu_timing import cpu_model, print_line

CHAPTERS = 3
NON_WORD_PATTERN = re.compile(r"[^\w' ]+")


@dataclass(frozen=True)
class SpokenRecording:
    """A recording and what is said in it."""

    recording: Path
    transcript: str


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the word error rate of automatic captions.")
    parser.add_argument("--stories", type=int, default=12)
    parser.add_argument(
        "--speech", type=Path, help="a folder of recordings with texts (else $SAMEBOAT_SPEECH)"
    )
    chosen = parser.parse_args()
    named = os.environ.get("SAMEBOAT_SPEECH")
    folder = chosen.speech or (Path(named) if named else None)
    running = servers.start_test_environment()
    try:
        with tempfile.TemporaryDirectory() as scratch:
            for line in measure_word_error_rate(folder, chosen.stories, Path(scratch)):
                print_line(line)
    finally:
        if running is not None:
            running.stop()


def measure_word_error_rate(folder: Path | None, stories: int, scratch: Path) -> Iterator[str]:
    import django

    django.setup()
    import jiwer

    readings = list(load_recordings(folder) if folder else synthesise_recordings(stories, scratch))
    yield f"{cpu_model()}: {len(readings)} recordings"
    yield "| voice | words said | word error rate | of each recording, from best to worst | seconds heard to one of work |"
    yield "|---|---|---|---|---|"
    said = [normalise_words(reading.transcript) for reading in readings]
    for voice, changed in (("as it is", False), ("changed", True)):
        began = time.perf_counter()
        found = [recognise_recording(reading.recording, scratch, changed=changed) for reading in readings]
        spent = time.perf_counter() - began
        seconds = sum(length for _, length in found)
        words = [normalise_words(text) for text, _ in found]
        each = sorted(jiwer.wer(one, other) for one, other in zip(said, words, strict=True))
        whole = jiwer.wer(said, words)
        count = sum(len(one.split()) for one in said)
        yield f"| {voice} | {count:,} | {whole:.1%} | {each[0]:.1%} to {each[-1]:.1%} | {seconds / spent:.1f} |"


def synthesise_recordings(stories: int, scratch: Path) -> Iterator[SpokenRecording]:
    """Have the first chapters of stories read by eSpeak, each in its own voice."""
    from devstack.demo.script import load_all_scripts
    from devstack.demo.speech import synthesise_speech

    for number, (story, _) in enumerate(zip(load_all_scripts(), range(stories), strict=False)):
        chapters = [chapter.sentences for chapter in story.chapters[:CHAPTERS]]
        speech = synthesise_speech(chapters, voice=story.voice)
        path = scratch / f"{number}.wav"
        speech.write_wav(path)
        yield SpokenRecording(path, " ".join(sentence.text for sentence in speech.sentences))


def load_recordings(folder: Path) -> Iterator[SpokenRecording]:
    for text in sorted(folder.glob("*.txt")):
        for recording in sorted(set(folder.glob(f"{text.stem}.*")) - {text}):
            yield SpokenRecording(recording, text.read_text())


def recognise_recording(recording: Path, scratch: Path, *, changed: bool) -> tuple[str, float]:
    """Give what the recogniser hears in a recording as it is published, and how many seconds that has."""
    from media.captions import speech_recognition
    from media.probing import validation
    from media.probing.validation import AnonymisationSettings
    from tests.media.sample_recordings import RecordingFactory

    model = speech_recognition.speech_model_folder()
    if model is None:
        raise SystemExit("No speech model is installed (pyproject.toml, extra captions).")
    room = Path(tempfile.mkdtemp(dir=scratch))
    film = RecordingFactory(room).render("upload.m4a", "-i", str(recording), "-c:a", "aac", "-b:a", "128k")
    out = room / "out"
    out.mkdir()
    checked = validation.validate_recording(
        film, out=out, is_cancelled=lambda: False, anonymisation=AnonymisationSettings(change_voice=changed)
    )
    sound = checked.manifest.audio_rendition
    if sound is None:
        raise SystemExit(f"There is no sound in {recording}.")
    paths = {file.name: file.path for file in checked.first_version.files}
    whole = room / "heard.mp4"
    whole.write_bytes(b"".join(paths[piece].read_bytes() for piece in sound.file_names))
    words = speech_recognition.transcribe_file(whole, model, language="en", is_cancelled=lambda: False)
    return " ".join(word.text for word in words), sound.seconds


def normalise_words(text: str) -> str:
    return " ".join(
        NON_WORD_PATTERN.sub(" ", text.lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")).split()
    )


if __name__ == "__main__":
    main()
