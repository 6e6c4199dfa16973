"""Tests of the processing pipeline with real files and a real object store."""

import hashlib
import shutil
from collections.abc import Callable
from itertools import groupby
from pathlib import Path

import pytest
from django.db import IntegrityError
from pytest_django import Settings

from accounts.models import User
from devstack.servers import ports
from media import erasure, pipeline, sandbox, storage, video_status
from media.models import Upload, Video
from media.pipeline import ProcessingCancelled
from media.playback.playlists import manifest_from_json
from media.probing import facts
from media.sandbox import SandboxUnavailable
from media.scratch import NotEnoughDiskSpace
from media.storage import StoreUnreachable
from media.video_status import MAY_BE_DAMAGED, StaleVideo
from tests.media.sample_recordings import RecordingFactory
from tests.media.uploaded_videos import (
    LeaseTakenOver,
    ProgressRecorder,
    create_uploaded_video,
    process_and_record,
)

pytestmark = pytest.mark.usefixtures("bucket", "scratch_folder")


def stored_output_keys(video: Video) -> list[str]:
    return list(storage.list_keys(f"out/{video.pk}/"))


def test_processing_publishes_all_renditions_and_reports_increasing_progress(
    bo: User, recording_factory: RecordingFactory
) -> None:
    recording = recording_factory.video_with_tone(seconds=6, size="640x480")
    video = create_uploaded_video(bo, recording, sha256=hashlib.sha256(recording.read_bytes()).hexdigest())
    listener = process_and_record(video)
    assert video.status == Video.Status.READY
    assert (video.kind, video.width, video.height, video.has_sound) == ("video", 640, 480, True)
    assert video.duration_ms == pytest.approx(6000, abs=100)
    assert (video.stage, video.percent, video.reason) == ("done", 100, "")
    manifest = manifest_from_json(video.master)
    assert stored_output_keys(video) == sorted(video.prefix + name for name in manifest.file_names)
    stages = list(dict.fromkeys(stage for stage, _ in listener.reports))
    assert stages == ["fetching", "checking", "encoding", "storing"]
    percents = [percent for _, percent in listener.reports]
    assert percents == sorted(percents)


def test_processing_a_ready_video_again_changes_nothing(
    bo: User, recording_factory: RecordingFactory
) -> None:
    video = create_uploaded_video(bo, recording_factory.video_with_tone())
    process_and_record(video)
    before = (video.prefix, video.content_hash, video.updated_at)
    assert process_and_record(video).reports == []
    assert (video.prefix, video.content_hash, video.updated_at) == before


def test_output_prefix_contains_an_unguessable_token(bo: User, recording_factory: RecordingFactory) -> None:
    first, second = (
        create_uploaded_video(bo, recording_factory.video_with_tone()),
        create_uploaded_video(bo, recording_factory.video_with_tone()),
    )
    process_and_record(first)
    process_and_record(second)
    tokens = [video.prefix.split("/")[2] for video in (first, second)]
    assert tokens[0] != tokens[1]
    assert all(len(token) == 32 for token in tokens)


def test_audio_only_recording_becomes_an_audio_video(bo: User, recording_factory: RecordingFactory) -> None:
    video = create_uploaded_video(bo, recording_factory.audio_only())
    process_and_record(video)
    assert (video.status, video.kind, video.has_sound, video.width) == ("ready", "audio", True, None)


def test_damaged_recording_is_playable_with_a_warning(bo: User, recording_factory: RecordingFactory) -> None:
    video = create_uploaded_video(bo, recording_factory.truncated_video())
    process_and_record(video)
    assert (video.status, video.reason) == (Video.Status.DAMAGED, str(MAY_BE_DAMAGED))
    assert video.is_playable


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        (RecordingFactory.unsupported_audio_codec, facts.UNSUPPORTED_AUDIO_CODEC),
        (
            lambda recording_factory: recording_factory.write_file("zip.mp4", b"PK\x03\x04"),
            facts.NOT_A_RECORDING,
        ),
    ],
    ids=["unsupported audio codec", "not a recording"],
)
def test_unplayable_recording_gets_a_reason_and_no_output(
    bo: User, recording_factory: RecordingFactory, kind: Callable[[RecordingFactory], Path], sentence: str
) -> None:
    video = create_uploaded_video(bo, kind(recording_factory))
    process_and_record(video)
    assert (video.status, video.reason) == (Video.Status.UNPLAYABLE, sentence)
    assert stored_output_keys(video) == []


def test_upload_with_a_wrong_checksum_is_rejected(bo: User, recording_factory: RecordingFactory) -> None:
    video = create_uploaded_video(bo, recording_factory.video_with_tone(), sha256="0" * 64)
    process_and_record(video)
    assert (video.status, video.reason) == (Video.Status.UNPLAYABLE, str(pipeline.CHECKSUM_MISMATCH))


@pytest.mark.parametrize("stage", ["fetching", "checking", "encoding", "storing"])
def test_attempt_without_its_lease_publishes_nothing_and_the_next_attempt_succeeds(
    bo: User, recording_factory: RecordingFactory, stage: str
) -> None:
    video = create_uploaded_video(bo, recording_factory.video_with_tone(size="640x480"))
    with pytest.raises(LeaseTakenOver):
        process_and_record(video, ProgressRecorder(lose_lease_at=stage))
    video.refresh_from_db()
    assert video.status == Video.Status.PROCESSING
    process_and_record(video)
    assert video.status == Video.Status.READY
    assert all(key.startswith(video.prefix) for key in stored_output_keys(video))


def test_cancelling_during_validation_leaves_no_output(bo: User, recording_factory: RecordingFactory) -> None:
    video = create_uploaded_video(bo, recording_factory.video_with_tone())
    with pytest.raises(ProcessingCancelled):
        process_and_record(video, ProgressRecorder(cancel_at="checking"))
    assert stored_output_keys(video) == []


@pytest.mark.parametrize("stage", ["encoding", "storing"])
def test_cancelling_keeps_the_published_preview_until_the_next_attempt_replaces_it(
    bo: User, recording_factory: RecordingFactory, stage: str
) -> None:
    video = create_uploaded_video(bo, recording_factory.video_with_tone(size="640x480"))
    with pytest.raises(ProcessingCancelled):
        process_and_record(video, ProgressRecorder(cancel_at=stage))
    video.refresh_from_db()
    published_names = manifest_from_json(video.master).file_names
    assert set(stored_output_keys(video)) >= {video.prefix + name for name in published_names}
    process_and_record(video)
    assert video.status == Video.Status.READY
    assert all(key.startswith(video.prefix) for key in stored_output_keys(video))


def test_erasing_a_video_during_processing_leaves_no_output(
    bo: User, recording_factory: RecordingFactory
) -> None:
    video = create_uploaded_video(bo, recording_factory.video_with_tone(size="640x480"))

    class Erased(ProgressRecorder):
        def report(self, stage: str, percent: int) -> None:
            super().report(stage, percent)
            if stage == "encoding":
                erasure.erase_video(video)

    with pytest.raises(ProcessingCancelled):
        process_and_record(video, Erased(cancel_at="encoding"))
    assert stored_output_keys(video) == []


def test_first_version_is_playable_while_higher_renditions_are_encoded(
    bo: User, recording_factory: RecordingFactory
) -> None:
    video = create_uploaded_video(bo, recording_factory.video_with_tone(seconds=6, size="640x480"))
    first_versions: list[tuple[list[str], int]] = []

    class Viewer(ProgressRecorder):
        def report(self, stage: str, percent: int) -> None:
            super().report(stage, percent)
            current = Video.objects.get(pk=video.pk)
            if stage == "encoding" and not first_versions:
                assert current.is_playable
                assert not current.is_processed
                names = [rendition.name for rendition in manifest_from_json(current.master).renditions]
                first_versions.append((names, current.duration_ms or 0))
                for name in manifest_from_json(current.master).file_names:
                    assert storage.head_object(current.prefix + name).size > 0

    process_and_record(video, Viewer())
    ((names, duration),) = first_versions
    assert names == ["v240", "a"]
    assert duration == pytest.approx(6000, abs=100)
    assert [rendition.name for rendition in manifest_from_json(video.master).renditions] == [
        "v480",
        "v240",
        "a",
    ]


class PlaybackRecorder(ProgressRecorder):
    """Records what can be watched of a video whenever processing polls for cancellation."""

    def __init__(self, video: Video) -> None:
        super().__init__()
        self.partly_playable_videos: list[Video] = []
        self.watchable_history: list[bool] = []
        self._pk = video.pk

    def is_cancelled(self) -> bool:
        current = Video.objects.get(pk=self._pk)
        self.watchable_history.append(current.can_be_watched)
        if current.can_be_watched and not current.is_playable:
            assert set(map(current.prefix.__add__, manifest_from_json(current.master).file_names)) <= set(
                stored_output_keys(current)
            )
            self.partly_playable_videos.append(current)
        return False


@pytest.fixture
def frequent_polls(monkeypatch: pytest.MonkeyPatch) -> None:
    """Poll often enough to see each state of a short recording, however fast the machine encodes it."""
    monkeypatch.setattr(sandbox, "POLL_SECONDS", 0.02)


@pytest.mark.usefixtures("frequent_polls")
def test_preview_grows_while_validation_runs(bo: User, recording_factory: RecordingFactory) -> None:
    video = create_uploaded_video(bo, recording_factory.video_with_tone(seconds=40, size="640x480"))
    recorder = PlaybackRecorder(video)
    process_and_record(video, recorder)
    preview_seconds = [
        manifest_from_json(preview.master).seconds for preview in recorder.partly_playable_videos
    ]
    assert 0 < preview_seconds[0] < 40
    assert preview_seconds == sorted(preview_seconds)
    assert all(
        preview.duration_ms is None and manifest_from_json(preview.master).posters == 0
        for preview in recorder.partly_playable_videos
    )
    assert video.status == Video.Status.READY
    assert stored_output_keys(video) == sorted(
        video.prefix + name for name in manifest_from_json(video.master).file_names
    )


def test_unreachable_store_during_a_preview_does_not_fail_processing(
    bo: User, recording_factory: RecordingFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    video = create_uploaded_video(bo, recording_factory.video_with_tone(seconds=40, size="640x480"))
    failed_keys: list[str] = []

    def store(path: Path, *, key: str, content_type: str) -> None:
        if not failed_keys:
            failed_keys.append(key)
            raise StoreUnreachable("unreachable for a moment")
        put_file(path, key=key, content_type=content_type)

    put_file = storage.put_file
    monkeypatch.setattr(storage, "put_file", store)
    process_and_record(video)
    assert failed_keys
    assert video.status == Video.Status.READY
    assert stored_output_keys(video) == sorted(
        video.prefix + name for name in manifest_from_json(video.master).file_names
    )


@pytest.mark.usefixtures("frequent_polls")
def test_preview_is_withdrawn_when_damage_is_found_and_returns_after_recovery(
    bo: User, recording_factory: RecordingFactory
) -> None:
    content = bytearray(recording_factory.video_with_tone(seconds=40, size="640x480").read_bytes())
    content[len(content) * 3 // 4 : len(content) * 4 // 5] = bytes(
        len(content) * 4 // 5 - len(content) * 3 // 4
    )
    video = create_uploaded_video(bo, recording_factory.write_file("damaged.mp4", bytes(content)))
    recorder = PlaybackRecorder(video)
    process_and_record(video, recorder)
    assert video.status == Video.Status.DAMAGED
    assert [is_watchable for is_watchable, _ in groupby(recorder.watchable_history)] == [
        False,
        True,
        False,
        True,
    ]
    assert stored_output_keys(video) == sorted(
        video.prefix + name for name in manifest_from_json(video.master).file_names
    )


def test_preview_of_an_unplayable_recording_is_withdrawn(
    bo: User, recording_factory: RecordingFactory
) -> None:
    video = create_uploaded_video(bo, recording_factory.video_with_tone(size="640x480"))
    with pytest.raises(ProcessingCancelled):
        process_and_record(video, ProgressRecorder(cancel_at="encoding"))
    storage.delete_prefix(f"raw/{video.upload_id}/")
    storage.put_file(
        recording_factory.write_file("zip.mp4", b"PK\x03\x04"), key=video.upload.key, content_type="video/mp4"
    )
    process_and_record(video)
    assert (video.status, video.prefix, video.is_playable) == (Video.Status.UNPLAYABLE, "", False)
    assert stored_output_keys(video) == []


def test_next_attempt_deletes_files_of_a_killed_attempt(
    bo: User, recording_factory: RecordingFactory, scratch_folder: Path
) -> None:
    video = create_uploaded_video(bo, recording_factory.video_with_tone())
    leftover = scratch_folder / f"{video.pk}-killed"
    leftover.mkdir(parents=True)
    (leftover / "source").write_text("half")
    storage.put_file(
        leftover / "source", key=f"out/{video.pk}/earlier-token/v240_init.mp4", content_type="video/mp4"
    )
    process_and_record(video)
    assert not leftover.exists()
    assert all(key.startswith(video.prefix) for key in stored_output_keys(video))


def test_only_one_of_two_concurrent_attempts_publishes(bo: User, recording_factory: RecordingFactory) -> None:
    video = create_uploaded_video(bo, recording_factory.video_with_tone())
    stale_video = Video.objects.get(pk=video.pk)

    class Overtaken(ProgressRecorder):
        def report(self, stage: str, percent: int) -> None:
            super().report(stage, percent)
            if (stage, percent) == ("storing", 99) and not Video.objects.filter(
                pk=stale_video.pk, status="ready"
            ):
                process_and_record(Video.objects.get(pk=stale_video.pk))

    with pytest.raises(StaleVideo):
        process_and_record(stale_video, Overtaken())
    video.refresh_from_db()
    assert video.status == Video.Status.READY
    assert len({key.split("/")[2] for key in stored_output_keys(video)}) == 1
    assert stored_output_keys(video)[0].startswith(video.prefix)


def test_unreachable_store_leaves_the_video_in_processing(
    bo: User, recording_factory: RecordingFactory, settings: Settings
) -> None:
    video = create_uploaded_video(bo, recording_factory.video_with_tone())
    (unused_port,) = ports.pick_free_ports(("store",)).values()
    settings.S3_ENDPOINT = f"http://127.0.0.1:{unused_port}"
    with pytest.raises(StoreUnreachable):
        process_and_record(video)
    video.refresh_from_db()
    assert video.status == Video.Status.PROCESSING


def test_missing_sandbox_leaves_the_video_in_processing(
    bo: User, recording_factory: RecordingFactory, settings: Settings
) -> None:
    video = create_uploaded_video(bo, recording_factory.video_with_tone())
    settings.BWRAP, settings.SANDBOX = "/nowhere/bwrap", "required"
    with pytest.raises(SandboxUnavailable):
        process_and_record(video)
    video.refresh_from_db()
    assert video.status == Video.Status.PROCESSING


def test_insufficient_disk_space_is_detected_before_the_download(
    bo: User, recording_factory: RecordingFactory
) -> None:
    video = create_uploaded_video(bo, recording_factory.video_with_tone())
    Upload.objects.filter(pk=video.upload_id).update(size=shutil.disk_usage("/").total)
    with pytest.raises(NotEnoughDiskSpace):
        process_and_record(video)


def test_mark_unplayable_saves_the_reason_and_ignores_ready_videos(
    bo: User, recording_factory: RecordingFactory
) -> None:
    stuck, ready = (
        create_uploaded_video(bo, recording_factory.video_with_tone()),
        create_uploaded_video(bo, recording_factory.video_with_tone()),
    )
    process_and_record(ready)
    for video in (stuck, ready):
        video_status.mark_unplayable(video, "We tried three times.")
    assert (stuck.status, stuck.reason) == (Video.Status.UNPLAYABLE, "We tried three times.")
    assert (ready.status, ready.reason) == (Video.Status.READY, "")


@pytest.mark.parametrize(
    "inconsistent_fields",
    [
        {"status": "ready"},
        {"status": "unplayable"},
        {"status": "new"},
        {"percent": 101},
        {"kind": "text"},
        {"status": "damaged", "reason": "x"},
    ],
)
def test_database_constraints_reject_inconsistent_videos(
    bo: User, recording_factory: RecordingFactory, inconsistent_fields: dict[str, object]
) -> None:
    video = create_uploaded_video(bo, recording_factory.video_with_tone())
    with pytest.raises(IntegrityError):
        Video.objects.filter(pk=video.pk).update(**inconsistent_fields)
