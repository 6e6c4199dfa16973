import os
import stat
from pathlib import Path

import pytest

from devstack.servers import data_dir

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
as_ordinary_user = pytest.mark.skipif(os.geteuid() == 0, reason="needs an unprivileged user")


@pytest.fixture
def closed_dir(tmp_path: Path) -> Path:
    """A folder below a parent that only its owner can traverse."""
    private_parent = tmp_path / "closed"
    private_parent.mkdir(mode=0o700)
    return private_parent / "postgres"


def test_a_folder_below_a_private_parent_is_not_traversable(closed_dir: Path) -> None:
    assert not data_dir.is_traversable(closed_dir)


def test_a_public_folder_is_traversable() -> None:
    assert data_dir.is_traversable(Path("/usr/bin"))


def test_every_folder_has_its_own_fallback(tmp_path: Path) -> None:
    assert data_dir.fallback_dir(tmp_path / "a") == data_dir.fallback_dir(tmp_path / "a")
    assert data_dir.fallback_dir(tmp_path / "a") != data_dir.fallback_dir(tmp_path / "b")


@as_ordinary_user
def test_an_unprivileged_user_uses_the_folder_itself(closed_dir: Path) -> None:
    assert data_dir.open_data_dir(closed_dir) == data_dir.DataDir(closed_dir, user=None)


@as_root
def test_root_uses_the_fallback_if_the_folder_is_not_traversable(closed_dir: Path) -> None:
    server_dir = data_dir.open_data_dir(closed_dir)

    assert server_dir.folder == data_dir.fallback_dir(closed_dir)
    assert server_dir.user not in {None, 0}
    data_dir.remove_data_dir(closed_dir)
    assert not server_dir.folder.exists()


@as_root
def test_the_fallback_is_traversable_but_not_listable(closed_dir: Path) -> None:
    server_dir = data_dir.open_data_dir(closed_dir)

    assert stat.S_IMODE(server_dir.folder.stat().st_mode) == 0o711
    data_dir.remove_data_dir(closed_dir)


@as_root
def test_a_fallback_owned_by_another_user_raises(closed_dir: Path) -> None:
    fallback = data_dir.fallback_dir(closed_dir)
    fallback.mkdir()
    os.chown(fallback, 12345, 12345)

    with pytest.raises(data_dir.DataDirNotOurs):
        data_dir.open_data_dir(closed_dir)
    fallback.rmdir()


@as_root
def test_a_symlink_in_place_of_the_fallback_raises(closed_dir: Path, tmp_path: Path) -> None:
    target = tmp_path / "elsewhere"
    target.mkdir()
    fallback = data_dir.fallback_dir(closed_dir)
    fallback.symlink_to(target)

    with pytest.raises(data_dir.DataDirNotOurs):
        data_dir.open_data_dir(closed_dir)
    fallback.unlink()


@as_root
def test_files_are_chowned_to_the_server_user(closed_dir: Path) -> None:
    server_dir = data_dir.open_data_dir(closed_dir)
    file = server_dir.folder / "password"
    file.touch()

    server_dir.chown_to_server_user(file)

    assert file.stat().st_uid == server_dir.user
    data_dir.remove_data_dir(closed_dir)
