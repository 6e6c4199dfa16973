import itertools

import pytest
from PIL import Image, ImageChops

from devstack.demo.frames import PALETTES
from devstack.demo.scenes import SceneState, draw_scene
from devstack.demo.script import Palette, Scene

COLOURS = PALETTES[Palette.SEA]
WIDE, TALL = (640, 168), (360, 238)
each_scene = pytest.mark.parametrize("scene", Scene)


def draw_test_scene(
    scene: Scene, *, progress: float = 0.5, roughness: float = 0.0, size: tuple[int, int] = WIDE
) -> Image.Image:
    return draw_scene(scene, size, colours=COLOURS, state=SceneState(progress=progress, roughness=roughness))


def images_differ(first: Image.Image, second: Image.Image) -> bool:
    return ImageChops.difference(first, second).getbbox() is not None


@each_scene
def test_a_scene_changes_with_progress(scene: Scene) -> None:
    pictures = [draw_test_scene(scene, progress=step / 4) for step in range(5)]
    assert all(images_differ(first, second) for first, second in itertools.pairwise(pictures))


@each_scene
def test_roughness_changes_the_scene(scene: Scene) -> None:
    assert images_differ(draw_test_scene(scene, roughness=0.0), draw_test_scene(scene, roughness=1.0))


@each_scene
@pytest.mark.parametrize("size", [WIDE, TALL])
def test_a_scene_has_the_requested_size_and_an_empty_top_edge(scene: Scene, size: tuple[int, int]) -> None:
    picture = draw_test_scene(scene, progress=1.0, size=size)
    assert picture.size == size
    assert picture.crop((0, 0, size[0], 6)).getcolors() == [(size[0] * 6, COLOURS.paper)]


@each_scene
def test_a_scene_uses_the_colours_of_its_palette(scene: Scene) -> None:
    colours = {
        colour for _, colour in draw_test_scene(scene, progress=0.6).getcolors(maxcolors=1 << 20) or []
    }
    assert {COLOURS.paper, COLOURS.near, COLOURS.accent, COLOURS.ink} <= colours
