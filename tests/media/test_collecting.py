from pathlib import Path

import pytest

from media import gate
from media.collecting import BadOutput, Collected, check_aligned, check_sizes, collect, posters_in
from media.ladder import Rung
from media.playlists import Rendition
from tests.media.films import Studio


def never() -> bool:
    return False


@pytest.fixture
def out(studio: Studio, tmp_path: Path) -> Path:
    """Give a folder with the first version of a film."""
    folder = tmp_path / "out"
    folder.mkdir()
    gate.check(studio.talk(seconds=2), out=folder, cancelled=never)
    return folder


def looked_at_again(out: Path) -> Collected:
    pictures = [*posters_in(out, most=3), "storyboard.jpg"]
    return collect(out, names=["v240", "a"], pictures=pictures, cancelled=never)


def test_what_was_written_is_described_from_its_own_bytes(out: Path) -> None:
    found = looked_at_again(out)
    assert [(one.name, one.kind) for one in found.renditions] == [("v240", "video"), ("a", "audio")]
    assert [one.seconds for one in found.renditions] == pytest.approx([2, 2], abs=0.1)
    assert {file.name for file in found.files} == {path.name for path in out.iterdir()} - {
        "v240.m3u8",
        "a.m3u8",
    }


@pytest.mark.parametrize(
    "name",
    ["poster_0.jpg", "poster_1.jpg", "storyboard.jpg", "v240_00000.m4s", "v240_init.mp4", "a_00000.m4s"],
)
def test_links_and_foreign_pieces_are_noticed(out: Path, tmp_path: Path, name: str) -> None:
    aside = tmp_path / "aside"
    (out / name).rename(aside)
    (out / name).write_bytes(b"something else altogether")
    with pytest.raises(BadOutput):
        looked_at_again(out)
    (out / name).unlink()
    (out / name).symlink_to(aside)
    with pytest.raises(BadOutput):
        looked_at_again(out)


@pytest.mark.parametrize(
    "name", ["poster_0.jpg", "storyboard.jpg", "v240_00000.m4s", "v240_init.mp4", "a_init.mp4"]
)
def test_missing_pieces_are_noticed(out: Path, name: str) -> None:
    (out / name).unlink()
    with pytest.raises(BadOutput):
        looked_at_again(out)


def test_a_film_that_ended_early_has_fewer_posters(out: Path) -> None:
    (out / "poster_2.jpg").unlink()
    assert [file.name for file in looked_at_again(out).files][:2] == ["poster_0.jpg", "poster_1.jpg"]


def rendition(name: str, *durations: float) -> Rendition:
    return Rendition(name, "video", "avc1.64001f", 1, 1, durations, width=640, height=480)


def test_sizes_that_are_cut_at_other_places_are_noticed() -> None:
    check_aligned([rendition("v480", 4.0, 2.0), rendition("v240", 4.01, 1.99)])
    for other in (rendition("v240", 3.0, 3.0), rendition("v240", 6.0)):
        with pytest.raises(BadOutput):
            check_aligned([rendition("v480", 4.0, 2.0), other])


def test_a_picture_in_another_size_than_was_asked_for_is_noticed() -> None:
    check_sizes([rendition("v480", 4.0)], [Rung("v480", 640, 480, 1200)])
    for wanted in ([Rung("v480", 480, 640, 1200)], []):
        with pytest.raises(BadOutput):
            check_sizes([rendition("v480", 4.0)], wanted)
