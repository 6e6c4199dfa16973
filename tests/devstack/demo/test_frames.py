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
)  # WCAG 2.2 AAA: normal and large text
SENTENCES = [text for story in STORIES for chapter in story.chapters for text in chapter.sentences]
SCENE_TOP = {False: 320, True: 730}
both_shapes = pytest.mark.parametrize("portrait", [False, True])


@pytest.fixture
def story() -> DemoStory:
    return next(story for story in STORIES if not story.portrait)


def luminance(colour: Colour) -> float:
    channels = [channel / 255 for channel in colour]
    linear = [
        channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4 for channel in channels
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: Colour, second: Colour) -> float:
    lighter, darker = sorted((luminance(first), luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def non_background_box(picture: Image.Image, paper: Colour) -> tuple[int, int, int, int] | None:
    return ImageChops.difference(picture, Image.new("RGB", picture.size, paper)).getbbox()


@pytest.mark.parametrize("palette", Palette)
def test_text_contrast_meets_wcag_in_every_palette(palette: Palette) -> None:
    colours = PALETTES[palette]
    assert contrast(colours.ink, colours.paper) >= ENHANCED_CONTRAST
    assert contrast(colours.quiet, colours.paper) >= LARGE_TEXT_CONTRAST


def test_frames_are_landscape_or_portrait(story: DemoStory) -> None:
    portrait_story = dataclasses.replace(story, portrait=True)
    assert draw_sentence_card(story, "One.", chapter=0, progress=0.1).size == (1280, 720)
    assert draw_sentence_card(portrait_story, "One.", chapter=0, progress=0.1).size == (720, 1280)


@both_shapes
def test_the_longest_sentences_stay_above_the_scene_and_inside_the_margins(
    story: DemoStory, *, portrait: bool
) -> None:
    oriented_story = dataclasses.replace(story, portrait=portrait)
    empty = draw_sentence_card(oriented_story, "", chapter=0, progress=0.1)
    for sentence in sorted(SENTENCES, key=len)[-12:]:
        picture = draw_sentence_card(oriented_story, sentence, chapter=0, progress=0.1)
        text_box = ImageChops.difference(picture, empty).getbbox()
        assert text_box is not None
        assert text_box[0] >= 50
        assert text_box[2] <= picture.width - 50
        assert text_box[3] <= SCENE_TOP[portrait]


@both_shapes
def test_the_title_card_names_the_teller_and_stays_above_the_scene(*, portrait: bool) -> None:
    story = dataclasses.replace(max(STORIES, key=lambda story: len(story.title)), portrait=portrait)
    picture = draw_title_card(story)
    text_box = ImageChops.difference(picture, draw_title_card(dataclasses.replace(story, title=""))).getbbox()
    assert text_box is not None
    assert text_box[3] <= SCENE_TOP[portrait]
    renamed = draw_title_card(dataclasses.replace(story, name="Wilhelmina"))
    assert ImageChops.difference(picture, renamed).getbbox() is not None


def test_every_frame_has_the_demonstration_notice_in_its_footer(story: DemoStory) -> None:
    paper = PALETTES[story.palette].paper
    for picture in (draw_title_card(story), draw_sentence_card(story, "One.", chapter=2, progress=0.4)):
        footer_box = non_background_box(picture.crop((0, 676, 1280, 720)), paper)
        assert footer_box is not None
        assert footer_box[2] - footer_box[0] > 350


def test_the_progress_bar_grows_with_the_story(story: DemoStory) -> None:
    ink = PALETTES[story.palette].quiet

    def reached(progress: float) -> int:
        line = draw_sentence_card(story, "One.", chapter=0, progress=progress).crop((0, 669, 1280, 670))
        return sum(count for count, colour in line.getcolors() or [] if colour == ink)

    assert reached(0.25) < reached(0.5) < reached(1.0)
    assert reached(0.5) == pytest.approx(reached(1.0) / 2, abs=2)


def test_every_chapter_has_its_own_heading(story: DemoStory) -> None:
    box = (0, 40, 1280, 110)
    first = draw_sentence_card(story, "One.", chapter=0, progress=0.1).crop(box)
    second = draw_sentence_card(story, "One.", chapter=1, progress=0.1).crop(box)
    assert ImageChops.difference(first, second).getbbox() is not None
