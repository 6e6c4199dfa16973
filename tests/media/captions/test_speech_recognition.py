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


def spoken_words(said: str, *, start: float = 0.0, each: float = 0.3, gap: float = 0.0) -> list[SpokenWord]:
    """Speak evenly, beginning a stretch with the first word."""
    moments = [start + number * (each + gap) for number in range(len(said.split()))]
    return [
        SpokenWord(moment, moment + each, word, starts_phrase=number == 0)
        for number, (moment, word) in enumerate(zip(moments, said.split(), strict=True))
    ]


def test_a_short_sentence_is_one_caption() -> None:
    (cue,) = cues_from_words(spoken_words("I rang my sister."))
    assert (cue.start_ms, cue.end_ms, cue.text) == (0, 1200, "I rang my sister.")


def test_a_pause_ends_a_caption() -> None:
    found = cues_from_words([*spoken_words("I rang"), *spoken_words("my sister", start=2.0)])
    assert [cue.text for cue in found] == ["I rang", "my sister"]


def test_no_caption_has_more_than_two_lines_of_a_phone() -> None:
    found = cues_from_words(spoken_words("and then I said it again " * 12, each=0.1))
    lines = [line for cue in found for line in cue.text.split("\n")]
    assert max(map(len, lines)) <= speech_recognition.MAX_LINE_CHARACTERS + 10
    assert all(cue.text.count("\n") <= 1 for cue in found)
    assert " ".join(line for cue in found for line in cue.text.split("\n")) == " ".join(
        ["and then I said it again"] * 12
    )


def test_no_caption_stays_longer_than_six_seconds() -> None:
    assert all(
        cue.end_ms - cue.start_ms <= 6000 for cue in cues_from_words(spoken_words("so " * 40, each=0.9))
    )


def test_captions_follow_one_another_and_can_be_read_back() -> None:
    found = cues_from_words(
        spoken_words("One thing. And then another thing, which was longer. So I went.", each=0.4)
    )
    assert vtt.parse_captions(vtt.format_vtt(found)) == found
    assert all(before.end_ms <= after.start_ms for before, after in pairwise(found))


def test_silence_has_no_captions() -> None:
    assert cues_from_words([]) == []


def test_without_a_model_nobody_listens(bo: User, settings: Settings) -> None:
    settings.SPEECH_MODEL = "none"
    assert speech_recognition.speech_model_folder() is None


@pytest.fixture(scope="module")
def reading(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Give a recording of somebody reading aloud, and what they read."""
    story = next(load_all_scripts())
    speech = synthesise_speech([chapter.sentences for chapter in story.chapters[:3]], voice=story.voice)
    path = tmp_path_factory.mktemp("voice") / "reading.wav"
    speech.write_wav(path)
    with wave.open(str(path)) as file:
        assert file.getnframes() > 0
    return path, " ".join(said.text for said in speech.sentences)


@needs_a_model
@pytest.mark.usefixtures("bucket", "scratch_folder")
def test_what_somebody_says_is_written_down_behind_the_walls(
    bo: User, recording_factory: RecordingFactory, reading: tuple[Path, str]
) -> None:
    voice, said = reading
    video = create_uploaded_video(
        bo, recording_factory.render("reading.mp4", "-i", str(voice), "-c:a", "aac")
    )
    process_and_record(video)
    found = speech_recognition.recognise_speech(video, language="en", is_cancelled=lambda: False)
    heard = " ".join(cue.text for cue in found).lower().split()
    alike = difflib.SequenceMatcher(None, said.lower().split(), heard).ratio()
    assert alike > 0.6, heard  # an artificial voice is harder to follow than a person
    assert found[-1].end_ms <= (video.duration_ms or 0) + 500


@needs_a_model
@pytest.mark.usefixtures("bucket", "scratch_folder")
def test_a_language_that_the_model_does_not_know_is_not_guessed(
    bo: User, recording_factory: RecordingFactory
) -> None:
    video = create_uploaded_video(bo, recording_factory.audio_only())
    process_and_record(video)
    with pytest.raises(SpeechRecognitionUnavailable):
        speech_recognition.recognise_speech(video, language="de", is_cancelled=lambda: False)
