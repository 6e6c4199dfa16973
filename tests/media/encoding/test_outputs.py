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
    """A folder with the first version of a recording."""
    folder = tmp_path / "out"
    folder.mkdir()
    validation.validate_recording(
        recording_factory.video_with_tone(seconds=2), out=folder, is_cancelled=never_cancelled
    )
    return folder


def collect_first_version(out: Path) -> EncoderOutput:
    image_names = [*written_poster_names(out, max_posters=3), "storyboard.jpg"]
    return collect_output(
        out, rendition_names=["v240", "a"], image_names=image_names, is_cancelled=never_cancelled
    )


def test_collected_output_describes_the_files(out: Path) -> None:
    output = collect_first_version(out)
    assert [(rendition.name, rendition.kind) for rendition in output.renditions] == [
        ("v240", "video"),
        ("a", "audio"),
    ]
    assert [rendition.seconds for rendition in output.renditions] == pytest.approx([2, 2], abs=0.1)
    assert {file.name for file in output.files} == {path.name for path in out.iterdir()} - {
        "v240.m3u8",
        "a.m3u8",
    }


@pytest.mark.parametrize(
    "name",
    ["poster_0.jpg", "poster_1.jpg", "storyboard.jpg", "v240_00000.m4s", "v240_init.mp4", "a_00000.m4s"],
)
def test_replaced_files_and_symbolic_links_are_rejected(out: Path, tmp_path: Path, name: str) -> None:
    original = tmp_path / "aside"
    (out / name).rename(original)
    (out / name).write_bytes(b"replaced")
    with pytest.raises(InvalidEncoderOutput):
        collect_first_version(out)
    (out / name).unlink()
    (out / name).symlink_to(original)
    with pytest.raises(InvalidEncoderOutput):
        collect_first_version(out)


@pytest.mark.parametrize(
    "name", ["poster_0.jpg", "storyboard.jpg", "v240_00000.m4s", "v240_init.mp4", "a_init.mp4"]
)
def test_missing_files_are_rejected(out: Path, name: str) -> None:
    (out / name).unlink()
    with pytest.raises(InvalidEncoderOutput):
        collect_first_version(out)


def test_missing_later_posters_are_accepted(out: Path) -> None:
    (out / "poster_2.jpg").unlink()
    assert [file.name for file in collect_first_version(out).files][:2] == ["poster_0.jpg", "poster_1.jpg"]


def build_rendition(name: str, *durations: float) -> Rendition:
    return Rendition(name, "video", "avc1.64001f", 1, 1, durations, width=640, height=480)


def test_renditions_with_different_segment_starts_are_rejected() -> None:
    check_keyframe_alignment([build_rendition("v480", 4.0, 2.0), build_rendition("v240", 4.01, 1.99)])
    for misaligned in (build_rendition("v240", 3.0, 3.0), build_rendition("v240", 6.0)):
        with pytest.raises(InvalidEncoderOutput):
            check_keyframe_alignment([build_rendition("v480", 4.0, 2.0), misaligned])


def test_renditions_with_unplanned_sizes_are_rejected() -> None:
    check_rendition_sizes([build_rendition("v480", 4.0)], [RenditionSpec("v480", 640, 480, 1200)])
    for specs in ([RenditionSpec("v480", 480, 640, 1200)], []):
        with pytest.raises(InvalidEncoderOutput):
            check_rendition_sizes([build_rendition("v480", 4.0)], specs)
