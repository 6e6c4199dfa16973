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
from config.local import ports
from media import erasing, probe, processing, storage, versions
from media.models import Upload, Video
from media.playlists import from_json
from media.processing import ProcessingCancelled
from media.sandbox import SandboxUnavailable
from media.storage import StoreUnreachable
from media.versions import MAY_BE_DAMAGED, VideoMovedOn
from media.workplaces import NoRoom
from tests.media.arrivals import LeaseTaken, Listener, arrived, process
from tests.media.films import Studio

pytestmark = pytest.mark.usefixtures("bucket", "scratch")


def derivatives(video: Video) -> list[str]:
    return list(storage.list_keys(f"out/{video.pk}/"))


def test_a_recording_becomes_ready_to_be_watched(bo: User, studio: Studio) -> None:
    film = studio.talk(seconds=6, size="640x480")
    video = arrived(bo, film, sha256=hashlib.sha256(film.read_bytes()).hexdigest())
    listener = process(video)
    assert video.status == Video.Status.READY
    assert (video.kind, video.width, video.height, video.has_sound) == ("video", 640, 480, True)
    assert video.duration_ms == pytest.approx(6000, abs=100)
    assert (video.stage, video.percent, video.reason) == ("done", 100, "")
    master = from_json(video.master)
    assert derivatives(video) == sorted(video.prefix + name for name in master.files)
    stages = list(dict.fromkeys(stage for stage, _ in listener.heard))
    assert stages == ["fetching", "checking", "encoding", "storing"]
    percents = [percent for _, percent in listener.heard]
    assert percents == sorted(percents)


def test_preparing_twice_changes_nothing(bo: User, studio: Studio) -> None:
    video = arrived(bo, studio.talk())
    process(video)
    before = (video.prefix, video.content_hash, video.updated_at)
    assert process(video).heard == []
    assert (video.prefix, video.content_hash, video.updated_at) == before


def test_the_place_of_the_derivatives_cannot_be_guessed(bo: User, studio: Studio) -> None:
    one, other = arrived(bo, studio.talk()), arrived(bo, studio.talk())
    process(one)
    process(other)
    tokens = [video.prefix.split("/")[2] for video in (one, other)]
    assert tokens[0] != tokens[1]
    assert all(len(token) == 32 for token in tokens)


def test_sound_alone_becomes_a_story_of_sound(bo: User, studio: Studio) -> None:
    video = arrived(bo, studio.sound_only())
    process(video)
    assert (video.status, video.kind, video.has_sound, video.width) == ("ready", "audio", True, None)


def test_a_damaged_recording_says_so_and_can_be_watched(bo: User, studio: Studio) -> None:
    video = arrived(bo, studio.cut_off())
    process(video)
    assert (video.status, video.reason) == (Video.Status.DAMAGED, MAY_BE_DAMAGED)
    assert video.is_playable


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        (Studio.unknown_sound, probe.UNKNOWN_VOICE),
        (lambda studio: studio.write("zip.mp4", b"PK\x03\x04"), probe.NOT_A_RECORDING),
    ],
    ids=["unknown sound", "no recording"],
)
def test_what_cannot_be_played_says_why(
    bo: User, studio: Studio, kind: Callable[[Studio], Path], sentence: str
) -> None:
    video = arrived(bo, kind(studio))
    process(video)
    assert (video.status, video.reason) == (Video.Status.UNPLAYABLE, sentence)
    assert derivatives(video) == []


def test_bytes_that_changed_on_their_way_are_not_used(bo: User, studio: Studio) -> None:
    video = arrived(bo, studio.talk(), sha256="0" * 64)
    process(video)
    assert (video.status, video.reason) == (Video.Status.UNPLAYABLE, processing.NOT_WHAT_WAS_SENT)


@pytest.mark.parametrize("stage", ["fetching", "checking", "encoding", "storing"])
def test_an_attempt_that_lost_its_lease_publishes_nothing_and_the_next_one_does(
    bo: User, studio: Studio, stage: str
) -> None:
    video = arrived(bo, studio.talk(size="640x480"))
    with pytest.raises(LeaseTaken):
        process(video, Listener(lose_at=stage))
    video.refresh_from_db()
    assert video.status == Video.Status.PROCESSING
    process(video)
    assert video.status == Video.Status.READY
    assert all(key.startswith(video.prefix) for key in derivatives(video))


def test_an_attempt_that_is_cancelled_while_it_checks_leaves_nothing(bo: User, studio: Studio) -> None:
    video = arrived(bo, studio.talk())
    with pytest.raises(ProcessingCancelled):
        process(video, Listener(cancel_at="checking"))
    assert derivatives(video) == []


@pytest.mark.parametrize("stage", ["encoding", "storing"])
def test_a_cancelled_attempt_leaves_what_can_be_watched_already_and_the_next_one_replaces_it(
    bo: User, studio: Studio, stage: str
) -> None:
    video = arrived(bo, studio.talk(size="640x480"))
    with pytest.raises(ProcessingCancelled):
        process(video, Listener(cancel_at=stage))
    video.refresh_from_db()
    shown = from_json(video.master).files
    assert set(derivatives(video)) >= {video.prefix + name for name in shown}
    process(video)
    assert video.status == Video.Status.READY
    assert all(key.startswith(video.prefix) for key in derivatives(video))


def test_an_attempt_whose_video_was_erased_leaves_nothing(bo: User, studio: Studio) -> None:
    video = arrived(bo, studio.talk(size="640x480"))

    class Erased(Listener):
        def report(self, stage: str, percent: int) -> None:
            super().report(stage, percent)
            if stage == "encoding":
                erasing.erase(video)

    with pytest.raises(ProcessingCancelled):
        process(video, Erased(cancel_at="encoding"))
    assert derivatives(video) == []


def test_the_smallest_size_can_be_watched_while_the_others_are_made(bo: User, studio: Studio) -> None:
    video = arrived(bo, studio.talk(seconds=6, size="640x480"))
    seen: list[tuple[list[str], int]] = []

    class Viewer(Listener):
        def report(self, stage: str, percent: int) -> None:
            super().report(stage, percent)
            now = Video.objects.get(pk=video.pk)
            if stage == "encoding" and not seen:
                assert now.is_playable
                assert not now.is_prepared
                names = [one.name for one in from_json(now.master).renditions]
                seen.append((names, now.duration_ms or 0))
                for name in from_json(now.master).files:
                    assert storage.head(now.prefix + name).size > 0

    process(video, Viewer())
    ((names, duration),) = seen
    assert names == ["v240", "a"]
    assert duration == pytest.approx(6000, abs=100)
    assert [one.name for one in from_json(video.master).renditions] == ["v480", "v240", "a"]


class Glances(Listener):
    """Notes what can be watched of a recording each time its preparation asks whether to go on."""

    def __init__(self, video: Video) -> None:
        super().__init__()
        self.seen: list[Video] = []
        self.whether: list[bool] = []
        self._pk = video.pk

    def cancelled(self) -> bool:
        now = Video.objects.get(pk=self._pk)
        self.whether.append(now.can_be_watched)
        if now.can_be_watched and not now.is_playable:
            assert set(map(now.prefix.__add__, from_json(now.master).files)) <= set(derivatives(now))
            self.seen.append(now)
        return False


def test_the_beginning_can_be_watched_while_the_rest_is_being_checked(bo: User, studio: Studio) -> None:
    video = arrived(bo, studio.talk(seconds=40, size="640x480"))
    glances = Glances(video)
    process(video, glances)
    lengths = [from_json(now.master).seconds for now in glances.seen]
    assert 0 < lengths[0] < 40
    assert lengths == sorted(lengths)
    assert all(now.duration_ms is None and from_json(now.master).posters == 0 for now in glances.seen)
    assert video.status == Video.Status.READY
    assert derivatives(video) == sorted(video.prefix + name for name in from_json(video.master).files)


def test_a_store_that_is_away_when_the_beginning_could_be_shown_costs_no_attempt(
    bo: User, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    video = arrived(bo, studio.talk(seconds=40, size="640x480"))
    refused: list[str] = []

    def store(path: Path, *, key: str, content_type: str) -> None:
        if not refused:
            refused.append(key)
            raise StoreUnreachable("away for a moment")
        put(path, key=key, content_type=content_type)

    put = storage.store
    monkeypatch.setattr(storage, "store", store)
    process(video)
    assert refused
    assert video.status == Video.Status.READY
    assert derivatives(video) == sorted(video.prefix + name for name in from_json(video.master).files)


def test_of_a_recording_that_is_damaged_further_on_nothing_stays_to_be_watched_until_it_is_known(
    bo: User, studio: Studio
) -> None:
    film = bytearray(studio.talk(seconds=40, size="640x480").read_bytes())
    film[len(film) * 3 // 4 : len(film) * 4 // 5] = bytes(len(film) * 4 // 5 - len(film) * 3 // 4)
    video = arrived(bo, studio.write("damaged.mp4", bytes(film)))
    glances = Glances(video)
    process(video, glances)
    assert video.status == Video.Status.DAMAGED
    assert [can for can, _ in groupby(glances.whether)] == [False, True, False, True]
    assert derivatives(video) == sorted(video.prefix + name for name in from_json(video.master).files)


def test_a_recording_that_turns_out_unplayable_can_no_longer_be_watched(bo: User, studio: Studio) -> None:
    video = arrived(bo, studio.talk(size="640x480"))
    with pytest.raises(ProcessingCancelled):
        process(video, Listener(cancel_at="encoding"))
    storage.delete_prefix(f"raw/{video.upload_id}/")
    storage.store(studio.write("zip.mp4", b"PK\x03\x04"), key=video.upload.key, content_type="video/mp4")
    process(video)
    assert (video.status, video.prefix, video.is_playable) == (Video.Status.UNPLAYABLE, "", False)
    assert derivatives(video) == []


def test_what_a_killed_attempt_left_goes_with_the_next(bo: User, studio: Studio, scratch: Path) -> None:
    video = arrived(bo, studio.talk())
    left = scratch / f"{video.pk}-killed"
    left.mkdir(parents=True)
    (left / "source").write_text("half")
    storage.store(
        left / "source", key=f"out/{video.pk}/earlier-token/v240_init.mp4", content_type="video/mp4"
    )
    process(video)
    assert not left.exists()
    assert all(key.startswith(video.prefix) for key in derivatives(video))


def test_of_two_attempts_at_once_one_publishes(bo: User, studio: Studio) -> None:
    video = arrived(bo, studio.talk())
    late = Video.objects.get(pk=video.pk)

    class Overtaken(Listener):
        def report(self, stage: str, percent: int) -> None:
            super().report(stage, percent)
            if (stage, percent) == ("storing", 99) and not Video.objects.filter(pk=late.pk, status="ready"):
                process(Video.objects.get(pk=late.pk))

    with pytest.raises(VideoMovedOn):
        process(late, Overtaken())
    video.refresh_from_db()
    assert video.status == Video.Status.READY
    assert len({key.split("/")[2] for key in derivatives(video)}) == 1
    assert derivatives(video)[0].startswith(video.prefix)


def test_faults_of_the_store_say_nothing_about_the_recording(
    bo: User, studio: Studio, settings: Settings
) -> None:
    video = arrived(bo, studio.talk())
    (free,) = ports.pick_free(("store",)).values()
    settings.S3_ENDPOINT = f"http://127.0.0.1:{free}"
    with pytest.raises(StoreUnreachable):
        process(video)
    video.refresh_from_db()
    assert video.status == Video.Status.PROCESSING


def test_without_walls_nothing_is_opened(bo: User, studio: Studio, settings: Settings) -> None:
    video = arrived(bo, studio.talk())
    settings.BWRAP, settings.SANDBOX = "/nowhere/bwrap", "required"
    with pytest.raises(SandboxUnavailable):
        process(video)
    video.refresh_from_db()
    assert video.status == Video.Status.PROCESSING


def test_a_full_disk_is_noticed_before_it_is_full(bo: User, studio: Studio) -> None:
    video = arrived(bo, studio.talk())
    Upload.objects.filter(pk=video.upload_id).update(size=shutil.disk_usage("/").total)
    with pytest.raises(NoRoom):
        process(video)


def test_refusing_says_why_and_spares_what_is_ready(bo: User, studio: Studio) -> None:
    stuck, ready = arrived(bo, studio.talk()), arrived(bo, studio.talk())
    process(ready)
    for video in (stuck, ready):
        versions.refuse(video, "We tried three times.")
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
def test_the_database_knows_the_rules_of_videos(bo: User, studio: Studio, wrong: dict[str, object]) -> None:
    video = arrived(bo, studio.talk())
    with pytest.raises(IntegrityError):
        Video.objects.filter(pk=video.pk).update(**wrong)
