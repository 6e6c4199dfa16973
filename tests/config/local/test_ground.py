"""As root, a database's files go where an ordinary user can get to them, and only into a folder of ours."""

import os
import stat
from pathlib import Path

import pytest

from config.local import ground

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files to others")
as_ordinary_user = pytest.mark.skipif(os.geteuid() == 0, reason="root goes other ways")


@pytest.fixture
def hidden(tmp_path: Path) -> Path:
    """A folder that nobody but its owner can get into."""
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    return closed / "postgres"


def test_a_closed_parent_cannot_be_passed(hidden: Path) -> None:
    assert not ground.may_enter(hidden)


def test_folders_open_to_all_can_be_passed() -> None:
    assert ground.may_enter(Path("/usr/bin"))


def test_each_folder_has_a_stand_in_of_its_own(tmp_path: Path) -> None:
    assert ground.stand_in(tmp_path / "a") == ground.stand_in(tmp_path / "a")
    assert ground.stand_in(tmp_path / "a") != ground.stand_in(tmp_path / "b")


@as_ordinary_user
def test_an_ordinary_user_stays_where_they_are(hidden: Path) -> None:
    assert ground.open_ground(hidden) == ground.Ground(hidden, user=None)


@as_root
def test_root_goes_elsewhere_if_the_folder_is_closed_to_others(hidden: Path) -> None:
    place = ground.open_ground(hidden)

    assert place.folder == ground.stand_in(hidden)
    assert place.user not in {None, 0}
    ground.remove_ground(hidden)
    assert not place.folder.exists()


@as_root
def test_others_may_pass_through_the_ground_and_see_nothing(hidden: Path) -> None:
    place = ground.open_ground(hidden)

    assert stat.S_IMODE(place.folder.stat().st_mode) == 0o711
    ground.remove_ground(hidden)


@as_root
def test_a_folder_that_somebody_else_put_there_is_not_trusted(hidden: Path) -> None:
    trap = ground.stand_in(hidden)
    trap.mkdir()
    os.chown(trap, 12345, 12345)

    with pytest.raises(ground.GroundTaken):
        ground.open_ground(hidden)
    trap.rmdir()


@as_root
def test_a_link_that_somebody_put_there_is_not_followed(hidden: Path, tmp_path: Path) -> None:
    target = tmp_path / "elsewhere"
    target.mkdir()
    trap = ground.stand_in(hidden)
    trap.symlink_to(target)

    with pytest.raises(ground.GroundTaken):
        ground.open_ground(hidden)
    trap.unlink()


@as_root
def test_files_are_handed_to_the_user_of_the_server(hidden: Path) -> None:
    place = ground.open_ground(hidden)
    file = place.folder / "password"
    file.touch()

    place.give(file)

    assert file.stat().st_uid == place.user
    ground.remove_ground(hidden)
