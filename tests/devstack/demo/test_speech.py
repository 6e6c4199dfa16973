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


def test_sentences_are_returned_with_their_chapter(speech: Speech) -> None:
    assert [(sentence.chapter, sentence.text) for sentence in speech.sentences] == [
        (0, "I had the sentence ready for a year."),
        (0, "Then I wrote it down."),
        (1, "It helped a little."),
    ]


def test_sentences_have_sound_and_pauses_are_silent(speech: Speech) -> None:
    edges = [
        0,
        *itertools.chain.from_iterable((s.start_ms, s.end_ms) for s in speech.sentences),
        speech.duration_ms,
    ]
    for sentence in speech.sentences:
        assert peak_amplitude(speech, sentence.start_ms, sentence.end_ms) > 3_000
    for end, start in zip(edges[::2], edges[1::2], strict=True):
        assert peak_amplitude(speech, end + 1, start) == 0


def test_sentence_times_are_accurate_to_ten_milliseconds(speech: Speech) -> None:
    for sentence in speech.sentences:
        assert peak_amplitude(speech, sentence.start_ms, sentence.start_ms + 10) > 0
        assert peak_amplitude(speech, sentence.end_ms - 10, sentence.end_ms + 1) > 0


def test_pauses_are_longer_between_chapters_than_between_sentences(speech: Speech) -> None:
    first, second, third = speech.sentences
    assert first.start_ms == LEAD_IN_MS
    assert second.start_ms - first.end_ms == pytest.approx(BETWEEN_SENTENCES_MS, abs=1)
    assert third.start_ms - second.end_ms == pytest.approx(BETWEEN_CHAPTERS_MS, abs=1)
    assert speech.duration_ms - third.end_ms == pytest.approx(LEAD_OUT_MS, abs=1)


def test_switching_voices_does_not_change_the_timing(speech: Speech) -> None:
    other_speech = synthesise_speech(CHAPTERS, voice=DemoVoice("en-gb-scotland+m3", pitch=30, pace=170))
    assert other_speech.sentences != speech.sentences
    assert synthesise_speech(CHAPTERS, voice=CALM_VOICE).sentences == speech.sentences


def test_a_faster_pace_takes_less_time(speech: Speech) -> None:
    fast_speech = synthesise_speech(CHAPTERS, voice=DemoVoice("en+f3", pitch=44, pace=200))
    assert fast_speech.duration_ms < speech.duration_ms


@pytest.mark.parametrize("name", ["xx-nowhere", "en+no-such-variant", "en+../../phondata"])
def test_an_unknown_voice_raises(name: str) -> None:
    with pytest.raises(SpeechFailed, match="no voice called"):
        synthesise_speech(CHAPTERS, voice=DemoVoice(name, pitch=44, pace=148))


def test_a_silent_sentence_raises() -> None:
    with pytest.raises(SpeechFailed, match="produced no sound"):
        synthesise_speech([[" "]], voice=CALM_VOICE)


def test_the_wav_file_contains_the_samples(speech: Speech, tmp_path: Path) -> None:
    speech.write_wav(tmp_path / "voice.wav")
    with wave.open(str(tmp_path / "voice.wav")) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, speech.sample_rate)
        assert file.readframes(file.getnframes()) == speech.samples


def test_shipped_scripts_take_thirty_to_forty_six_seconds() -> None:
    by_length = sorted(load_all_scripts(), key=lambda story: story.word_count)
    for story in (*by_length[:4], *by_length[-8:]):
        speech = synthesise_speech([chapter.sentences for chapter in story.chapters], voice=story.voice)
        assert 30_000 <= speech.duration_ms <= 46_000, story.handle
