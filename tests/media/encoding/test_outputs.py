from pathlib import Path

import pytest

from media.encoding.bitrate_ladder import RenditionSpec
from media.encoding.outputs import (
    EncoderOutput,
    InvalidEncoderOutput,
    check_keyframe_alignment,
    check_rendition_sizes,
    collect_output,
    written_poster_names,
)
from media.playback.playlists import Rendition
from media.probing import validation
from tests.media.sample_recordings import RecordingFactory


def never_cancelled() -> bool:
    return False


@pytest.fixture
def out(recording_factory: RecordingFactory, tmp_path: Path) -> Path:
    """Give a folder with the first version of a film."""
    folder = tmp_path / "out"
    folder.mkdir()
    validation.validate_recording(
        recording_factory.video_with_tone(seconds=2), out=folder, is_cancelled=never_cancelled
    )
    return folder


def collect_again(out: Path) -> EncoderOutput:
    pictures = [*written_poster_names(out, max_posters=3), "storyboard.jpg"]
    return collect_output(
        out, rendition_names=["v240", "a"], image_names=pictures, is_cancelled=never_cancelled
    )


def test_what_was_written_is_described_from_its_own_bytes(out: Path) -> None:
    found = collect_again(out)
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
    with pytest.raises(InvalidEncoderOutput):
        collect_again(out)
    (out / name).unlink()
    (out / name).symlink_to(aside)
    with pytest.raises(InvalidEncoderOutput):
        collect_again(out)


@pytest.mark.parametrize(
    "name", ["poster_0.jpg", "storyboard.jpg", "v240_00000.m4s", "v240_init.mp4", "a_init.mp4"]
)
def test_missing_pieces_are_noticed(out: Path, name: str) -> None:
    (out / name).unlink()
    with pytest.raises(InvalidEncoderOutput):
        collect_again(out)


def test_a_film_that_ended_early_has_fewer_posters(out: Path) -> None:
    (out / "poster_2.jpg").unlink()
    assert [file.name for file in collect_again(out).files][:2] == ["poster_0.jpg", "poster_1.jpg"]


def make_rendition(name: str, *durations: float) -> Rendition:
    return Rendition(name, "video", "avc1.64001f", 1, 1, durations, width=640, height=480)


def test_sizes_that_are_cut_at_other_places_are_noticed() -> None:
    check_keyframe_alignment([make_rendition("v480", 4.0, 2.0), make_rendition("v240", 4.01, 1.99)])
    for other in (make_rendition("v240", 3.0, 3.0), make_rendition("v240", 6.0)):
        with pytest.raises(InvalidEncoderOutput):
            check_keyframe_alignment([make_rendition("v480", 4.0, 2.0), other])


def test_a_picture_in_another_size_than_was_asked_for_is_noticed() -> None:
    check_rendition_sizes([make_rendition("v480", 4.0)], [RenditionSpec("v480", 640, 480, 1200)])
    for wanted in ([RenditionSpec("v480", 480, 640, 1200)], []):
        with pytest.raises(InvalidEncoderOutput):
            check_rendition_sizes([make_rendition("v480", 4.0)], wanted)
