"""Draws the still frames of a demonstration film: text, a small scene and a progress bar.

Uses Pillow's built-in font, so that all machines draw the same frames.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from types import MappingProxyType

from PIL import Image, ImageDraw, ImageFont

from devstack.demo.scenes import Colour, Colours, SceneState, draw_scene
from devstack.demo.script import DemoStory, Palette, Scene
from stories.models import ChapterKind

DEMO_NOTICE = "Demonstration story, synthesised voice"
LINE_SPACING = 1.28  # multiple of the font size
MIN_FONT_SIZE = 34

_ROUGHNESS_BY_CHAPTER: Mapping[ChapterKind, float] = MappingProxyType(
    {ChapterKind.DOUBT: 0.6, ChapterKind.SETBACK: 1.0}
)
_DEFAULT_ROUGHNESS = 0.1

PALETTES: Mapping[Palette, Colours] = MappingProxyType({
    Palette.DAWN: Colours(
        paper=(250, 242, 232), far=(236, 205, 180), near=(205, 152, 130),
        accent=(226, 128, 88), ink=(58, 42, 46), quiet=(98, 76, 74),
    ),
    Palette.MOSS: Colours(
        paper=(241, 245, 234), far=(189, 208, 170), near=(126, 158, 116),
        accent=(214, 166, 74), ink=(34, 50, 38), quiet=(70, 86, 68),
    ),
    Palette.SEA: Colours(
        paper=(234, 243, 246), far=(170, 205, 216), near=(98, 150, 172),
        accent=(240, 182, 98), ink=(24, 46, 62), quiet=(62, 86, 100),
    ),
    Palette.CLAY: Colours(
        paper=(247, 239, 233), far=(222, 190, 168), near=(176, 122, 100),
        accent=(92, 132, 130), ink=(60, 36, 30), quiet=(100, 74, 66),
    ),
    Palette.DUSK: Colours(
        paper=(240, 237, 246), far=(196, 188, 220), near=(134, 122, 172),
        accent=(236, 158, 130), ink=(40, 34, 66), quiet=(82, 74, 106),
    ),
    Palette.SLATE: Colours(
        paper=(238, 241, 243), far=(190, 201, 209), near=(128, 145, 158),
        accent=(208, 160, 84), ink=(34, 42, 50), quiet=(74, 84, 94),
    ),
})  # fmt: skip


@dataclass(frozen=True)
class _Layout:
    """Positions for one orientation, in pixels."""

    size: tuple[int, int]
    margin: int
    heading_top: int
    text_top: int
    scene_top: int
    scene_bottom: int

    @property
    def inner_width(self) -> int:
        return self.size[0] - 2 * self.margin


_WIDE = _Layout((1280, 720), margin=96, heading_top=60, text_top=122, scene_top=320, scene_bottom=656)
_TALL = _Layout((720, 1280), margin=60, heading_top=96, text_top=172, scene_top=730, scene_bottom=1206)


def draw_title_card(story: DemoStory) -> Image.Image:
    layout, colours = _layout(story), PALETTES[story.palette]
    picture = _draw_background(story, ChapterKind.START, progress=0)
    draw = ImageDraw.Draw(picture)
    bottom = _draw_text(draw, story.title, layout=layout, top=layout.heading_top, colour=colours.ink)
    line = f"{story.name} and this story are fictional. The voice is synthesised."
    _draw_text(draw, line, layout=layout, top=bottom + 14, colour=colours.quiet, max_font_size=30)
    _draw_footer(draw, layout, colours, progress=0)
    return picture


def draw_sentence_card(story: DemoStory, sentence: str, *, chapter: int, progress: float) -> Image.Image:
    """One sentence in the largest font that fits, below the chapter's name. `chapter` is zero-based."""
    layout, colours = _layout(story), PALETTES[story.palette]
    kind = story.chapters[chapter].kind
    picture = _draw_background(story, kind, progress=chapter / max(len(story.chapters) - 1, 1))
    draw = ImageDraw.Draw(picture)
    heading = layout.margin, layout.heading_top
    draw.text(heading, str(kind.label), font=_font(30), fill=colours.quiet)
    _draw_text(draw, sentence, layout=layout, top=layout.text_top, colour=colours.ink)
    _draw_footer(draw, layout, colours, progress=progress)
    return picture


def frame_size(story: DemoStory) -> tuple[int, int]:
    return _layout(story).size


def _layout(story: DemoStory) -> _Layout:
    return _TALL if story.portrait else _WIDE


def _draw_background(story: DemoStory, kind: ChapterKind, *, progress: float) -> Image.Image:
    layout, colours = _layout(story), PALETTES[story.palette]
    picture = Image.new("RGB", layout.size, colours.paper)
    size = layout.size[0], layout.scene_bottom - layout.scene_top
    state = SceneState(progress=progress, roughness=_ROUGHNESS_BY_CHAPTER.get(kind, _DEFAULT_ROUGHNESS))
    picture.paste(_cached_scene(story.scene, size, colours, state), (0, layout.scene_top))
    return picture


@lru_cache(maxsize=2)
def _cached_scene(scene: Scene, size: tuple[int, int], colours: Colours, state: SceneState) -> Image.Image:
    """Cached because the sentences of a chapter share a scene."""
    return draw_scene(scene, size, colours=colours, state=state)


def _draw_text(
    draw: ImageDraw.ImageDraw,
    text: str,
    *,
    layout: _Layout,
    top: int,
    colour: Colour,
    max_font_size: int = 60,
) -> int:
    """Use the largest font that fits above the scene; returns the y position below the last line."""
    available_height = layout.scene_top - top
    for size in range(max_font_size, min(MIN_FONT_SIZE, max_font_size) - 1, -2):
        lines = _wrap_text(text, font=_font(size), width=layout.inner_width)
        if len(lines) * size * LINE_SPACING <= available_height:
            break
    for index, line in enumerate(lines):
        position = layout.margin, top + index * size * LINE_SPACING
        draw.text(position, line, font=_font(size), fill=colour)
    return round(top + len(lines) * size * LINE_SPACING)


def _wrap_text(text: str, *, font: ImageFont.FreeTypeFont, width: int) -> list[str]:
    lines: list[str] = []
    for word in text.split():
        extended = f"{lines[-1]} {word}" if lines else word
        if lines and font.getlength(extended) <= width:
            lines[-1] = extended
        else:
            lines.append(word)
    return lines


def _draw_footer(draw: ImageDraw.ImageDraw, layout: _Layout, colours: Colours, *, progress: float) -> None:
    left, right = layout.margin, layout.size[0] - layout.margin
    line = layout.scene_bottom + 12
    draw.rectangle((left, line, right, line + 3), fill=colours.far)
    if progress > 0:
        draw.rectangle((left, line, left + (right - left) * progress, line + 3), fill=colours.quiet)
    draw.text((left, line + 13), DEMO_NOTICE, font=_font(22), fill=colours.quiet)


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(size=size)
    if not isinstance(font, ImageFont.FreeTypeFont):
        raise TypeError("Pillow was built without FreeType, so it has no scalable font")
    return font
