"""What is shown of a first version while its encoder still writes it."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from media import gate
from media.collecting import Collected
from media.growing import Growing
from media.ladder import SEGMENT_SECONDS
from tests.media.films import Studio


@dataclass
class Notes:
    """An onlooker who writes down how many pieces of each rendition there were."""

    seen: list[dict[str, int]] = field(default_factory=list)
    longest: int = 0

    def see(self, so_far: Collected, *, longest_piece: int) -> None:
        self.longest = longest_piece
        self.seen.append({one.name: len(one.durations) for one in so_far.renditions})

    def forget(self) -> None:
        self.seen.append({})


def never() -> bool:
    return False


@pytest.fixture
def whole(studio: Studio, tmp_path: Path) -> gate.Checked:
    """The first version of a recording of seven pieces, in a folder of its own."""
    (tmp_path / "whole").mkdir()
    return gate.check(studio.talk(seconds=26, rate="15"), out=tmp_path / "whole", cancelled=never)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    (tmp_path / "out").mkdir()
    return tmp_path / "out"


def write(out: Path, whole: gate.Checked, *, pieces: int) -> None:
    """Let the folder be as an encoder has it that has written so many pieces."""
    for file in whole.made.files:
        number = file.name.rpartition("_")[2].removesuffix(".m4s")
        if file.name.endswith("_init.mp4") or (file.name.endswith(".m4s") and int(number) < pieces):
            (out / file.name).write_bytes(file.path.read_bytes())


def shown_to(notes: Notes, out: Path, whole: gate.Checked) -> Growing:
    return Growing(out, whole.plan, reached=gate.to_nobody, onlooker=notes, cancelled=never)


def test_it_is_shown_when_there_is_a_piece_of_each_and_again_at_twice_as_many(
    whole: gate.Checked, out: Path
) -> None:
    notes = Notes()
    growing = shown_to(notes, out, whole)
    growing.look()
    for pieces in range(1, 8):
        write(out, whole, pieces=pieces)
        growing.look()
    assert notes.seen == [{"v240": pieces, "a": pieces} for pieces in (1, 2, 4)]
    assert notes.longest == SEGMENT_SECONDS


def test_it_waits_for_the_sound(whole: gate.Checked, out: Path) -> None:
    notes = Notes()
    write(out, whole, pieces=3)
    for piece in out.glob("a_*.m4s"):
        piece.rename(piece.with_suffix(".m4s.tmp"))
    shown_to(notes, out, whole).look()
    assert notes.seen == []


def test_what_cannot_be_read_back_is_left_to_who_judges_the_whole(whole: gate.Checked, out: Path) -> None:
    notes = Notes()
    write(out, whole, pieces=1)
    (out / "v240_00000.m4s").write_bytes(b"nothing that plays")
    shown_to(notes, out, whole).look()
    assert notes.seen == []


def test_how_far_it_is_is_told_whether_somebody_looks_on_or_not(whole: gate.Checked, out: Path) -> None:
    told: list[float] = []
    growing = Growing(out, whole.plan, reached=told.append, onlooker=None, cancelled=never)
    for pieces in (0, 2, 5):
        write(out, whole, pieces=pieces)
        growing.look()
    assert told == [0, 2 * SEGMENT_SECONDS, 5 * SEGMENT_SECONDS]
