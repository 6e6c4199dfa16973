import dataclasses

import pytest
from PIL import Image, ImageChops

from devstack.demo.frames import PALETTES, draw_sentence_card, draw_title_card
from devstack.demo.scenes import Colour
from devstack.demo.script import DemoStory, Palette, load_all_scripts

STORIES = tuple(load_all_scripts())
ENHANCED_CONTRAST, LARGE_TEXT_CONTRAST = (
    7.0,
    4.5,
)  # contrasts of WCAG 2.2: enhanced for words, enhanced for large words
SENTENCES = [text for story in STORIES for chapter in story.chapters for text in chapter.sentences]
SCENE_TOP = {False: 320, True: 730}
both_shapes = pytest.mark.parametrize("portrait", [False, True])


@pytest.fixture
def story() -> DemoStory:
    return next(story for story in STORIES if not story.portrait)


def luminance(colour: Colour) -> float:
    parts = [part / 255 for part in colour]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: Colour, other: Colour) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def non_background_box(picture: Image.Image, paper: Colour) -> tuple[int, int, int, int] | None:
    """Says which part of a picture is not paper."""
    return ImageChops.difference(picture, Image.new("RGB", picture.size, paper)).getbbox()


@pytest.mark.parametrize("palette", Palette)
def test_words_can_be_read_on_every_paper(palette: Palette) -> None:
    colours = PALETTES[palette]
    assert contrast(colours.ink, colours.paper) >= ENHANCED_CONTRAST
    assert contrast(colours.quiet, colours.paper) >= LARGE_TEXT_CONTRAST


def test_a_film_is_wide_or_upright(story: DemoStory) -> None:
    upright = dataclasses.replace(story, portrait=True)
    assert draw_sentence_card(story, "One.", chapter=0, progress=0.1).size == (1280, 720)
    assert draw_sentence_card(upright, "One.", chapter=0, progress=0.1).size == (720, 1280)


@both_shapes
def test_the_longest_sentences_keep_clear_of_the_scene_and_of_the_edges(
    story: DemoStory, *, portrait: bool
) -> None:
    shaped = dataclasses.replace(story, portrait=portrait)
    empty = draw_sentence_card(shaped, "", chapter=0, progress=0.1)
    for sentence in sorted(SENTENCES, key=len)[-12:]:
        picture = draw_sentence_card(shaped, sentence, chapter=0, progress=0.1)
        words = ImageChops.difference(picture, empty).getbbox()
        assert words is not None
        assert words[0] >= 50
        assert words[2] <= picture.width - 50
        assert words[3] <= SCENE_TOP[portrait]


@both_shapes
def test_the_opening_names_the_teller_and_keeps_clear_of_the_scene(*, portrait: bool) -> None:
    story = dataclasses.replace(max(STORIES, key=lambda story: len(story.title)), portrait=portrait)
    picture = draw_title_card(story)
    words = ImageChops.difference(picture, draw_title_card(dataclasses.replace(story, title=""))).getbbox()
    assert words is not None
    assert words[3] <= SCENE_TOP[portrait]
    renamed = draw_title_card(dataclasses.replace(story, name="Wilhelmina"))
    assert ImageChops.difference(picture, renamed).getbbox() is not None


def test_every_picture_says_at_its_foot_that_it_is_a_demonstration(story: DemoStory) -> None:
    paper = PALETTES[story.palette].paper
    for picture in (draw_title_card(story), draw_sentence_card(story, "One.", chapter=2, progress=0.4)):
        foot = non_background_box(picture.crop((0, 676, 1280, 720)), paper)
        assert foot is not None
        assert foot[2] - foot[0] > 350


def test_the_line_at_the_foot_grows_with_the_story(story: DemoStory) -> None:
    ink = PALETTES[story.palette].quiet

    def reached(progress: float) -> int:
        line = draw_sentence_card(story, "One.", chapter=0, progress=progress).crop((0, 669, 1280, 670))
        return sum(count for count, colour in line.getcolors() or [] if colour == ink)

    assert reached(0.25) < reached(0.5) < reached(1.0)
    assert reached(0.5) == pytest.approx(reached(1.0) / 2, abs=2)


def test_a_chapter_has_its_own_heading(story: DemoStory) -> None:
    box = (0, 40, 1280, 110)
    first = draw_sentence_card(story, "One.", chapter=0, progress=0.1).crop(box)
    second = draw_sentence_card(story, "One.", chapter=1, progress=0.1).crop(box)
    assert ImageChops.difference(first, second).getbbox() is not None
