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
    """The first three chapters of a shipped story, to keep the film short."""
    full_story = next(story for story in load_all_scripts() if story.handle == "marta")
    return dataclasses.replace(full_story, chapters=full_story.chapters[:3])


@pytest.fixture(scope="module")
def film(story: DemoStory, tmp_path_factory: pytest.TempPathFactory) -> DemoFilm:
    return make_demo_film(story, tmp_path_factory.mktemp("films"), ffmpeg=ffmpeg_path())


@pytest.fixture
def container(film: DemoFilm) -> Iterator["av.container.InputContainer"]:
    with av.open(str(film.path)) as container:
        yield container


def test_a_film_is_h264_and_aac_with_a_constant_frame_rate(container: "av.container.InputContainer") -> None:
    (picture,) = container.streams.video
    (sound,) = container.streams.audio
    assert (picture.codec_context.name, sound.codec_context.name) == ("h264", "aac")
    assert (picture.width, picture.height, picture.codec_context.pix_fmt) == (1280, 720, "yuv420p")
    assert picture.average_rate == FRAMES_PER_SECOND


def test_video_and_audio_last_as_long_as_the_speech(
    film: DemoFilm, container: "av.container.InputContainer"
) -> None:
    frames = sum(1 for _ in container.decode(video=0))
    assert frames / FRAMES_PER_SECOND == pytest.approx(film.duration_ms / 1000, abs=1 / FRAMES_PER_SECOND)
    container.seek(0)
    samples = sum(frame.samples for frame in container.decode(audio=0))
    assert samples / 48_000 == pytest.approx(film.duration_ms / 1000, abs=0.05)


def test_the_metadata_marks_the_film_as_a_demonstration(
    story: DemoStory, container: "av.container.InputContainer"
) -> None:
    assert container.metadata["comment"] == "Demonstration story, synthesised voice"
    assert container.metadata["title"] == story.title


def test_the_captions_contain_the_whole_script_in_order(story: DemoStory, film: DemoFilm) -> None:
    cues = vtt.parse_captions(film.vtt)
    spoken_text = " ".join(" ".join(cue.text.split()) for cue in cues)
    assert spoken_text == " ".join(chapter.text for chapter in story.chapters)


def test_captions_have_at_most_two_short_lines(film: DemoFilm) -> None:
    for cue in vtt.parse_captions(film.vtt):
        lines = cue.text.split("\n")
        assert len(lines) <= 2
        assert max(map(len, lines)) <= 44


def test_captions_are_shown_exactly_during_speech(
    film: DemoFilm, container: "av.container.InputContainer"
) -> None:
    sound = np.concatenate([frame.to_ndarray()[0] for frame in container.decode(audio=0)])

    def loudness(start_ms: int, end_ms: int) -> float:
        return float(np.abs(sound[start_ms * 48 : end_ms * 48]).max())

    cues = vtt.parse_captions(film.vtt)
    silent_from = 0
    for cue in cues:
        assert loudness(cue.start_ms, cue.end_ms) > 0.1
        assert loudness(cue.start_ms, cue.start_ms + 60) > 0.002
        # AAC spreads sound over a block of 21 ms, so silence is measured with a margin.
        assert loudness(silent_from + 45, cue.start_ms - 45) < 0.002
        silent_from = cue.end_ms


def test_every_sentence_is_visible_while_it_is_spoken(
    story: DemoStory, film: DemoFilm, container: "av.container.InputContainer"
) -> None:
    cues = vtt.parse_captions(film.vtt)
    sentences = [(index, text) for index, chapter in enumerate(story.chapters) for text in chapter.sentences]
    frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    for cue, (chapter, text) in zip(cues, sentences, strict=True):
        drawn = np.asarray(
            draw_sentence_card(story, text, chapter=chapter, progress=cue.end_ms / cues[-1].end_ms)
        )
        for time_ms in (cue.start_ms + 1, cue.end_ms):
            picture = frames[time_ms * FRAMES_PER_SECOND // 1000]
            assert np.abs(picture.astype(int) - drawn).mean() < 3


def test_chapters_cover_the_film_and_start_with_their_first_word(story: DemoStory, film: DemoFilm) -> None:
    cues = {" ".join(cue.text.split()): cue.start_ms for cue in vtt.parse_captions(film.vtt)}
    first_chapter, *other_chapters = film.chapters
    assert [chapter.kind for chapter in film.chapters] == [chapter.kind for chapter in story.chapters]
    assert first_chapter.start_ms == 0
    for chapter, script in zip(other_chapters, story.chapters[1:], strict=True):
        assert chapter.start_ms == cues[script.sentences[0]]
        assert chapter.title == str(script.kind.label)


def test_a_portrait_story_makes_a_portrait_film(story: DemoStory, tmp_path: Path) -> None:
    portrait_story = dataclasses.replace(story, portrait=True, chapters=story.chapters[:1])
    with av.open(str(make_demo_film(portrait_story, tmp_path, ffmpeg=ffmpeg_path()).path)) as container:
        assert (container.streams.video[0].width, container.streams.video[0].height) == (720, 1280)


def test_a_smaller_film_has_even_dimensions(story: DemoStory, tmp_path: Path) -> None:
    short_story = dataclasses.replace(story, chapters=story.chapters[:1])
    with av.open(
        str(make_demo_film(short_story, tmp_path, ffmpeg=ffmpeg_path(), short_side=480).path)
    ) as container:
        assert (container.streams.video[0].width, container.streams.video[0].height) == (854, 480)


def test_temporary_files_are_removed(film: DemoFilm) -> None:
    assert list(film.path.parent.iterdir()) == [film.path]


def test_a_failing_ffmpeg_raises_with_the_film_name(story: DemoStory, tmp_path: Path) -> None:
    false_command = shutil.which("false")
    assert false_command is not None
    with pytest.raises(DemoFilmFailed, match=r"the-conversation-marta\.mp4"):
        make_demo_film(
            dataclasses.replace(story, chapters=story.chapters[:1]), tmp_path, ffmpeg=Path(false_command)
        )
    assert list(tmp_path.iterdir()) == []
