import difflib
import wave
from itertools import pairwise
from pathlib import Path

import pytest
from pytest_django import Settings

from accounts.models import User
from devstack.demo.script import load_all_scripts
from devstack.demo.speech import synthesise_speech
from media.captions import speech_recognition, vtt
from media.captions.speech_recognition import SpeechRecognitionUnavailable, SpokenWord, cues_from_words
from tests.media.sample_recordings import RecordingFactory
from tests.media.uploaded_videos import create_uploaded_video, process_and_record

needs_a_model = pytest.mark.skipif(
    speech_recognition.speech_model_folder() is None,
    reason="no speech model is installed (the extra `captions`)",
)


def spoken_words(
    text: str, *, start: float = 0.0, word_seconds: float = 0.3, pause: float = 0.0
) -> list[SpokenWord]:
    """Evenly spoken words; the first one starts a phrase."""
    starts = [start + number * (word_seconds + pause) for number in range(len(text.split()))]
    return [
        SpokenWord(word_start, word_start + word_seconds, word, starts_phrase=number == 0)
        for number, (word_start, word) in enumerate(zip(starts, text.split(), strict=True))
    ]


def test_short_sentence_is_one_cue() -> None:
    (cue,) = cues_from_words(spoken_words("I rang my sister."))
    assert (cue.start_ms, cue.end_ms, cue.text) == (0, 1200, "I rang my sister.")


def test_pause_ends_a_cue() -> None:
    cues = cues_from_words([*spoken_words("I rang"), *spoken_words("my sister", start=2.0)])
    assert [cue.text for cue in cues] == ["I rang", "my sister"]


def test_cue_has_at_most_two_lines_of_phone_width() -> None:
    cues = cues_from_words(spoken_words("and then I said it again " * 12, word_seconds=0.1))
    lines = [line for cue in cues for line in cue.text.split("\n")]
    assert max(map(len, lines)) <= speech_recognition.MAX_LINE_CHARACTERS + 10
    assert all(cue.text.count("\n") <= 1 for cue in cues)
    assert " ".join(line for cue in cues for line in cue.text.split("\n")) == " ".join(
        ["and then I said it again"] * 12
    )


def test_cue_lasts_at_most_six_seconds() -> None:
    assert all(
        cue.end_ms - cue.start_ms <= 6000
        for cue in cues_from_words(spoken_words("so " * 40, word_seconds=0.9))
    )


def test_cues_do_not_overlap_and_survive_a_round_trip_through_webvtt() -> None:
    cues = cues_from_words(
        spoken_words("One thing. And then another thing, which was longer. So I went.", word_seconds=0.4)
    )
    assert vtt.parse_captions(vtt.format_vtt(cues)) == cues
    assert all(before.end_ms <= after.start_ms for before, after in pairwise(cues))


def test_silence_has_no_cues() -> None:
    assert cues_from_words([]) == []


def test_automatic_captions_can_be_disabled(bo: User, settings: Settings) -> None:
    settings.SPEECH_MODEL = "none"
    assert speech_recognition.speech_model_folder() is None


@pytest.fixture(scope="module")
def spoken_recording(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A recording of synthesised speech and its text."""
    story = next(load_all_scripts())
    speech = synthesise_speech([chapter.sentences for chapter in story.chapters[:3]], voice=story.voice)
    path = tmp_path_factory.mktemp("recording") / "reading.wav"
    speech.write_wav(path)
    with wave.open(str(path)) as file:
        assert file.getnframes() > 0
    return path, " ".join(sentence.text for sentence in speech.sentences)


@needs_a_model
@pytest.mark.usefixtures("bucket", "scratch_folder")
def test_speech_is_transcribed_in_the_sandbox(
    bo: User, recording_factory: RecordingFactory, spoken_recording: tuple[Path, str]
) -> None:
    recording, spoken_text = spoken_recording
    video = create_uploaded_video(
        bo, recording_factory.render("reading.mp4", "-i", str(recording), "-c:a", "aac")
    )
    process_and_record(video)
    cues = speech_recognition.recognise_speech(video, language="en", is_cancelled=lambda: False)
    transcript = " ".join(cue.text for cue in cues).lower().split()
    similarity = difflib.SequenceMatcher(None, spoken_text.lower().split(), transcript).ratio()
    assert similarity > 0.6, transcript  # synthetic voices are harder to recognise than people
    assert cues[-1].end_ms <= (video.duration_ms or 0) + 500


@needs_a_model
@pytest.mark.usefixtures("bucket", "scratch_folder")
def test_unsupported_language_raises_instead_of_guessing(
    bo: User, recording_factory: RecordingFactory
) -> None:
    video = create_uploaded_video(bo, recording_factory.audio_only())
    process_and_record(video)
    with pytest.raises(SpeechRecognitionUnavailable):
        speech_recognition.recognise_speech(video, language="de", is_cancelled=lambda: False)
