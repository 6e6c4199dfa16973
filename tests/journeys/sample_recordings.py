"""Real recordings, made on the spot: what a telephone and a browser would send."""

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
    """Return an upright recording stored lying down with a note to turn it, as telephones do."""
    lying, upright = folder / "lying.mp4", folder / "phone.mp4"
    _ffmpeg(
        "-f", "lavfi", "-i", f"testsrc2=size=1280x720:rate=30:duration={seconds}",
        "-f", "lavfi", "-i", f"sine=frequency=300:sample_rate=48000:duration={seconds}",
        "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac", str(lying),
    )  # fmt: skip
    _ffmpeg(
        "-display_rotation",
        "90",
        "-i",
        str(lying),
        "-c",
        "copy",
        "-metadata",
        "location=+51.5-0.1/",
        str(upright),
    )
    return upright


def small_recording(folder: Path, *, tone: int) -> Path:
    """Return a recording that is soon prepared; no two tones make the same file."""
    path = folder / f"little-{tone}.mp4"
    _ffmpeg(
        "-f", "lavfi", "-i", f"testsrc2=size=320x240:rate=10:duration={SECONDS}",
        "-f", "lavfi", "-i", f"sine=frequency={tone}:sample_rate=48000:duration={SECONDS}",
        "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac", str(path),
    )  # fmt: skip
    return path


def browser_recording(folder: Path) -> Path:
    """Return WebM as a browser records it: streamed, so that no duration is written."""
    path = folder / "browser.webm"
    with path.open("wb") as stream:
        _ffmpeg(
            "-f", "lavfi", "-i", f"testsrc2=size=640x480:rate=30:duration={SECONDS}",
            "-f", "lavfi", "-i", f"sine=frequency=300:sample_rate=48000:duration={SECONDS}",
            "-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-c:a", "libopus",
            "-f", "webm", "-live", "1", "-",
            into=stream,
        )  # fmt: skip
    return path


def _ffmpeg(*words: str, into: object = None) -> None:
    program = imageio_ffmpeg.get_ffmpeg_exe()
    subprocess.run(
        [program, "-nostdin", "-loglevel", "error", "-y", *words],
        check=True,
        timeout=120,
        stdout=into,  # type: ignore[call-overload]
    )
