"""Transcribes a recording to JSON lines. Runs inside the sandbox as a separate program.

It imports only faster-whisper and the standard library. The recording is an output of our encoder, but still not
trusted: a malicious file may have compromised the encoder.

    program.py LIBRARIES MODEL LANGUAGE THREADS FILE

The first line reports that the model is loaded; each later line is a word: [start, end, text, starts a phrase], in seconds.
"""

import json
import sys

READY = "ready"
UNKNOWN_LANGUAGE = "unknown language"


def main(arguments: list[str]) -> int:
    libraries, model, language, threads, file = arguments
    sys.path.append(libraries)
    from faster_whisper import WhisperModel

    transcriber = WhisperModel(
        model, device="cpu", compute_type="int8", cpu_threads=int(threads), local_files_only=True
    )
    write_json_line(READY)
    if not transcriber.model.is_multilingual and language != "en":
        write_json_line({"error": UNKNOWN_LANGUAGE})
        return 0
    # Conditioning on previous text makes Whisper repeat itself during long silences.
    phrases, _ = transcriber.transcribe(
        file, language=language, word_timestamps=True, condition_on_previous_text=False
    )
    for phrase in phrases:
        for index, word in enumerate(phrase.words or []):
            write_json_line([round(word.start, 3), round(word.end, 3), word.word.strip(), index == 0])
    return 0


def write_json_line(value: object) -> None:
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
