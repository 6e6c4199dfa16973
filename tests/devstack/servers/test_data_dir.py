"""As root, a database's files go where an ordinary user can get to them, and only into a folder of ours."""

import os
import stat
from pathlib import Path

import pytest

from devstack.servers import data_dir

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files to others")
as_ordinary_user = pytest.mark.skipif(os.geteuid() == 0, reason="root goes other ways")


@pytest.fixture
def hidden(tmp_path: Path) -> Path:
    """A folder that nobody but its owner can get into."""
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    return closed / "postgres"


def test_a_closed_parent_cannot_be_passed(hidden: Path) -> None:
    assert not data_dir.is_traversable(hidden)


def test_folders_open_to_all_can_be_passed() -> None:
    assert data_dir.is_traversable(Path("/usr/bin"))


def test_each_folder_has_a_stand_in_of_its_own(tmp_path: Path) -> None:
    assert data_dir.fallback_dir(tmp_path / "a") == data_dir.fallback_dir(tmp_path / "a")
    assert data_dir.fallback_dir(tmp_path / "a") != data_dir.fallback_dir(tmp_path / "b")


@as_ordinary_user
def test_an_ordinary_user_stays_where_they_are(hidden: Path) -> None:
    assert data_dir.open_data_dir(hidden) == data_dir.DataDir(hidden, user=None)


@as_root
def test_root_goes_elsewhere_if_the_folder_is_closed_to_others(hidden: Path) -> None:
    place = data_dir.open_data_dir(hidden)

    assert place.folder == data_dir.fallback_dir(hidden)
    assert place.user not in {None, 0}
    data_dir.remove_data_dir(hidden)
    assert not place.folder.exists()


@as_root
def test_others_may_pass_through_the_ground_and_see_nothing(hidden: Path) -> None:
    place = data_dir.open_data_dir(hidden)

    assert stat.S_IMODE(place.folder.stat().st_mode) == 0o711
    data_dir.remove_data_dir(hidden)


@as_root
def test_a_folder_that_somebody_else_put_there_is_not_trusted(hidden: Path) -> None:
    trap = data_dir.fallback_dir(hidden)
    trap.mkdir()
    os.chown(trap, 12345, 12345)

    with pytest.raises(data_dir.DataDirNotOurs):
        data_dir.open_data_dir(hidden)
    trap.rmdir()


@as_root
def test_a_link_that_somebody_put_there_is_not_followed(hidden: Path, tmp_path: Path) -> None:
    target = tmp_path / "elsewhere"
    target.mkdir()
    trap = data_dir.fallback_dir(hidden)
    trap.symlink_to(target)

    with pytest.raises(data_dir.DataDirNotOurs):
        data_dir.open_data_dir(hidden)
    trap.unlink()


@as_root
def test_files_are_handed_to_the_user_of_the_server(hidden: Path) -> None:
    place = data_dir.open_data_dir(hidden)
    file = place.folder / "password"
    file.touch()

    place.chown_to_server_user(file)

    assert file.stat().st_uid == place.user
    data_dir.remove_data_dir(hidden)
