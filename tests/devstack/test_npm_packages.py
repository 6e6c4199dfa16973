import hashlib
import json
from pathlib import Path

import pytest

from devstack import npm_packages
from devstack.paths import ROOT


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A package without dependencies, so that npm needs no network."""
    (tmp_path / "package.json").write_text(json.dumps({"name": "pages", "private": True}))
    lock = {"name": "pages", "lockfileVersion": 3, "requires": True, "packages": {"": {"name": "pages"}}}
    (tmp_path / "package-lock.json").write_text(json.dumps(lock))
    return tmp_path


def test_packages_are_installed_once_per_lock_file(folder: Path) -> None:
    assert npm_packages.install_npm_packages(folder)
    assert not npm_packages.install_npm_packages(folder)


def test_a_changed_lock_file_triggers_an_install(folder: Path) -> None:
    npm_packages.install_npm_packages(folder)
    lock = folder / "package-lock.json"
    lock.write_text(lock.read_text() + "\n")

    assert npm_packages.install_npm_packages(folder)


def test_development_packages_are_added_to_an_installation_without_them(folder: Path) -> None:
    assert npm_packages.install_npm_packages(folder, development=False)
    assert not npm_packages.install_npm_packages(folder, development=False)
    assert npm_packages.install_npm_packages(folder)
    assert not npm_packages.install_npm_packages(folder, development=False)


def test_a_mismatched_lock_file_raises_with_the_output_of_npm(folder: Path) -> None:
    package_json = {"name": "pages", "dependencies": {"hls.js": "1.7.4"}}
    (folder / "package.json").write_text(json.dumps(package_json))

    with pytest.raises(npm_packages.NpmInstallFailed, match="npm ci"):
        npm_packages.install_npm_packages(folder)


def test_the_lock_file_contains_no_registry_url_and_hashes_everything() -> None:
    lock = json.loads((ROOT / "web" / "package-lock.json").read_text())

    assert all("resolved" not in package for package in lock["packages"].values())
    assert all("integrity" in package for name, package in lock["packages"].items() if name)


def test_the_installed_packages_match_the_lock_file() -> None:
    lock = ROOT / "web" / "package-lock.json"
    npm_packages.install_npm_packages()

    stamp = ROOT / "web" / "node_modules" / ".lock-sha256"
    assert stamp.read_text() == hashlib.sha256(lock.read_bytes()).hexdigest()
    assert (ROOT / "web" / "node_modules" / "hls.js" / "dist" / "hls.min.js").is_file()
