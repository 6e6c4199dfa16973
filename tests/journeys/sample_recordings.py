"""Generates recordings as phones and browsers produce them."""

import subprocess
from pathlib import Path

import imageio_ffmpeg

SECONDS = 12
CAPTIONS = """WEBVTT

00:00.500 --> 00:05.000
At first I could not even open the letter.

00:06.000 --> 00:11.000
Then I read one line a day, and on Friday I rang.
"""


def phone_recording(folder: Path, *, seconds: int = SECONDS) -> Path:
    """Landscape frames with a rotation of 90 degrees in the metadata, as phones record portrait video."""
    landscape, rotated = folder / "lying.mp4", folder / "phone.mp4"
    _ffmpeg(
        "-f", "lavfi", "-i", f"testsrc2=size=1280x720:rate=30:duration={seconds}",
        "-f", "lavfi", "-i", f"sine=frequency=300:sample_rate=48000:duration={seconds}",
        "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac", str(landscape),
    )  # fmt: skip
    _ffmpeg(
        "-display_rotation",
        "90",
        "-i",
        str(landscape),
        "-c",
        "copy",
        "-metadata",
        "location=+51.5-0.1/",
        str(rotated),
    )
    return rotated


def small_recording(folder: Path, *, tone: int) -> Path:
    """Quick to process; every tone frequency gives a different file."""
    path = folder / f"little-{tone}.mp4"
    _ffmpeg(
        "-f", "lavfi", "-i", f"testsrc2=size=320x240:rate=10:duration={SECONDS}",
        "-f", "lavfi", "-i", f"sine=frequency={tone}:sample_rate=48000:duration={SECONDS}",
        "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac", str(path),
    )  # fmt: skip
    return path


def browser_recording(folder: Path) -> Path:
    """WebM without a duration in its header, as MediaRecorder streams it."""
    path = folder / "browser.webm"
    with path.open("wb") as stream:
        _ffmpeg(
            "-f", "lavfi", "-i", f"testsrc2=size=640x480:rate=30:duration={SECONDS}",
            "-f", "lavfi", "-i", f"sine=frequency=300:sample_rate=48000:duration={SECONDS}",
            "-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-c:a", "libopus",
            "-f", "webm", "-live", "1", "-",
            stdout=stream,
        )  # fmt: skip
    return path


def _ffmpeg(*arguments: str, stdout: object = None) -> None:
    ffmpeg = imageio_ffmpeg.get_ffmpeg_exe()
    subprocess.run(
        [ffmpeg, "-nostdin", "-loglevel", "error", "-y", *arguments],
        check=True,
        timeout=120,
        stdout=stdout,  # type: ignore[call-overload]
    )
