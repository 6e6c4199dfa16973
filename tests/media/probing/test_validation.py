import socket
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from pytest_django import Settings

from media.probing import client, facts, validation
from media.probing.facts import UnplayableRecording
from media.probing.validation import ValidatedRecording
from media.sandbox import SandboxMounts
from tests.media.sample_recordings import RecordingFactory

ValidateRecording = Callable[..., ValidatedRecording]
SECRET = "what only this machine may know"


@pytest.fixture
def check(tmp_path: Path) -> ValidateRecording:
    """Put a film through the gate."""

    def check(film: Path, reached: Callable[[float], None] | None = None) -> ValidatedRecording:
        out = Path(tempfile.mkdtemp(dir=tmp_path))
        return validation.validate_recording(film, out=out, is_cancelled=lambda: False, on_progress=reached)

    return check


@pytest.fixture
def why_not(check: ValidateRecording) -> Callable[[Path], str]:
    """Return the sentence with which the gate refuses a film."""

    def why_not(film: Path) -> str:
        with pytest.raises(UnplayableRecording) as refused:
            check(film)
        return refused.value.reason

    return why_not


def test_a_common_recording_is_sound(recording_factory: RecordingFactory, check: ValidateRecording) -> None:
    checked = check(recording_factory.video_with_tone())
    assert checked.is_intact
    assert checked.seconds == pytest.approx(2, abs=0.1)
    assert checked.plan.audio is not None
    assert -8 < checked.plan.audio.gain_db < 12


@pytest.mark.parametrize(
    "kind",
    [
        *(
            RecordingFactory.browser_recording,
            RecordingFactory.silent_video,
            RecordingFactory.audio_only,
            RecordingFactory.odd_dimensions,
            RecordingFactory.variable_frame_rate,
            RecordingFactory.resolution_change,
        ),
        *(
            RecordingFactory.hdr_video,
            RecordingFactory.fragmented_mp4,
            RecordingFactory.portrait_phone_video,
            RecordingFactory.audio_longer_than_video,
        ),
    ],
    ids=lambda kind: str(kind.__name__),
)
def test_odd_but_honest_recordings_are_sound(
    recording_factory: RecordingFactory, kind: Callable[[RecordingFactory], Path], check: ValidateRecording
) -> None:
    assert check(kind(recording_factory)).is_intact


def test_a_browsers_recording_says_nothing_of_its_length_and_is_measured(
    recording_factory: RecordingFactory, check: ValidateRecording
) -> None:
    checked = check(recording_factory.browser_recording())
    assert checked.probe.header_seconds is None
    assert checked.seconds == pytest.approx(2, abs=0.2)


@pytest.mark.parametrize(
    "kind",
    [RecordingFactory.truncated_video, RecordingFactory.corrupted_video],
    ids=lambda kind: str(kind.__name__),
)
def test_a_damaged_recording_passes_but_not_as_sound(
    recording_factory: RecordingFactory, kind: Callable[[RecordingFactory], Path], check: ValidateRecording
) -> None:
    assert not check(kind(recording_factory)).is_intact


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        (RecordingFactory.unsupported_video_codec, facts.UNSUPPORTED_VIDEO_CODEC),
        (RecordingFactory.unsupported_audio_codec, facts.UNSUPPORTED_AUDIO_CODEC),
        (RecordingFactory.oversized_video, facts.TOO_MANY_PIXELS),
        (RecordingFactory.encrypted_video, facts.COPY_PROTECTED),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_what_cannot_be_played_is_refused_with_a_reason(
    recording_factory: RecordingFactory,
    kind: Callable[[RecordingFactory], Path],
    sentence: str,
    why_not: Callable[[Path], str],
) -> None:
    assert why_not(kind(recording_factory)) == sentence


@pytest.mark.parametrize("kind", ["png", "jpg", "gif"])
def test_a_picture_under_the_name_of_a_film_is_refused(
    recording_factory: RecordingFactory, kind: str, why_not: Callable[[Path], str]
) -> None:
    renamed = recording_factory.write_file(f"{kind}.mp4", recording_factory.still_image(kind).read_bytes())
    assert why_not(renamed) == facts.NOT_A_RECORDING


@pytest.mark.parametrize(
    "content", [b"", b"\x00", b"\x00" * 100_000, b"PK\x03\x04 a zip", b"%PDF-1.7", b"ftypmp42" * 99]
)
def test_what_is_no_recording_is_refused(
    recording_factory: RecordingFactory, content: bytes, why_not: Callable[[Path], str]
) -> None:
    assert why_not(recording_factory.write_file("nothing.mp4", content)) == facts.NOT_A_RECORDING


@pytest.mark.parametrize(
    "kind",
    [
        RecordingFactory.disguised_hls_playlist,
        RecordingFactory.disguised_concat_script,
        RecordingFactory.disguised_dash_manifest,
    ],
    ids=lambda kind: str(kind.__name__),
)
def test_a_playlist_in_disguise_reads_no_other_file(
    recording_factory: RecordingFactory,
    tmp_path: Path,
    kind: Callable[[RecordingFactory, Path], Path],
    why_not: Callable[[Path], str],
) -> None:
    target = tmp_path / "target.mp4"
    target.write_bytes(recording_factory.video_with_tone().read_bytes())
    assert why_not(kind(recording_factory, target)) == facts.NOT_A_RECORDING


def test_a_playlist_in_disguise_asks_nobody_outside(
    recording_factory: RecordingFactory, why_not: Callable[[Path], str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        door.settimeout(0.2)
        address = f"http://127.0.0.1:{door.getsockname()[1]}/film.mp4"
        text = f"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n{address}\n#EXT-X-ENDLIST\n"
        assert why_not(recording_factory.write_file("knocking.mp4", text.encode())) == facts.NOT_A_RECORDING
        with pytest.raises(TimeoutError):
            door.accept()


def test_a_recording_cut_before_its_index_is_no_recording(
    recording_factory: RecordingFactory, why_not: Callable[[Path], str]
) -> None:
    content = recording_factory.video_with_tone().read_bytes()
    assert (
        why_not(recording_factory.write_file("headless.mp4", content[: len(content) // 2]))
        == facts.NOT_A_RECORDING
    )


def test_a_recording_that_is_too_long_is_refused_whatever_its_header_says(
    recording_factory: RecordingFactory, settings: Settings, why_not: Callable[[Path], str]
) -> None:
    settings.UPLOAD_MAX_SECONDS = 1
    long = recording_factory.render(
        "long.webm", "-f", "lavfi", "-i", "sine=duration=5", "-c:a", "libopus", "-f", "webm", "-live", "1"
    )
    assert why_not(long) == facts.too_long_message(1)


def test_the_part_done_is_told_on_the_way(
    recording_factory: RecordingFactory, check: ValidateRecording
) -> None:
    parts: list[float] = []
    check(recording_factory.video_with_tone(), parts.append)
    assert parts == sorted(parts)
    assert parts[-1] == pytest.approx(1, abs=0.1)


def test_nothing_of_the_file_is_left_in_the_sentence(
    recording_factory: RecordingFactory, why_not: Callable[[Path], str]
) -> None:
    """A refusal is shown to people: it is ours, word for word."""
    reason = why_not(recording_factory.write_file("liar.mp4", f"#EXTM3U\n{SECRET}\n".encode()))
    assert SECRET not in reason


def test_an_inspector_that_does_not_start_is_our_fault_and_not_the_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "inspector.py"
    broken.write_text("import nothing_of_that_name")
    monkeypatch.setattr(client, "PROGRAM_PATH", broken)

    with pytest.raises(client.ProbeProgramFailed, match="nothing_of_that_name"):
        client.run_probe_program(["describe"], SandboxMounts(), is_cancelled=lambda: False)
