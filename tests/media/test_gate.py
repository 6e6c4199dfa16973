import socket
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from pytest_django import Settings

from media import gate, inspecting, probe
from media.gate import Checked
from media.probe import Unplayable
from media.sandbox import Room
from tests.media.films import Studio

Check = Callable[..., Checked]
SECRET = "what only this machine may know"


@pytest.fixture
def check(tmp_path: Path) -> Check:
    """Put a film through the gate."""

    def check(film: Path, reached: Callable[[float], None] | None = None) -> Checked:
        out = Path(tempfile.mkdtemp(dir=tmp_path))
        return gate.check(film, out=out, cancelled=lambda: False, reached=reached)

    return check


@pytest.fixture
def why_not(check: Check) -> Callable[[Path], str]:
    """Return the sentence with which the gate refuses a film."""

    def why_not(film: Path) -> str:
        with pytest.raises(Unplayable) as refused:
            check(film)
        return refused.value.reason

    return why_not


def test_a_common_recording_is_sound(studio: Studio, check: Check) -> None:
    checked = check(studio.talk())
    assert checked.sound
    assert checked.seconds == pytest.approx(2, abs=0.1)
    assert checked.plan.sound is not None
    assert -8 < checked.plan.sound.gain_db < 12


@pytest.mark.parametrize(
    "kind",
    [
        *(Studio.browser, Studio.silent, Studio.sound_only, Studio.odd_sides, Studio.uneven, Studio.growing),
        *(Studio.high_dynamic_range, Studio.fragmented, Studio.portrait_phone, Studio.words_outlast_picture),
    ],
    ids=lambda kind: str(kind.__name__),
)
def test_odd_but_honest_recordings_are_sound(
    studio: Studio, kind: Callable[[Studio], Path], check: Check
) -> None:
    assert check(kind(studio)).sound


def test_a_browsers_recording_says_nothing_of_its_length_and_is_measured(
    studio: Studio, check: Check
) -> None:
    checked = check(studio.browser())
    assert checked.probe.header_seconds is None
    assert checked.seconds == pytest.approx(2, abs=0.2)


@pytest.mark.parametrize("kind", [Studio.cut_off, Studio.scratched], ids=lambda kind: str(kind.__name__))
def test_a_damaged_recording_passes_but_not_as_sound(
    studio: Studio, kind: Callable[[Studio], Path], check: Check
) -> None:
    assert not check(kind(studio)).sound


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        (Studio.unknown_codec, probe.UNKNOWN_FILM),
        (Studio.unknown_sound, probe.UNKNOWN_VOICE),
        (Studio.enormous, probe.TOO_MANY_PIXELS),
        (Studio.protected, probe.PROTECTED),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_what_cannot_be_played_is_refused_with_a_reason(
    studio: Studio, kind: Callable[[Studio], Path], sentence: str, why_not: Callable[[Path], str]
) -> None:
    assert why_not(kind(studio)) == sentence


@pytest.mark.parametrize("kind", ["png", "jpg", "gif"])
def test_a_picture_under_the_name_of_a_film_is_refused(
    studio: Studio, kind: str, why_not: Callable[[Path], str]
) -> None:
    renamed = studio.write(f"{kind}.mp4", studio.still(kind).read_bytes())
    assert why_not(renamed) == probe.NOT_A_RECORDING


@pytest.mark.parametrize(
    "content", [b"", b"\x00", b"\x00" * 100_000, b"PK\x03\x04 a zip", b"%PDF-1.7", b"ftypmp42" * 99]
)
def test_what_is_no_recording_is_refused(
    studio: Studio, content: bytes, why_not: Callable[[Path], str]
) -> None:
    assert why_not(studio.write("nothing.mp4", content)) == probe.NOT_A_RECORDING


@pytest.mark.parametrize(
    "kind", [Studio.playlist, Studio.concatenation, Studio.manifest], ids=lambda kind: str(kind.__name__)
)
def test_a_playlist_in_disguise_reads_no_other_file(
    studio: Studio, tmp_path: Path, kind: Callable[[Studio, Path], Path], why_not: Callable[[Path], str]
) -> None:
    target = tmp_path / "target.mp4"
    target.write_bytes(studio.talk().read_bytes())
    assert why_not(kind(studio, target)) == probe.NOT_A_RECORDING


def test_a_playlist_in_disguise_asks_nobody_outside(studio: Studio, why_not: Callable[[Path], str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        door.settimeout(0.2)
        address = f"http://127.0.0.1:{door.getsockname()[1]}/film.mp4"
        text = f"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n{address}\n#EXT-X-ENDLIST\n"
        assert why_not(studio.write("knocking.mp4", text.encode())) == probe.NOT_A_RECORDING
        with pytest.raises(TimeoutError):
            door.accept()


def test_a_recording_cut_before_its_index_is_no_recording(
    studio: Studio, why_not: Callable[[Path], str]
) -> None:
    content = studio.talk().read_bytes()
    assert why_not(studio.write("headless.mp4", content[: len(content) // 2])) == probe.NOT_A_RECORDING


def test_a_recording_that_is_too_long_is_refused_whatever_its_header_says(
    studio: Studio, settings: Settings, why_not: Callable[[Path], str]
) -> None:
    settings.UPLOAD_MAX_SECONDS = 1
    long = studio.shoot(
        "long.webm", "-f", "lavfi", "-i", "sine=duration=5", "-c:a", "libopus", "-f", "webm", "-live", "1"
    )
    assert why_not(long) == probe.too_long(1)


def test_the_part_done_is_told_on_the_way(studio: Studio, check: Check) -> None:
    parts: list[float] = []
    check(studio.talk(), parts.append)
    assert parts == sorted(parts)
    assert parts[-1] == pytest.approx(1, abs=0.1)


def test_nothing_of_the_file_is_left_in_the_sentence(studio: Studio, why_not: Callable[[Path], str]) -> None:
    """A refusal is shown to people: it is ours, word for word."""
    reason = why_not(studio.write("liar.mp4", f"#EXTM3U\n{SECRET}\n".encode()))
    assert SECRET not in reason


def test_an_inspector_that_does_not_start_is_our_fault_and_not_the_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "inspector.py"
    broken.write_text("import nothing_of_that_name")
    monkeypatch.setattr(inspecting, "INSPECTOR", broken)

    with pytest.raises(inspecting.InspectorDoesNotStart, match="nothing_of_that_name"):
        inspecting.inspect(["describe"], Room(), cancelled=lambda: False)
