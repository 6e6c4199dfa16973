import difflib
import wave
from itertools import pairwise
from pathlib import Path

import pytest
from pytest_django import Settings

from accounts.models import User
from config.demo.script import every_story
from config.demo.voice import speak
from media import captions, recognition
from media.recognition import NobodyListens, Word, cues_of
from tests.media.arrivals import arrived, process
from tests.media.films import Studio

needs_a_model = pytest.mark.skipif(
    recognition.model_folder() is None, reason="no speech model is installed (the extra `captions`)"
)


def words(said: str, *, start: float = 0.0, each: float = 0.3, gap: float = 0.0) -> list[Word]:
    """Speak evenly, beginning a stretch with the first word."""
    moments = [start + number * (each + gap) for number in range(len(said.split()))]
    return [
        Word(moment, moment + each, word, opens=number == 0)
        for number, (moment, word) in enumerate(zip(moments, said.split(), strict=True))
    ]


def test_a_short_sentence_is_one_caption() -> None:
    (cue,) = cues_of(words("I rang my sister."))
    assert (cue.start, cue.end, cue.words) == (0, 1200, "I rang my sister.")


def test_a_pause_ends_a_caption() -> None:
    found = cues_of([*words("I rang"), *words("my sister", start=2.0)])
    assert [cue.words for cue in found] == ["I rang", "my sister"]


def test_no_caption_has_more_than_two_lines_of_a_phone() -> None:
    found = cues_of(words("and then I said it again " * 12, each=0.1))
    lines = [line for cue in found for line in cue.words.split("\n")]
    assert max(map(len, lines)) <= recognition.LONGEST_LINE + 10
    assert all(cue.words.count("\n") <= 1 for cue in found)
    assert " ".join(line for cue in found for line in cue.words.split("\n")) == " ".join(
        ["and then I said it again"] * 12
    )


def test_no_caption_stays_longer_than_six_seconds() -> None:
    assert all(cue.end - cue.start <= 6000 for cue in cues_of(words("so " * 40, each=0.9)))


def test_captions_follow_one_another_and_can_be_read_back() -> None:
    found = cues_of(words("One thing. And then another thing, which was longer. So I went.", each=0.4))
    assert captions.parse(captions.write(found)) == found
    assert all(before.end <= after.start for before, after in pairwise(found))


def test_silence_has_no_captions() -> None:
    assert cues_of([]) == []


def test_without_a_model_nobody_listens(bo: User, settings: Settings) -> None:
    settings.SPEECH_MODEL = "none"
    assert recognition.model_folder() is None


@pytest.fixture(scope="module")
def reading(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Give a recording of somebody reading aloud, and what they read."""
    story = next(every_story())
    speech = speak([chapter.sentences for chapter in story.chapters[:3]], voice=story.voice)
    path = tmp_path_factory.mktemp("voice") / "reading.wav"
    speech.write_wav(path)
    with wave.open(str(path)) as file:
        assert file.getnframes() > 0
    return path, " ".join(said.text for said in speech.sentences)


@needs_a_model
@pytest.mark.usefixtures("bucket", "scratch")
def test_what_somebody_says_is_written_down_behind_the_walls(
    bo: User, studio: Studio, reading: tuple[Path, str]
) -> None:
    voice, said = reading
    video = arrived(bo, studio.shoot("reading.mp4", "-i", str(voice), "-c:a", "aac"))
    process(video)
    found = recognition.recognise(video, language="en", cancelled=lambda: False)
    heard = " ".join(cue.words for cue in found).lower().split()
    alike = difflib.SequenceMatcher(None, said.lower().split(), heard).ratio()
    assert alike > 0.6, heard  # an artificial voice is harder to follow than a person
    assert found[-1].end <= (video.duration_ms or 0) + 500


@needs_a_model
@pytest.mark.usefixtures("bucket", "scratch")
def test_a_language_that_the_model_does_not_know_is_not_guessed(bo: User, studio: Studio) -> None:
    video = arrived(bo, studio.sound_only())
    process(video)
    with pytest.raises(NobodyListens):
        recognition.recognise(video, language="de", cancelled=lambda: False)
