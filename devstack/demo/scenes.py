"""Draws the scene below the text: a boat, a path or a plant that progresses with the story.

Coordinates are in units: the image is 280 units high and its width follows from the aspect ratio, so that landscape and
portrait films share the drawing code.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw

from devstack.demo.script import Scene

Colour = tuple[int, int, int]
Point = tuple[float, float]

HEIGHT = 280
_OVERSAMPLING = 2  # Pillow does not anti-alias: draw larger, then downscale
_BLOOM_AT_PROGRESS = 0.9


@dataclass(frozen=True)
class Colours:
    paper: Colour
    far: Colour
    near: Colour
    accent: Colour
    ink: Colour
    quiet: Colour


@dataclass(frozen=True)
class SceneState:
    """Both values range from 0 to 1; `roughness` is how hard this part of the story is."""

    progress: float
    roughness: float


class _SceneCanvas:
    """Canvas in units; `width` is the image width in units."""

    def __init__(self, size: tuple[int, int], colours: Colours) -> None:
        self.colours = colours
        self.width = size[0] * HEIGHT / size[1]
        self._size = size
        self._unit = size[1] * _OVERSAMPLING / HEIGHT
        large = (size[0] * _OVERSAMPLING, size[1] * _OVERSAMPLING)
        self._image = Image.new("RGB", large, colours.paper)
        self._draw = ImageDraw.Draw(self._image)

    def polygon(self, points: Sequence[Point], colour: Colour) -> None:
        self._draw.polygon([self._to_pixels(point) for point in points], fill=colour)

    def fill_below(self, crest: Callable[[float], float], colour: Colour) -> None:
        """Fill the area below the curve y = crest(x)."""
        steps = range(0, math.ceil(self.width) + 8, 8)
        points = [(float(x), crest(x)) for x in steps]
        self.polygon([*points, (points[-1][0], HEIGHT), (0, HEIGHT)], colour)

    def line(self, points: Sequence[Point], colour: Colour, *, width: float) -> None:
        scaled = [self._to_pixels(point) for point in points]
        self._draw.line(scaled, fill=colour, width=max(1, round(width * self._unit)), joint="curve")
        for end in (points[0], points[-1]):
            self.disc(end, width / 2, colour)

    def disc(self, centre: Point, radius: float, colour: Colour) -> None:
        x, y = self._to_pixels(centre)
        radius_px = radius * self._unit
        self._draw.ellipse((x - radius_px, y - radius_px, x + radius_px, y + radius_px), fill=colour)

    def to_image(self) -> Image.Image:
        return self._image.resize(self._size, Image.Resampling.BOX)

    def _to_pixels(self, point: Point) -> Point:
        return point[0] * self._unit, point[1] * self._unit


def draw_scene(scene: Scene, size: tuple[int, int], *, colours: Colours, state: SceneState) -> Image.Image:
    """Higher roughness means higher waves, a stooping walker and a bowed plant."""
    canvas = _SceneCanvas(size, colours)
    _SCENE_PAINTERS[scene](canvas, state)
    return canvas.to_image()


def _draw_boat(canvas: _SceneCanvas, state: SceneState) -> None:
    colours = canvas.colours
    height = 3 + 11 * state.roughness
    x = canvas.width * (0.16 + 0.62 * state.progress)

    def far_water(at: float) -> float:
        return 170 + height * math.sin((at / 330 + state.progress / 2) * math.tau)

    def near_water(at: float) -> float:
        return 216 + height * math.sin((at / 410 + 0.6) * math.tau)

    slope = math.atan2(near_water(x + 60) - near_water(x - 60), 120)
    waterline = near_water(x) - 2

    def turned(dx: float, dy: float) -> Point:
        cosine, sine = math.cos(slope), math.sin(slope)
        return x + dx * cosine - dy * sine, waterline + dx * sine + dy * cosine

    canvas.disc((canvas.width * 0.84, 150 - 84 * state.progress), 40, colours.accent)
    canvas.fill_below(far_water, colours.far)
    canvas.line([turned(0, -12), turned(0, -116)], colours.ink, width=4)
    canvas.polygon([turned(6, -114), turned(6, -30), turned(66, -30)], colours.near)
    canvas.polygon([turned(-6, -98), turned(-6, -30), turned(-44, -30)], colours.accent)
    canvas.polygon([turned(-66, -20), turned(72, -20), turned(48, 18), turned(-46, 18)], colours.ink)
    canvas.fill_below(near_water, colours.near)


def _draw_path(canvas: _SceneCanvas, state: SceneState) -> None:
    colours, width = canvas.colours, canvas.width

    def hill(at: float) -> float:
        return 168 - 60 * math.sin(at / width * 4.2 + 0.3)

    def ground(at: float) -> float:
        return 240 - 74 * math.pow(at / width, 1.5) - 7 * math.sin(at / 110)

    canvas.disc((width * 0.24, 110 - 54 * state.progress), 36, colours.accent)
    canvas.fill_below(hill, colours.far)
    canvas.fill_below(ground, colours.near)
    start, end = width * 0.07, width * 0.9
    walker_x = start + (end - start - 60) * state.progress
    path_xs = [start + step * (end - start) / 80 for step in range(81)]
    canvas.line([(at, ground(at) + 12) for at in path_xs], colours.far, width=5)
    walked_xs = [at for at in path_xs if at <= walker_x] or [start]
    canvas.line([(at, ground(at) + 12) for at in walked_xs], colours.paper, width=5)
    _draw_house(canvas, (end, ground(end) + 10))
    _draw_walker(canvas, (walker_x, ground(walker_x) + 6), bent=state.roughness)


def _draw_house(canvas: _SceneCanvas, at: Point) -> None:
    x, y = at
    colours = canvas.colours
    canvas.polygon([(x - 26, y), (x - 26, y - 46), (x + 26, y - 46), (x + 26, y)], colours.ink)
    canvas.polygon([(x - 36, y - 44), (x, y - 76), (x + 36, y - 44)], colours.ink)
    canvas.polygon([(x - 8, y - 16), (x - 8, y - 34), (x + 8, y - 34), (x + 8, y - 16)], colours.accent)


def _draw_walker(canvas: _SceneCanvas, at: Point, *, bent: float) -> None:
    x, y = at
    ink, lean = canvas.colours.ink, 9 * bent
    canvas.line([(x - 9, y), (x, y - 28), (x + 10, y)], ink, width=7)
    canvas.line([(x, y - 30), (x + lean, y - 60)], ink, width=15)
    canvas.disc((x + 1.5 * lean, y - 82 + 0.5 * lean), 12, ink)


def _draw_plant(canvas: _SceneCanvas, state: SceneState) -> None:
    colours, middle = canvas.colours, canvas.width / 2
    height, bend = 40 + 108 * state.progress, 46 * state.roughness

    def stem(part: float) -> Point:
        return middle + bend * part * part, 186 - height * part * (1 - 0.15 * state.roughness)

    canvas.fill_below(lambda _at: 236, colours.near)
    canvas.disc((canvas.width * 0.82, 130 - 66 * state.progress), 38, colours.accent)
    canvas.line([stem(step / 20) for step in range(21)], colours.ink, width=6)
    leaves = 2 + round(6 * state.progress)
    for number in range(leaves):
        part = 0.35 + 0.62 * number / (leaves - 1)
        _draw_leaf(canvas, stem(part), side=1 if number % 2 else -1, length=62 - 26 * part)
    if state.progress > _BLOOM_AT_PROGRESS:
        canvas.disc(stem(1.06), 17, colours.accent)
    canvas.polygon(
        [(middle - 54, 190), (middle + 54, 190), (middle + 40, 262), (middle - 40, 262)], colours.ink
    )
    canvas.polygon(
        [(middle - 64, 180), (middle + 64, 180), (middle + 64, 202), (middle - 64, 202)], colours.ink
    )


def _draw_leaf(canvas: _SceneCanvas, root: Point, *, side: int, length: float) -> None:
    along = [step / 12 for step in range(13)]
    upper = [(part, -0.45 * part - 0.24 * math.sin(part * math.pi)) for part in along]
    lower = [(part, -0.45 * part + 0.24 * math.sin(part * math.pi)) for part in reversed(along)]
    outline = [(root[0] + side * length * dx, root[1] + length * dy) for dx, dy in (*upper, *lower)]
    canvas.polygon(outline, canvas.colours.near)


_SCENE_PAINTERS: dict[Scene, Callable[[_SceneCanvas, SceneState], None]] = {
    Scene.BOAT: _draw_boat,
    Scene.PATH: _draw_path,
    Scene.PLANT: _draw_plant,
}
