import subprocess
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from media.encoding.bitrate_ladder import RenditionSpec
from media.encoding.passthrough import passthrough_cuts
from media.encoding.renditions import encode_higher_renditions
from media.probing import validation
from media.probing.facts import GOPStructure
from media.programs import ffmpeg_path
from tests.media.sample_recordings import RecordingFactory

RATE = Fraction(25)
FRAME_SECONDS = 0.04
RENDITION_SPEC = RenditionSpec("v480", 854, 480, 1200)
# Ten seconds with a keyframe every second, at 800 kbit/s.
ONE_SECOND_GOPS = GOPStructure(
    tuple(float(n) for n in range(10)), (100_000,) * 10, FRAME_SECONDS, FRAME_SECONDS, 10.0
)


def cuts_at_25_fps(groups: GOPStructure, *, size: tuple[int, int] = (854, 480)) -> tuple[float, ...] | None:
    return passthrough_cuts(groups, size=size, rendition=RENDITION_SPEC, rate=RATE)


def test_a_stream_with_keyframes_at_the_usual_distance_is_cut_like_our_own() -> None:
    assert cuts_at_25_fps(ONE_SECOND_GOPS) == (0.0, 4.0, 8.0)


def test_pieces_begin_at_the_first_keyframe_from_every_fourth_second_on() -> None:
    starts = (0.0, 3.0, 6.0, 9.0, 12.0, 15.0)
    assert cuts_at_25_fps(
        replace(ONE_SECOND_GOPS, keyframe_times=starts, gop_bytes=(100_000,) * 6, seconds=17.0)
    ) == (0.0, 6.0, 9.0, 12.0)


@pytest.mark.parametrize(
    "why",
    [
        {"keyframe_times": (0.0, 9.0), "gop_bytes": (1000, 1000)},  # a piece that long keeps a player waiting
        {
            "keyframe_times": (0.0, 7.5, 8.2),
            "gop_bytes": (1000, 1000, 1000),
        },  # and one that short asks for nothing
        {"shortest_frame_seconds": FRAME_SECONDS / 2},  # the rate changes on the way
        {"longest_frame_seconds": 3 * FRAME_SECONDS},
        {
            "gop_bytes": (100_000,) * 4 + (160_000,) * 4 + (100_000,) * 2
        },  # more than the line is said to carry
    ],
    ids=["too long", "too short", "faster", "slower", "too heavy"],
)
def test_a_stream_that_does_not_fit_is_encoded(why: dict[str, object]) -> None:
    assert cuts_at_25_fps(replace(ONE_SECOND_GOPS, **why)) is None  # type: ignore[arg-type] # each is one field of Groups


def test_a_stream_in_another_size_is_encoded() -> None:
    assert cuts_at_25_fps(ONE_SECOND_GOPS, size=(852, 480)) is None


class EncodingRun:
    """One film on its way through gate and encoder, and what became of its own stream."""

    def __init__(self, film: Path, folder: Path) -> None:
        for name in ("first", "rest"):
            (folder / name).mkdir()
        self.folder = folder
        self.checked = validation.validate_recording(film, out=folder / "first", is_cancelled=never_cancelled)
        self.outputs = encode_higher_renditions(
            film, self.checked, out=folder / "rest", is_cancelled=never_cancelled
        )

    @property
    def has_passthrough(self) -> bool:
        return (self.folder / "rest" / "copied").exists()

    def frame_hashes(self, rendition: str) -> list[str]:
        """Return a checksum for every picture of a rendition once it is decoded."""
        paths = {file.name: file.path for file in self.outputs.files}
        pieces = next(one for one in self.outputs.manifest.renditions if one.name == rendition).file_names
        whole = self.folder / "whole.mp4"
        whole.write_bytes(b"".join(paths[piece].read_bytes() for piece in pieces))
        return decoded_frame_hashes(whole)


def never_cancelled() -> bool:
    return False


def decoded_frame_hashes(film: Path) -> list[str]:
    command: list[str | Path] = [
        ffmpeg_path(),
        "-v",
        "error",
        "-i",
        film,
        "-map",
        "0:v",
        "-f",
        "framemd5",
        "-",
    ]
    said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    return [line.rpartition(",")[2].strip() for line in said.splitlines() if not line.startswith("#")]


def test_a_recording_that_fits_is_passed_on_picture_by_picture(
    recording_factory: RecordingFactory, tmp_path: Path
) -> None:
    film = recording_factory.edited_video()
    attempt = EncodingRun(film, tmp_path)
    assert attempt.has_passthrough
    largest, smallest, _ = attempt.outputs.manifest.renditions
    assert (largest.name, largest.durations) == ("v480", (4.0, 4.0, 1.0))
    assert smallest.durations == pytest.approx(largest.durations, abs=0.02)
    assert attempt.frame_hashes("v480") == decoded_frame_hashes(film)


def test_what_its_encoder_wrote_into_the_stream_stays_behind(
    recording_factory: RecordingFactory, tmp_path: Path
) -> None:
    film = recording_factory.edited_video()
    assert b"x264 - core" in film.read_bytes()
    attempt = EncodingRun(film, tmp_path)
    copied = [file.path for file in attempt.outputs.files if file.name.startswith("v480")]
    assert all(b"x264 - core" not in path.read_bytes() for path in copied)
    assert all(b"51.5334" not in file.path.read_bytes() for file in attempt.outputs.files)


def test_the_other_sizes_follow_where_the_recording_has_its_keyframes(
    recording_factory: RecordingFactory, tmp_path: Path
) -> None:
    attempt = EncodingRun(
        recording_factory.edited_video(name="every-five.mp4", keyframe_interval=150), tmp_path
    )
    assert attempt.has_passthrough
    assert [one.durations for one in attempt.outputs.manifest.video_renditions] == [(5.0, 4.0)] * 2


@pytest.mark.parametrize(
    ("name", "words", "group"),
    [
        ("one-group.mp4", (), 300),
        ("rich.mp4", ("-pix_fmt", "yuv444p"), 30),
        ("wide-range.mp4", ("-color_range", "pc", "-vf", "scale=out_range=pc,format=yuvj420p"), 30),
        ("interlaced.mp4", ("-flags", "+ildct+cgop", "-x264-params", "tff=1"), 30),
        ("open.mp4", ("-x264-params", "open-gop=1:bframes=3"), 30),
        ("heavy.mp4", ("-crf", "8"), 30),
        ("fast.mp4", ("-r", "60"), 60),
    ],
)
def test_a_recording_that_does_not_fit_is_encoded(
    recording_factory: RecordingFactory, tmp_path: Path, name: str, words: tuple[str, ...], group: int
) -> None:
    film = recording_factory.edited_video(*words, name=name, keyframe_interval=group)
    checked = validation.validate_recording(film, out=tmp_path, is_cancelled=never_cancelled)
    assert checked.plan.video is not None
    assert not checked.plan.video.copies_top


def test_a_stream_that_turns_out_not_to_be_copied_is_encoded_after_all(
    recording_factory: RecordingFactory, tmp_path: Path
) -> None:
    """The file was exchanged for one in which the keyframes lie elsewhere."""
    film = recording_factory.write_file("exchanged.mp4", recording_factory.edited_video().read_bytes())
    for name in ("first", "rest"):
        (tmp_path / name).mkdir()
    checked = validation.validate_recording(film, out=tmp_path / "first", is_cancelled=never_cancelled)
    film.write_bytes(recording_factory.edited_video(name="one-group.mp4", keyframe_interval=300).read_bytes())
    outputs = encode_higher_renditions(film, checked, out=tmp_path / "rest", is_cancelled=never_cancelled)
    assert [path.name for path in sorted((tmp_path / "rest").iterdir())] == ["copied", "encoded"]
    assert [one.durations for one in outputs.manifest.video_renditions] == [(4.0, 4.0, 1.0)] * 2
