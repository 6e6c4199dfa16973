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
SECRET = "content of another file"


@pytest.fixture
def validate(tmp_path: Path) -> ValidateRecording:
    def validate_file(
        recording: Path, on_progress: Callable[[float], None] | None = None
    ) -> ValidatedRecording:
        out = Path(tempfile.mkdtemp(dir=tmp_path))
        return validation.validate_recording(
            recording, out=out, is_cancelled=lambda: False, on_progress=on_progress
        )

    return validate_file


@pytest.fixture
def rejection_reason(validate: ValidateRecording) -> Callable[[Path], str]:
    def reason_for(recording: Path) -> str:
        with pytest.raises(UnplayableRecording) as rejection:
            validate(recording)
        return rejection.value.reason

    return reason_for


def test_ordinary_recording_is_intact(
    recording_factory: RecordingFactory, validate: ValidateRecording
) -> None:
    validated = validate(recording_factory.video_with_tone())
    assert validated.is_intact
    assert validated.seconds == pytest.approx(2, abs=0.1)
    assert validated.plan.audio is not None
    assert -8 < validated.plan.audio.gain_db < 12


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
def test_unusual_valid_recordings_are_intact(
    recording_factory: RecordingFactory, kind: Callable[[RecordingFactory], Path], validate: ValidateRecording
) -> None:
    assert validate(kind(recording_factory)).is_intact


def test_browser_recording_without_header_duration_is_measured(
    recording_factory: RecordingFactory, validate: ValidateRecording
) -> None:
    validated = validate(recording_factory.browser_recording())
    assert validated.probe.header_seconds is None
    assert validated.seconds == pytest.approx(2, abs=0.2)


@pytest.mark.parametrize(
    "kind",
    [RecordingFactory.truncated_video, RecordingFactory.corrupted_video],
    ids=lambda kind: str(kind.__name__),
)
def test_damaged_recording_is_accepted_but_not_intact(
    recording_factory: RecordingFactory, kind: Callable[[RecordingFactory], Path], validate: ValidateRecording
) -> None:
    assert not validate(kind(recording_factory)).is_intact


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
def test_unsupported_recording_is_rejected_with_a_reason(
    recording_factory: RecordingFactory,
    kind: Callable[[RecordingFactory], Path],
    sentence: str,
    rejection_reason: Callable[[Path], str],
) -> None:
    assert rejection_reason(kind(recording_factory)) == sentence


@pytest.mark.parametrize("kind", ["png", "jpg", "gif"])
def test_image_with_a_video_file_name_is_rejected(
    recording_factory: RecordingFactory, kind: str, rejection_reason: Callable[[Path], str]
) -> None:
    renamed = recording_factory.write_file(f"{kind}.mp4", recording_factory.still_image(kind).read_bytes())
    assert rejection_reason(renamed) == facts.NOT_A_RECORDING


@pytest.mark.parametrize(
    "content", [b"", b"\x00", b"\x00" * 100_000, b"PK\x03\x04 a zip", b"%PDF-1.7", b"ftypmp42" * 99]
)
def test_other_content_is_rejected(
    recording_factory: RecordingFactory, content: bytes, rejection_reason: Callable[[Path], str]
) -> None:
    assert rejection_reason(recording_factory.write_file("nothing.mp4", content)) == facts.NOT_A_RECORDING


@pytest.mark.parametrize(
    "kind",
    [
        RecordingFactory.disguised_hls_playlist,
        RecordingFactory.disguised_concat_script,
        RecordingFactory.disguised_dash_manifest,
    ],
    ids=lambda kind: str(kind.__name__),
)
def test_disguised_playlist_cannot_read_another_file(
    recording_factory: RecordingFactory,
    tmp_path: Path,
    kind: Callable[[RecordingFactory, Path], Path],
    rejection_reason: Callable[[Path], str],
) -> None:
    target = tmp_path / "target.mp4"
    target.write_bytes(recording_factory.video_with_tone().read_bytes())
    assert rejection_reason(kind(recording_factory, target)) == facts.NOT_A_RECORDING


def test_disguised_playlist_cannot_open_a_connection(
    recording_factory: RecordingFactory, rejection_reason: Callable[[Path], str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        url = f"http://127.0.0.1:{server.getsockname()[1]}/film.mp4"
        text = f"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n{url}\n#EXT-X-ENDLIST\n"
        assert (
            rejection_reason(recording_factory.write_file("connecting.mp4", text.encode()))
            == facts.NOT_A_RECORDING
        )
        with pytest.raises(TimeoutError):
            server.accept()


def test_mp4_without_its_index_is_rejected(
    recording_factory: RecordingFactory, rejection_reason: Callable[[Path], str]
) -> None:
    content = recording_factory.video_with_tone().read_bytes()
    assert (
        rejection_reason(recording_factory.write_file("headless.mp4", content[: len(content) // 2]))
        == facts.NOT_A_RECORDING
    )


def test_recording_over_the_time_limit_is_rejected_without_trusting_its_header(
    recording_factory: RecordingFactory, settings: Settings, rejection_reason: Callable[[Path], str]
) -> None:
    settings.UPLOAD_MAX_SECONDS = 1
    long_recording = recording_factory.render(
        "long.webm", "-f", "lavfi", "-i", "sine=duration=5", "-c:a", "libopus", "-f", "webm", "-live", "1"
    )
    assert rejection_reason(long_recording) == facts.too_long_message(1)


def test_progress_rises_to_one(recording_factory: RecordingFactory, validate: ValidateRecording) -> None:
    progress: list[float] = []
    validate(recording_factory.video_with_tone(), progress.append)
    assert progress == sorted(progress)
    assert progress[-1] == pytest.approx(1, abs=0.1)


def test_rejection_reason_contains_nothing_from_the_file(
    recording_factory: RecordingFactory, rejection_reason: Callable[[Path], str]
) -> None:
    reason = rejection_reason(recording_factory.write_file("playlist.mp4", f"#EXTM3U\n{SECRET}\n".encode()))
    assert SECRET not in reason


def test_probe_program_that_does_not_start_is_not_blamed_on_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "program.py"
    broken.write_text("import nothing_of_that_name")
    monkeypatch.setattr(client, "PROGRAM_PATH", broken)

    with pytest.raises(client.ProbeProgramFailed, match="nothing_of_that_name"):
        client.run_probe_program(["describe"], SandboxMounts(), is_cancelled=lambda: False)
