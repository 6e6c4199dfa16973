"""Writes down what is said in a recording, as JSON lines. Runs inside the sandbox, as a program of its own.

It imports faster-whisper and the standard library only. The recording is one that our own encoder made, and is
not trusted for that: an encoder that a hostile file has taken over writes what it likes.

    program.py LIBRARIES MODEL LANGUAGE THREADS FILE

The first line says that it is ready; each one after it is a word: [start, end, text, whether it begins a stretch], in seconds.
"""

import json
import sys

READY = "ready"
UNKNOWN_LANGUAGE = "unknown language"


def main(arguments: list[str]) -> int:
    libraries, model, language, threads, file = arguments
    sys.path.append(libraries)
    from faster_whisper import WhisperModel

    listener = WhisperModel(
        model, device="cpu", compute_type="int8", cpu_threads=int(threads), local_files_only=True
    )
    write_json_line(READY)
    if not listener.model.is_multilingual and language != "en":
        write_json_line({"error": UNKNOWN_LANGUAGE})
        return 0
    # Each stretch is heard by itself: a model that is told what came before repeats itself over a long silence.
    stretches, _ = listener.transcribe(
        file, language=language, word_timestamps=True, condition_on_previous_text=False
    )
    for stretch in stretches:
        for number, word in enumerate(stretch.words or []):
            write_json_line([round(word.start, 3), round(word.end, 3), word.word.strip(), number == 0])
    return 0


def write_json_line(answer: object) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
