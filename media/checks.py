"""What has to be there before a recording may be opened, told when the program starts."""

import subprocess
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.core.checks import Warning as Caution

from media import sandbox
from media.programs import ProgramMissing, ffmpeg_path

INSTALL_FFMPEG = "Install ffmpeg, or name it in SAMEBOAT_FFMPEG."
INSTALL_WALLS = (
    "Install bubblewrap and util-linux, and allow unprivileged user namespaces; "
    "on a development machine SAMEBOAT_SANDBOX=preferred goes without."
)


def arrange() -> None:
    register(check_ffmpeg, "media")
    register(check_walls, "media")


def check_ffmpeg(**_: Any) -> list[CheckMessage]:
    try:
        program = ffmpeg_path()
        said = subprocess.run([program, "-version"], capture_output=True, timeout=30, check=False)
    except (ProgramMissing, OSError, subprocess.TimeoutExpired) as error:
        return [Error(f"There is no working ffmpeg: {error}.", hint=INSTALL_FFMPEG, id="media.E001")]
    if said.returncode:
        return [Error(f"{program} does not run.", hint=INSTALL_FFMPEG, id="media.E001")]
    return []


def check_walls(**_: Any) -> list[CheckMessage]:
    problem = sandbox.self_check()
    if problem is None:
        return []
    if settings.SANDBOX == "preferred":
        return [
            Caution(f"Recordings are decoded WITHOUT walls: {problem}.", hint=INSTALL_WALLS, id="media.W001")
        ]
    return [Error(f"Recordings cannot be decoded: {problem}.", hint=INSTALL_WALLS, id="media.E002")]
