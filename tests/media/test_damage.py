"""What was damaged on its way is never shown as if it were whole, and what is whole is not sent back.

Damage that nobody could see or hear does not count: both films are decoded without any mercy or check, and compared.
"""

import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from enum import Enum
from pathlib import Path

import pytest

from media import gate
from media.probe import Unplayable
from media.programs import ffmpeg_path
from tests.media.damage import CUT, HARMS, Damaged, damaged
from tests.media.films import TONE, Studio
from tests.media.variety import HEVC, variants

EACH = 9  # of four films and six kinds of harm: 216
UNNOTICED_AT_MOST = 0.02
CLEAN = 200
SENT_BACK_AT_MOST = 0.01
ABREAST = 2


class Verdict(Enum):
    SOUND = "sound"
    DAMAGED = "may be damaged"
    REFUSED = "refused"


@pytest.fixture(scope="session")
def films(studio: Studio) -> Mapping[str, Path]:
    talk = studio.talk(seconds=6)
    return {
        "camera, index at the end": talk,
        "saved for the web": studio.shoot("front.mp4", "-i", str(talk), "-c", "copy", "-movflags", "+faststart"),
        "browser": studio.shoot(
            "browser-6.webm",
            *("-f", "lavfi", "-i", "testsrc2=size=320x240:rate=30:duration=6"),
            *("-f", "lavfi", "-i", f"{TONE}:duration=6"),
            *("-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-c:a", "libopus"),
            *("-f", "webm", "-live", "1"),
        ),
        "phone": studio.shoot(
            "phone.mov",
            *("-f", "lavfi", "-i", "testsrc2=size=240x320:rate=30000/1001:duration=6"),
            *("-f", "lavfi", "-i", f"{TONE}:duration=6"),
            *(*HEVC, "-pix_fmt", "yuv420p", "-tag:v", "hvc1", "-c:a", "aac", "-ac", "1"),
        ),
    }  # fmt: skip


def judge(film: Path) -> Verdict:
    try:
        with tempfile.TemporaryDirectory() as out:
            checked = gate.check(film, out=Path(out), cancelled=lambda: False)
    except Unplayable:
        return Verdict.REFUSED
    return Verdict.SOUND if checked.sound else Verdict.DAMAGED


def looks_and_sounds(film: Path) -> str:
    """Return checksums of all that can be seen and heard of a film."""
    command: list[str | Path] = [ffmpeg_path(), "-v", "fatal", "-nostdin", "-i", film]
    command += ["-map", "0", "-f", "streamhash", "-hash", "md5", "-"]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60).stdout


def unnoticed(copies: Iterable[Damaged]) -> list[str]:
    """Return which of these passed as whole although they look or sound different from what was recorded."""

    def slips_through(copy: Damaged) -> bool:
        with tempfile.NamedTemporaryFile(suffix=copy.film.suffix) as file:
            file.write(copy.content())
            file.flush()
            film = Path(file.name)
            return judge(film) is Verdict.SOUND and looks_and_sounds(film) != looks_and_sounds(copy.film)

    every = list(copies)
    with ThreadPoolExecutor(ABREAST) as pool:
        return [copy.name for copy, slips in zip(every, pool.map(slips_through, every), strict=True) if slips]


def sent_back(studio: Studio, count: int) -> list[str]:
    """Return which of so many honest recordings were not taken as they are."""
    chosen = variants(count)
    assert len(chosen) == count
    shot = [variant.shoot(studio, number) for number, variant in enumerate(chosen)]
    with ThreadPoolExecutor(ABREAST) as pool:
        verdicts = pool.map(judge, shot)
        return [
            f"{variant.name}: {verdict.value}"
            for variant, verdict in zip(chosen, verdicts, strict=True)
            if verdict is not Verdict.SOUND
        ]


@pytest.mark.faults
def test_hardly_any_of_two_hundred_damaged_recordings_passes_as_whole(films: Mapping[str, Path]) -> None:
    every = list(damaged(films, each=EACH))
    assert len(every) >= 200
    slipped = unnoticed(every)
    assert len(slipped) <= UNNOTICED_AT_MOST * len(every), slipped
    assert [name for name in slipped if CUT in name] == []


@pytest.mark.faults
def test_honest_recordings_of_two_hundred_kinds_are_taken_as_they_are(studio: Studio) -> None:
    refused = sent_back(studio, CLEAN)
    assert len(refused) <= SENT_BACK_AT_MOST * CLEAN, refused


def test_none_of_a_few_damaged_recordings_passes_as_whole(films: Mapping[str, Path]) -> None:
    two = {kind: films[kind] for kind in ("saved for the web", "browser")}
    every = list(damaged(two, each=1))
    assert len(every) == len(two) * len(HARMS)
    assert unnoticed(every) == []


def test_a_few_honest_recordings_of_many_kinds_are_taken_as_they_are(studio: Studio) -> None:
    assert sent_back(studio, 10) == []


@pytest.mark.parametrize("kept", [0.2, 0.8, 0.99])
def test_a_browsers_recording_that_was_cut_off_does_not_pass_as_whole(
    films: Mapping[str, Path], studio: Studio, kept: float
) -> None:
    content = films["browser"].read_bytes()
    assert judge(studio.write(f"cut-{kept}.webm", content[: int(len(content) * kept)])) is not Verdict.SOUND
