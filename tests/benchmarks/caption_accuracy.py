"""Word error rate of the automatic captions, with original and with changed voices.

    python -m tests.benchmarks.caption_accuracy [--stories N] [--speech FOLDER]

Synthesises demonstration stories with eSpeak (harder to recognise than human speech), processes each like an upload, and runs the
speech recogniser on the result. `--speech` (or `SAMEBOAT_SPEECH`) names a folder of real recordings instead: audio files with a
transcript of the same name ending in `.txt`. The word error rate is (insertions + deletions + substitutions) / words spoken
(jiwer), ignoring case and punctuation.
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
    recording: Path
    transcript: str


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the word error rate of automatic captions.")
    parser.add_argument("--stories", type=int, default=12)
    parser.add_argument(
        "--speech", type=Path, help="folder of recordings with transcripts (default: $SAMEBOAT_SPEECH)"
    )
    options = parser.parse_args()
    configured = os.environ.get("SAMEBOAT_SPEECH")
    folder = options.speech or (Path(configured) if configured else None)
    test_servers = servers.start_test_environment()
    try:
        with tempfile.TemporaryDirectory() as scratch:
            for line in measure_word_error_rate(folder, options.stories, Path(scratch)):
                print_line(line)
    finally:
        if test_servers is not None:
            test_servers.stop()


def measure_word_error_rate(folder: Path | None, stories: int, scratch: Path) -> Iterator[str]:
    import django

    django.setup()
    import jiwer

    recordings = list(load_recordings(folder) if folder else synthesise_recordings(stories, scratch))
    yield f"{cpu_model()}: {len(recordings)} recordings"
    yield "| voice | words | word error rate | per recording, best to worst | seconds of audio per second of computing |"
    yield "|---|---|---|---|---|"
    references = [normalise_words(recording.transcript) for recording in recordings]
    for voice, change_voice in (("original", False), ("changed", True)):
        started_at = time.perf_counter()
        recognised = [
            recognise_recording(recording.recording, scratch, change_voice=change_voice)
            for recording in recordings
        ]
        elapsed = time.perf_counter() - started_at
        seconds = sum(length for _, length in recognised)
        hypotheses = [normalise_words(text) for text, _ in recognised]
        error_rates = sorted(
            jiwer.wer(reference, hypothesis)
            for reference, hypothesis in zip(references, hypotheses, strict=True)
        )
        overall_error_rate = jiwer.wer(references, hypotheses)
        word_count = sum(len(reference.split()) for reference in references)
        yield f"| {voice} | {word_count:,} | {overall_error_rate:.1%} | {error_rates[0]:.1%} to {error_rates[-1]:.1%} | {seconds / elapsed:.1f} |"


def synthesise_recordings(stories: int, scratch: Path) -> Iterator[SpokenRecording]:
    """The first chapters of the demonstration stories, each in its own voice."""
    from devstack.demo.script import load_all_scripts
    from devstack.demo.speech import synthesise_speech

    for index, (story, _) in enumerate(zip(load_all_scripts(), range(stories), strict=False)):
        chapters = [chapter.sentences for chapter in story.chapters[:CHAPTERS]]
        speech = synthesise_speech(chapters, voice=story.voice)
        path = scratch / f"{index}.wav"
        speech.write_wav(path)
        yield SpokenRecording(path, " ".join(sentence.text for sentence in speech.sentences))


def load_recordings(folder: Path) -> Iterator[SpokenRecording]:
    for transcript in sorted(folder.glob("*.txt")):
        for recording in sorted(set(folder.glob(f"{transcript.stem}.*")) - {transcript}):
            yield SpokenRecording(recording, transcript.read_text())


def recognise_recording(recording: Path, scratch: Path, *, change_voice: bool) -> tuple[str, float]:
    """Recognised text of the recording as it would be published, and its length in seconds."""
    from media.captions import speech_recognition
    from media.probing import validation
    from media.probing.validation import AnonymisationSettings
    from tests.media.sample_recordings import RecordingFactory

    model = speech_recognition.speech_model_folder()
    if model is None:
        raise SystemExit("No speech model is installed (pyproject.toml, extra captions).")
    work_dir = Path(tempfile.mkdtemp(dir=scratch))
    film = RecordingFactory(work_dir).render(
        "upload.m4a", "-i", str(recording), "-c:a", "aac", "-b:a", "128k"
    )
    out = work_dir / "out"
    out.mkdir()
    validated = validation.validate_recording(
        film,
        out=out,
        is_cancelled=lambda: False,
        anonymisation=AnonymisationSettings(change_voice=change_voice),
    )
    audio = validated.manifest.audio_rendition
    if audio is None:
        raise SystemExit(f"{recording} has no audio.")
    paths = {file.name: file.path for file in validated.first_version.files}
    audio_file = work_dir / "audio.mp4"
    audio_file.write_bytes(b"".join(paths[piece].read_bytes() for piece in audio.file_names))
    recognised_words = speech_recognition.transcribe_file(
        audio_file, model, language="en", is_cancelled=lambda: False
    )
    return " ".join(word.text for word in recognised_words), audio.seconds


def normalise_words(text: str) -> str:
    return " ".join(
        NON_WORD_PATTERN.sub(" ", text.lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")).split()
    )


if __name__ == "__main__":
    main()
