"""The whole way, with real bytes: from an object in the bucket to a playable video, or to a sentence that says why not."""

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
from media import erasure, pipeline, storage, video_status
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


def test_a_recording_becomes_ready_to_be_watched(bo: User, recording_factory: RecordingFactory) -> None:
    film = recording_factory.video_with_tone(seconds=6, size="640x480")
    video = create_uploaded_video(bo, film, sha256=hashlib.sha256(film.read_bytes()).hexdigest())
    listener = process_and_record(video)
    assert video.status == Video.Status.READY
    assert (video.kind, video.width, video.height, video.has_sound) == ("video", 640, 480, True)
    assert video.duration_ms == pytest.approx(6000, abs=100)
    assert (video.stage, video.percent, video.reason) == ("done", 100, "")
    master = manifest_from_json(video.master)
    assert stored_output_keys(video) == sorted(video.prefix + name for name in master.file_names)
    stages = list(dict.fromkeys(stage for stage, _ in listener.reports))
    assert stages == ["fetching", "checking", "encoding", "storing"]
    percents = [percent for _, percent in listener.reports]
    assert percents == sorted(percents)


def test_preparing_twice_changes_nothing(bo: User, recording_factory: RecordingFactory) -> None:
    video = create_uploaded_video(bo, recording_factory.video_with_tone())
    process_and_record(video)
    before = (video.prefix, video.content_hash, video.updated_at)
    assert process_and_record(video).reports == []
    assert (video.prefix, video.content_hash, video.updated_at) == before


def test_the_place_of_the_derivatives_cannot_be_guessed(
    bo: User, recording_factory: RecordingFactory
) -> None:
    one, other = (
        create_uploaded_video(bo, recording_factory.video_with_tone()),
        create_uploaded_video(bo, recording_factory.video_with_tone()),
    )
    process_and_record(one)
    process_and_record(other)
    tokens = [video.prefix.split("/")[2] for video in (one, other)]
    assert tokens[0] != tokens[1]
    assert all(len(token) == 32 for token in tokens)


def test_sound_alone_becomes_a_story_of_sound(bo: User, recording_factory: RecordingFactory) -> None:
    video = create_uploaded_video(bo, recording_factory.audio_only())
    process_and_record(video)
    assert (video.status, video.kind, video.has_sound, video.width) == ("ready", "audio", True, None)


def test_a_damaged_recording_says_so_and_can_be_watched(
    bo: User, recording_factory: RecordingFactory
) -> None:
    video = create_uploaded_video(bo, recording_factory.truncated_video())
    process_and_record(video)
    assert (video.status, video.reason) == (Video.Status.DAMAGED, MAY_BE_DAMAGED)
    assert video.is_playable


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        (RecordingFactory.unsupported_audio_codec, facts.UNSUPPORTED_AUDIO_CODEC),
        (lambda recording_factory: recording_factory.write("zip.mp4", b"PK\x03\x04"), facts.NOT_A_RECORDING),
    ],
    ids=["unknown sound", "no recording"],
)
def test_what_cannot_be_played_says_why(
    bo: User, recording_factory: RecordingFactory, kind: Callable[[RecordingFactory], Path], sentence: str
) -> None:
    video = create_uploaded_video(bo, kind(recording_factory))
    process_and_record(video)
    assert (video.status, video.reason) == (Video.Status.UNPLAYABLE, sentence)
    assert stored_output_keys(video) == []


def test_bytes_that_changed_on_their_way_are_not_used(bo: User, recording_factory: RecordingFactory) -> None:
    video = create_uploaded_video(bo, recording_factory.video_with_tone(), sha256="0" * 64)
    process_and_record(video)
    assert (video.status, video.reason) == (Video.Status.UNPLAYABLE, pipeline.CHECKSUM_MISMATCH)


@pytest.mark.parametrize("stage", ["fetching", "checking", "encoding", "storing"])
def test_an_attempt_that_lost_its_lease_publishes_nothing_and_the_next_one_does(
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


def test_an_attempt_that_is_cancelled_while_it_checks_leaves_nothing(
    bo: User, recording_factory: RecordingFactory
) -> None:
    video = create_uploaded_video(bo, recording_factory.video_with_tone())
    with pytest.raises(ProcessingCancelled):
        process_and_record(video, ProgressRecorder(cancel_at="checking"))
    assert stored_output_keys(video) == []


@pytest.mark.parametrize("stage", ["encoding", "storing"])
def test_a_cancelled_attempt_leaves_what_can_be_watched_already_and_the_next_one_replaces_it(
    bo: User, recording_factory: RecordingFactory, stage: str
) -> None:
    video = create_uploaded_video(bo, recording_factory.video_with_tone(size="640x480"))
    with pytest.raises(ProcessingCancelled):
        process_and_record(video, ProgressRecorder(cancel_at=stage))
    video.refresh_from_db()
    shown = manifest_from_json(video.master).file_names
    assert set(stored_output_keys(video)) >= {video.prefix + name for name in shown}
    process_and_record(video)
    assert video.status == Video.Status.READY
    assert all(key.startswith(video.prefix) for key in stored_output_keys(video))


def test_an_attempt_whose_video_was_erased_leaves_nothing(
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


def test_the_smallest_size_can_be_watched_while_the_others_are_made(
    bo: User, recording_factory: RecordingFactory
) -> None:
    video = create_uploaded_video(bo, recording_factory.video_with_tone(seconds=6, size="640x480"))
    seen: list[tuple[list[str], int]] = []

    class Viewer(ProgressRecorder):
        def report(self, stage: str, percent: int) -> None:
            super().report(stage, percent)
            now = Video.objects.get(pk=video.pk)
            if stage == "encoding" and not seen:
                assert now.is_playable
                assert not now.is_processed
                names = [one.name for one in manifest_from_json(now.master).renditions]
                seen.append((names, now.duration_ms or 0))
                for name in manifest_from_json(now.master).file_names:
                    assert storage.head_object(now.prefix + name).size > 0

    process_and_record(video, Viewer())
    ((names, duration),) = seen
    assert names == ["v240", "a"]
    assert duration == pytest.approx(6000, abs=100)
    assert [one.name for one in manifest_from_json(video.master).renditions] == ["v480", "v240", "a"]


class PlaybackRecorder(ProgressRecorder):
    """Notes what can be watched of a recording each time its preparation asks whether to go on."""

    def __init__(self, video: Video) -> None:
        super().__init__()
        self.partly_playable_videos: list[Video] = []
        self.watchable_history: list[bool] = []
        self._pk = video.pk

    def is_cancelled(self) -> bool:
        now = Video.objects.get(pk=self._pk)
        self.watchable_history.append(now.can_be_watched)
        if now.can_be_watched and not now.is_playable:
            assert set(map(now.prefix.__add__, manifest_from_json(now.master).file_names)) <= set(
                stored_output_keys(now)
            )
            self.partly_playable_videos.append(now)
        return False


def test_the_beginning_can_be_watched_while_the_rest_is_being_checked(
    bo: User, recording_factory: RecordingFactory
) -> None:
    video = create_uploaded_video(bo, recording_factory.video_with_tone(seconds=40, size="640x480"))
    glances = PlaybackRecorder(video)
    process_and_record(video, glances)
    lengths = [manifest_from_json(now.master).seconds for now in glances.partly_playable_videos]
    assert 0 < lengths[0] < 40
    assert lengths == sorted(lengths)
    assert all(
        now.duration_ms is None and manifest_from_json(now.master).posters == 0
        for now in glances.partly_playable_videos
    )
    assert video.status == Video.Status.READY
    assert stored_output_keys(video) == sorted(
        video.prefix + name for name in manifest_from_json(video.master).file_names
    )


def test_a_store_that_is_away_when_the_beginning_could_be_shown_costs_no_attempt(
    bo: User, recording_factory: RecordingFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    video = create_uploaded_video(bo, recording_factory.video_with_tone(seconds=40, size="640x480"))
    refused: list[str] = []

    def store(path: Path, *, key: str, content_type: str) -> None:
        if not refused:
            refused.append(key)
            raise StoreUnreachable("away for a moment")
        put(path, key=key, content_type=content_type)

    put = storage.put_file
    monkeypatch.setattr(storage, "put_file", store)
    process_and_record(video)
    assert refused
    assert video.status == Video.Status.READY
    assert stored_output_keys(video) == sorted(
        video.prefix + name for name in manifest_from_json(video.master).file_names
    )


def test_of_a_recording_that_is_damaged_further_on_nothing_stays_to_be_watched_until_it_is_known(
    bo: User, recording_factory: RecordingFactory
) -> None:
    film = bytearray(recording_factory.video_with_tone(seconds=40, size="640x480").read_bytes())
    film[len(film) * 3 // 4 : len(film) * 4 // 5] = bytes(len(film) * 4 // 5 - len(film) * 3 // 4)
    video = create_uploaded_video(bo, recording_factory.write_file("damaged.mp4", bytes(film)))
    glances = PlaybackRecorder(video)
    process_and_record(video, glances)
    assert video.status == Video.Status.DAMAGED
    assert [can for can, _ in groupby(glances.watchable_history)] == [False, True, False, True]
    assert stored_output_keys(video) == sorted(
        video.prefix + name for name in manifest_from_json(video.master).file_names
    )


def test_a_recording_that_turns_out_unplayable_can_no_longer_be_watched(
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


def test_what_a_killed_attempt_left_goes_with_the_next(
    bo: User, recording_factory: RecordingFactory, scratch_folder: Path
) -> None:
    video = create_uploaded_video(bo, recording_factory.video_with_tone())
    left = scratch_folder / f"{video.pk}-killed"
    left.mkdir(parents=True)
    (left / "source").write_text("half")
    storage.put_file(
        left / "source", key=f"out/{video.pk}/earlier-token/v240_init.mp4", content_type="video/mp4"
    )
    process_and_record(video)
    assert not left.exists()
    assert all(key.startswith(video.prefix) for key in stored_output_keys(video))


def test_of_two_attempts_at_once_one_publishes(bo: User, recording_factory: RecordingFactory) -> None:
    video = create_uploaded_video(bo, recording_factory.video_with_tone())
    late = Video.objects.get(pk=video.pk)

    class Overtaken(ProgressRecorder):
        def report(self, stage: str, percent: int) -> None:
            super().report(stage, percent)
            if (stage, percent) == ("storing", 99) and not Video.objects.filter(pk=late.pk, status="ready"):
                process_and_record(Video.objects.get(pk=late.pk))

    with pytest.raises(StaleVideo):
        process_and_record(late, Overtaken())
    video.refresh_from_db()
    assert video.status == Video.Status.READY
    assert len({key.split("/")[2] for key in stored_output_keys(video)}) == 1
    assert stored_output_keys(video)[0].startswith(video.prefix)


def test_faults_of_the_store_say_nothing_about_the_recording(
    bo: User, recording_factory: RecordingFactory, settings: Settings
) -> None:
    video = create_uploaded_video(bo, recording_factory.video_with_tone())
    (free,) = ports.pick_free_ports(("store",)).values()
    settings.S3_ENDPOINT = f"http://127.0.0.1:{free}"
    with pytest.raises(StoreUnreachable):
        process_and_record(video)
    video.refresh_from_db()
    assert video.status == Video.Status.PROCESSING


def test_without_walls_nothing_is_opened(
    bo: User, recording_factory: RecordingFactory, settings: Settings
) -> None:
    video = create_uploaded_video(bo, recording_factory.video_with_tone())
    settings.BWRAP, settings.SANDBOX = "/nowhere/bwrap", "required"
    with pytest.raises(SandboxUnavailable):
        process_and_record(video)
    video.refresh_from_db()
    assert video.status == Video.Status.PROCESSING


def test_a_full_disk_is_noticed_before_it_is_full(bo: User, recording_factory: RecordingFactory) -> None:
    video = create_uploaded_video(bo, recording_factory.video_with_tone())
    Upload.objects.filter(pk=video.upload_id).update(size=shutil.disk_usage("/").total)
    with pytest.raises(NotEnoughDiskSpace):
        process_and_record(video)


def test_refusing_says_why_and_spares_what_is_ready(bo: User, recording_factory: RecordingFactory) -> None:
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
    "wrong",
    [
        {"status": "ready"},
        {"status": "unplayable"},
        {"status": "new"},
        {"percent": 101},
        {"kind": "text"},
        {"status": "damaged", "reason": "x"},
    ],
)
def test_the_database_knows_the_rules_of_videos(
    bo: User, recording_factory: RecordingFactory, wrong: dict[str, object]
) -> None:
    video = create_uploaded_video(bo, recording_factory.video_with_tone())
    with pytest.raises(IntegrityError):
        Video.objects.filter(pk=video.pk).update(**wrong)
