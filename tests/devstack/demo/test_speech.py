import array
import itertools
import wave
from pathlib import Path

import pytest

from devstack.demo.script import DemoVoice, load_all_scripts
from devstack.demo.speech import (
    BETWEEN_CHAPTERS_MS,
    BETWEEN_SENTENCES_MS,
    LEAD_IN_MS,
    LEAD_OUT_MS,
    Speech,
    SpeechFailed,
    synthesise_speech,
)

CHAPTERS = (("I had the sentence ready for a year.", "Then I wrote it down."), ("It helped a little.",))
CALM_VOICE = DemoVoice("en+f3", pitch=44, pace=148)


@pytest.fixture(scope="module")
def speech() -> Speech:
    return synthesise_speech(CHAPTERS, voice=CALM_VOICE)


def peak_amplitude(speech: Speech, start_ms: int, end_ms: int) -> int:
    samples = array.array("h", speech.samples)
    part = samples[start_ms * speech.sample_rate // 1000 : end_ms * speech.sample_rate // 1000]
    return max(map(abs, part))


def test_every_sentence_is_spoken_in_its_chapter(speech: Speech) -> None:
    assert [(said.chapter, said.text) for said in speech.sentences] == [
        (0, "I had the sentence ready for a year."),
        (0, "Then I wrote it down."),
        (1, "It helped a little."),
    ]


def test_there_is_sound_during_a_sentence_and_silence_around_it(speech: Speech) -> None:
    edges = [
        0,
        *itertools.chain.from_iterable((s.start_ms, s.end_ms) for s in speech.sentences),
        speech.duration_ms,
    ]
    for said in speech.sentences:
        assert peak_amplitude(speech, said.start_ms, said.end_ms) > 3_000
    for end, start in zip(edges[::2], edges[1::2], strict=True):
        assert peak_amplitude(speech, end + 1, start) == 0


def test_sound_begins_and_ends_within_a_hundredth_of_a_second_of_what_is_said(speech: Speech) -> None:
    for said in speech.sentences:
        assert peak_amplitude(speech, said.start_ms, said.start_ms + 10) > 0
        assert peak_amplitude(speech, said.end_ms - 10, said.end_ms + 1) > 0


def test_pauses_are_longer_between_chapters_than_between_sentences(speech: Speech) -> None:
    first, second, third = speech.sentences
    assert first.start_ms == LEAD_IN_MS
    assert second.start_ms - first.end_ms == pytest.approx(BETWEEN_SENTENCES_MS, abs=1)
    assert third.start_ms - second.end_ms == pytest.approx(BETWEEN_CHAPTERS_MS, abs=1)
    assert speech.duration_ms - third.end_ms == pytest.approx(LEAD_OUT_MS, abs=1)


def test_another_voice_in_between_changes_no_timing(speech: Speech) -> None:
    other = synthesise_speech(CHAPTERS, voice=DemoVoice("en-gb-scotland+m3", pitch=30, pace=170))
    assert other.sentences != speech.sentences
    assert synthesise_speech(CHAPTERS, voice=CALM_VOICE).sentences == speech.sentences


def test_a_faster_pace_takes_less_time(speech: Speech) -> None:
    hurried = synthesise_speech(CHAPTERS, voice=DemoVoice("en+f3", pitch=44, pace=200))
    assert hurried.duration_ms < speech.duration_ms


@pytest.mark.parametrize("name", ["xx-nowhere", "en+nobody-of-this-name", "en+../../phondata"])
def test_a_voice_that_is_not_there_is_refused(name: str) -> None:
    with pytest.raises(SpeechFailed, match="no voice called"):
        synthesise_speech(CHAPTERS, voice=DemoVoice(name, pitch=44, pace=148))


def test_a_sentence_without_a_sound_is_refused() -> None:
    with pytest.raises(SpeechFailed, match="did not say"):
        synthesise_speech([[" "]], voice=CALM_VOICE)


def test_the_recording_is_written_as_it_is(speech: Speech, tmp_path: Path) -> None:
    speech.write_wav(tmp_path / "voice.wav")
    with wave.open(str(tmp_path / "voice.wav")) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, speech.sample_rate)
        assert file.readframes(file.getnframes()) == speech.samples


def test_the_shortest_and_the_longest_scripts_are_spoken_in_thirty_to_forty_five_seconds() -> None:
    by_length = sorted(load_all_scripts(), key=lambda story: story.word_count)
    for story in (*by_length[:4], *by_length[-8:]):
        spoken = synthesise_speech([chapter.sentences for chapter in story.chapters], voice=story.voice)
        assert 30_000 <= spoken.duration_ms <= 46_000, story.handle
