import subprocess
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from media import gate
from media.copying import Groups, cuts
from media.encoding import encode
from media.ladder import Rung
from media.programs import ffmpeg_path
from tests.media.films import Studio

RATE = Fraction(25)
FRAME = 0.04
RUNG = Rung("v480", 854, 480, 1200)
# Ten seconds with a keyframe every second, at 800 kbit/s.
SECONDLY = Groups(tuple(float(n) for n in range(10)), (100_000,) * 10, FRAME, FRAME, 10.0)


def cut(groups: Groups, *, size: tuple[int, int] = (854, 480)) -> tuple[float, ...] | None:
    return cuts(groups, size=size, rung=RUNG, rate=RATE)


def test_a_stream_with_keyframes_at_the_usual_distance_is_cut_like_our_own() -> None:
    assert cut(SECONDLY) == (0.0, 4.0, 8.0)


def test_pieces_begin_at_the_first_keyframe_from_every_fourth_second_on() -> None:
    starts = (0.0, 3.0, 6.0, 9.0, 12.0, 15.0)
    assert cut(replace(SECONDLY, starts=starts, sizes=(100_000,) * 6, seconds=17.0)) == (0.0, 6.0, 9.0, 12.0)


@pytest.mark.parametrize(
    "why",
    [
        {"starts": (0.0, 9.0), "sizes": (1000, 1000)},  # a piece that long keeps a player waiting
        {"starts": (0.0, 7.5, 8.2), "sizes": (1000, 1000, 1000)},  # and one that short asks for nothing
        {"shortest_frame": FRAME / 2},  # the rate changes on the way
        {"longest_frame": 3 * FRAME},
        {"sizes": (100_000,) * 4 + (160_000,) * 4 + (100_000,) * 2},  # more than the line is said to carry
    ],
    ids=["too long", "too short", "faster", "slower", "too heavy"],
)
def test_a_stream_that_does_not_fit_is_encoded(why: dict[str, object]) -> None:
    assert cut(replace(SECONDLY, **why)) is None  # type: ignore[arg-type] # each is one field of Groups


def test_a_stream_in_another_size_is_encoded() -> None:
    assert cut(SECONDLY, size=(852, 480)) is None


class Attempt:
    """One film on its way through gate and encoder, and what became of its own stream."""

    def __init__(self, film: Path, folder: Path) -> None:
        for name in ("first", "rest"):
            (folder / name).mkdir()
        self.folder = folder
        self.checked = gate.check(film, out=folder / "first", cancelled=never)
        self.outputs = encode(film, self.checked, out=folder / "rest", cancelled=never)

    @property
    def copied(self) -> bool:
        return (self.folder / "rest" / "copied").exists()

    def pictures(self, rendition: str) -> list[str]:
        """Return a checksum for every picture of a rendition once it is decoded."""
        paths = {file.name: file.path for file in self.outputs.files}
        pieces = next(one for one in self.outputs.master.renditions if one.name == rendition).pieces
        whole = self.folder / "whole.mp4"
        whole.write_bytes(b"".join(paths[piece].read_bytes() for piece in pieces))
        return sums(whole)


def never() -> bool:
    return False


def sums(film: Path) -> list[str]:
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


def test_a_recording_that_fits_is_passed_on_picture_by_picture(studio: Studio, tmp_path: Path) -> None:
    film = studio.edited()
    attempt = Attempt(film, tmp_path)
    assert attempt.copied
    largest, smallest, _ = attempt.outputs.master.renditions
    assert (largest.name, largest.durations) == ("v480", (4.0, 4.0, 1.0))
    assert smallest.durations == pytest.approx(largest.durations, abs=0.02)
    assert attempt.pictures("v480") == sums(film)


def test_what_its_encoder_wrote_into_the_stream_stays_behind(studio: Studio, tmp_path: Path) -> None:
    film = studio.edited()
    assert b"x264 - core" in film.read_bytes()
    attempt = Attempt(film, tmp_path)
    copied = [file.path for file in attempt.outputs.files if file.name.startswith("v480")]
    assert all(b"x264 - core" not in path.read_bytes() for path in copied)
    assert all(b"51.5334" not in file.path.read_bytes() for file in attempt.outputs.files)


def test_the_other_sizes_follow_where_the_recording_has_its_keyframes(studio: Studio, tmp_path: Path) -> None:
    attempt = Attempt(studio.edited(name="every-five.mp4", group=150), tmp_path)
    assert attempt.copied
    assert [one.durations for one in attempt.outputs.master.pictures] == [(5.0, 4.0)] * 2


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
    studio: Studio, tmp_path: Path, name: str, words: tuple[str, ...], group: int
) -> None:
    film = studio.edited(*words, name=name, group=group)
    checked = gate.check(film, out=tmp_path, cancelled=never)
    assert checked.plan.picture is not None
    assert not checked.plan.picture.copies_top


def test_a_stream_that_turns_out_not_to_be_copied_is_encoded_after_all(
    studio: Studio, tmp_path: Path
) -> None:
    """The file was exchanged for one in which the keyframes lie elsewhere."""
    film = studio.write("exchanged.mp4", studio.edited().read_bytes())
    for name in ("first", "rest"):
        (tmp_path / name).mkdir()
    checked = gate.check(film, out=tmp_path / "first", cancelled=never)
    film.write_bytes(studio.edited(name="one-group.mp4", group=300).read_bytes())
    outputs = encode(film, checked, out=tmp_path / "rest", cancelled=never)
    assert [path.name for path in sorted((tmp_path / "rest").iterdir())] == ["copied", "encoded"]
    assert [one.durations for one in outputs.master.pictures] == [(4.0, 4.0, 1.0)] * 2
