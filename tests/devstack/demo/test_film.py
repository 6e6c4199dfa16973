import dataclasses
import shutil
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest

from devstack.demo.film import FRAMES_PER_SECOND, DemoFilm, DemoFilmFailed, make_demo_film
from devstack.demo.frames import draw_sentence_card
from devstack.demo.script import DemoStory, load_all_scripts
from media.captions import vtt
from media.programs import ffmpeg_path


@pytest.fixture(scope="module")
def story() -> DemoStory:
    """The first three chapters of a shipped story, so that the tests do not wait for a whole film."""
    whole = next(story for story in load_all_scripts() if story.handle == "marta")
    return dataclasses.replace(whole, chapters=whole.chapters[:3])


@pytest.fixture(scope="module")
def film(story: DemoStory, tmp_path_factory: pytest.TempPathFactory) -> DemoFilm:
    return make_demo_film(story, tmp_path_factory.mktemp("films"), ffmpeg=ffmpeg_path())


@pytest.fixture
def opened(film: DemoFilm) -> Iterator["av.container.InputContainer"]:
    with av.open(str(film.path)) as container:
        yield container


def test_a_film_is_h264_and_aac_at_a_steady_rate(opened: "av.container.InputContainer") -> None:
    (picture,) = opened.streams.video
    (sound,) = opened.streams.audio
    assert (picture.codec_context.name, sound.codec_context.name) == ("h264", "aac")
    assert (picture.width, picture.height, picture.codec_context.pix_fmt) == (1280, 720, "yuv420p")
    assert picture.average_rate == FRAMES_PER_SECOND


def test_picture_and_sound_last_as_long_as_was_said(
    film: DemoFilm, opened: "av.container.InputContainer"
) -> None:
    frames = sum(1 for _ in opened.decode(video=0))
    assert frames / FRAMES_PER_SECOND == pytest.approx(film.duration_ms / 1000, abs=1 / FRAMES_PER_SECOND)
    opened.seek(0)
    samples = sum(frame.samples for frame in opened.decode(audio=0))
    assert samples / 48_000 == pytest.approx(film.duration_ms / 1000, abs=0.05)


def test_the_film_says_of_itself_that_it_is_a_demonstration(
    story: DemoStory, opened: "av.container.InputContainer"
) -> None:
    assert opened.metadata["comment"] == "Demonstration story, synthesised voice"
    assert opened.metadata["title"] == story.title


def test_the_captions_hold_every_word_once_and_in_order(story: DemoStory, film: DemoFilm) -> None:
    cues = vtt.parse_captions(film.vtt)
    said = " ".join(" ".join(cue.text.split()) for cue in cues)
    assert said == " ".join(chapter.text for chapter in story.chapters)


def test_no_caption_has_more_than_two_lines_of_forty_two_characters(film: DemoFilm) -> None:
    for cue in vtt.parse_captions(film.vtt):
        lines = cue.text.split("\n")
        assert len(lines) <= 2
        assert max(map(len, lines)) <= 44


def test_every_caption_is_there_exactly_while_somebody_speaks(
    film: DemoFilm, opened: "av.container.InputContainer"
) -> None:
    sound = np.concatenate([frame.to_ndarray()[0] for frame in opened.decode(audio=0)])

    def loudness(start_ms: int, end_ms: int) -> float:
        return float(np.abs(sound[start_ms * 48 : end_ms * 48]).max())

    cues = vtt.parse_captions(film.vtt)
    silent_from = 0
    for cue in cues:
        assert loudness(cue.start_ms, cue.end_ms) > 0.1
        assert loudness(cue.start_ms, cue.start_ms + 60) > 0.002
        # AAC smears sound over a block of 21 ms, so the quiet is measured a little inside.
        assert loudness(silent_from + 45, cue.start_ms - 45) < 0.002
        silent_from = cue.end_ms


def test_every_sentence_is_on_the_picture_while_it_is_spoken(
    story: DemoStory, film: DemoFilm, opened: "av.container.InputContainer"
) -> None:
    cues = vtt.parse_captions(film.vtt)
    places = [(number, text) for number, chapter in enumerate(story.chapters) for text in chapter.sentences]
    shown = [frame.to_ndarray(format="rgb24") for frame in opened.decode(video=0)]
    for cue, (chapter, text) in zip(cues, places, strict=True):
        drawn = np.asarray(
            draw_sentence_card(story, text, chapter=chapter, progress=cue.end_ms / cues[-1].end_ms)
        )
        for moment in (cue.start_ms + 1, cue.end_ms):
            picture = shown[moment * FRAMES_PER_SECOND // 1000]
            assert np.abs(picture.astype(int) - drawn).mean() < 3


def test_the_chapters_cover_the_film_and_begin_with_their_first_word(
    story: DemoStory, film: DemoFilm
) -> None:
    cues = {" ".join(cue.text.split()): cue.start_ms for cue in vtt.parse_captions(film.vtt)}
    first, *others = film.chapters
    assert [chapter.kind for chapter in film.chapters] == [chapter.kind for chapter in story.chapters]
    assert first.start_ms == 0
    for chapter, script in zip(others, story.chapters[1:], strict=True):
        assert chapter.start_ms == cues[script.sentences[0]]
        assert chapter.title == script.kind.label


def test_an_upright_story_makes_an_upright_film(story: DemoStory, tmp_path: Path) -> None:
    upright = dataclasses.replace(story, portrait=True, chapters=story.chapters[:1])
    with av.open(str(make_demo_film(upright, tmp_path, ffmpeg=ffmpeg_path()).path)) as container:
        assert (container.streams.video[0].width, container.streams.video[0].height) == (720, 1280)


def test_a_film_can_be_smaller_in_even_sides(story: DemoStory, tmp_path: Path) -> None:
    short = dataclasses.replace(story, chapters=story.chapters[:1])
    with av.open(
        str(make_demo_film(short, tmp_path, ffmpeg=ffmpeg_path(), short_side=480).path)
    ) as container:
        assert (container.streams.video[0].width, container.streams.video[0].height) == (854, 480)


def test_nothing_but_the_film_is_left_in_the_folder(film: DemoFilm) -> None:
    assert list(film.path.parent.iterdir()) == [film.path]


def test_a_program_that_fails_is_told_by_name(story: DemoStory, tmp_path: Path) -> None:
    false = shutil.which("false")
    assert false is not None
    with pytest.raises(DemoFilmFailed, match=r"the-conversation-marta\.mp4"):
        make_demo_film(dataclasses.replace(story, chapters=story.chapters[:1]), tmp_path, ffmpeg=Path(false))
    assert list(tmp_path.iterdir()) == []
