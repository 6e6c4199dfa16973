"""The small pictures under the words: a boat, a path or a plant that moves on with the story.

All are drawn in units of which the picture is 280 high and as wide as it happens to be, so that
wide and tall films share one drawing. Nothing flashes and nothing moves by itself.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw

from devstack.demo.script import Scene

Colour = tuple[int, int, int]
Point = tuple[float, float]

HEIGHT = 280
_OVERSAMPLING = 2  # Pillow draws hard edges; drawing larger and shrinking softens them
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
    """How far the story is, 0 to 1, and how rough this part of it is, 0 to 1."""

    progress: float
    roughness: float


class _SceneCanvas:
    """Draws in units; `width` is how many of them the picture is wide."""

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
        """Fills everything below a line given as height over place."""
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
        reach = radius * self._unit
        self._draw.ellipse((x - reach, y - reach, x + reach, y + reach), fill=colour)

    def to_image(self) -> Image.Image:
        return self._image.resize(self._size, Image.Resampling.BOX)

    def _to_pixels(self, point: Point) -> Point:
        return point[0] * self._unit, point[1] * self._unit


def draw_scene(scene: Scene, size: tuple[int, int], *, colours: Colours, state: SceneState) -> Image.Image:
    """Draws one moment: waves are higher, the walker bent and the plant bowed where the story is rough."""
    pencil = _SceneCanvas(size, colours)
    _SCENE_PAINTERS[scene](pencil, state)
    return pencil.to_image()


def _draw_boat(pencil: _SceneCanvas, moment: SceneState) -> None:
    colours = pencil.colours
    height = 3 + 11 * moment.roughness
    x = pencil.width * (0.16 + 0.62 * moment.progress)

    def far_water(at: float) -> float:
        return 170 + height * math.sin((at / 330 + moment.progress / 2) * math.tau)

    def near_water(at: float) -> float:
        return 216 + height * math.sin((at / 410 + 0.6) * math.tau)

    slope = math.atan2(near_water(x + 60) - near_water(x - 60), 120)
    afloat = near_water(x) - 2

    def turned(dx: float, dy: float) -> Point:
        cosine, sine = math.cos(slope), math.sin(slope)
        return x + dx * cosine - dy * sine, afloat + dx * sine + dy * cosine

    pencil.disc((pencil.width * 0.84, 150 - 84 * moment.progress), 40, colours.accent)
    pencil.fill_below(far_water, colours.far)
    pencil.line([turned(0, -12), turned(0, -116)], colours.ink, width=4)
    pencil.polygon([turned(6, -114), turned(6, -30), turned(66, -30)], colours.near)
    pencil.polygon([turned(-6, -98), turned(-6, -30), turned(-44, -30)], colours.accent)
    pencil.polygon([turned(-66, -20), turned(72, -20), turned(48, 18), turned(-46, 18)], colours.ink)
    pencil.fill_below(near_water, colours.near)


def _draw_path(pencil: _SceneCanvas, moment: SceneState) -> None:
    colours, width = pencil.colours, pencil.width

    def hill(at: float) -> float:
        return 168 - 60 * math.sin(at / width * 4.2 + 0.3)

    def ground(at: float) -> float:
        return 240 - 74 * math.pow(at / width, 1.5) - 7 * math.sin(at / 110)

    pencil.disc((width * 0.24, 110 - 54 * moment.progress), 36, colours.accent)
    pencil.fill_below(hill, colours.far)
    pencil.fill_below(ground, colours.near)
    start, end = width * 0.07, width * 0.9
    walked = start + (end - start - 60) * moment.progress
    way = [start + step * (end - start) / 80 for step in range(81)]
    pencil.line([(at, ground(at) + 12) for at in way], colours.far, width=5)
    done = [at for at in way if at <= walked] or [start]
    pencil.line([(at, ground(at) + 12) for at in done], colours.paper, width=5)
    _draw_house(pencil, (end, ground(end) + 10))
    _draw_walker(pencil, (walked, ground(walked) + 6), bent=moment.roughness)


def _draw_house(pencil: _SceneCanvas, at: Point) -> None:
    x, y = at
    colours = pencil.colours
    pencil.polygon([(x - 26, y), (x - 26, y - 46), (x + 26, y - 46), (x + 26, y)], colours.ink)
    pencil.polygon([(x - 36, y - 44), (x, y - 76), (x + 36, y - 44)], colours.ink)
    pencil.polygon([(x - 8, y - 16), (x - 8, y - 34), (x + 8, y - 34), (x + 8, y - 16)], colours.accent)


def _draw_walker(pencil: _SceneCanvas, at: Point, *, bent: float) -> None:
    x, y = at
    ink, lean = pencil.colours.ink, 9 * bent
    pencil.line([(x - 9, y), (x, y - 28), (x + 10, y)], ink, width=7)
    pencil.line([(x, y - 30), (x + lean, y - 60)], ink, width=15)
    pencil.disc((x + 1.5 * lean, y - 82 + 0.5 * lean), 12, ink)


def _draw_plant(pencil: _SceneCanvas, moment: SceneState) -> None:
    colours, middle = pencil.colours, pencil.width / 2
    tall, bend = 40 + 108 * moment.progress, 46 * moment.roughness

    def stem(part: float) -> Point:
        return middle + bend * part * part, 186 - tall * part * (1 - 0.15 * moment.roughness)

    pencil.fill_below(lambda _at: 236, colours.near)
    pencil.disc((pencil.width * 0.82, 130 - 66 * moment.progress), 38, colours.accent)
    pencil.line([stem(step / 20) for step in range(21)], colours.ink, width=6)
    leaves = 2 + round(6 * moment.progress)
    for number in range(leaves):
        part = 0.35 + 0.62 * number / (leaves - 1)
        _draw_leaf(pencil, stem(part), side=1 if number % 2 else -1, length=62 - 26 * part)
    if moment.progress > _BLOOM_AT_PROGRESS:
        pencil.disc(stem(1.06), 17, colours.accent)
    pencil.polygon(
        [(middle - 54, 190), (middle + 54, 190), (middle + 40, 262), (middle - 40, 262)], colours.ink
    )
    pencil.polygon(
        [(middle - 64, 180), (middle + 64, 180), (middle + 64, 202), (middle - 64, 202)], colours.ink
    )


def _draw_leaf(pencil: _SceneCanvas, root: Point, *, side: int, length: float) -> None:
    """A pointed oval between two arcs, rising from its stem."""
    along = [step / 12 for step in range(13)]
    upper = [(part, -0.45 * part - 0.24 * math.sin(part * math.pi)) for part in along]
    lower = [(part, -0.45 * part + 0.24 * math.sin(part * math.pi)) for part in reversed(along)]
    outline = [(root[0] + side * length * dx, root[1] + length * dy) for dx, dy in (*upper, *lower)]
    pencil.polygon(outline, pencil.colours.near)


_SCENE_PAINTERS: dict[Scene, Callable[[_SceneCanvas, SceneState], None]] = {
    Scene.BOAT: _draw_boat,
    Scene.PATH: _draw_path,
    Scene.PLANT: _draw_plant,
}
