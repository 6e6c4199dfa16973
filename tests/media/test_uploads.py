import hashlib
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from config.local import ports
from media import multiparts, parts, storage, tasks, uploads
from media.models import Upload, Video
from media.parts import NoSuchPart
from media.storage import StoreUnreachable
from media.uploads import PartsMissing, UploadClosed, UploadRefused
from tests.media.addresses import put

PART = multiparts.SMALLEST_PART
CONTENT = b"\x00\x01\x02\x03" * (PART // 4) + b"the end"

pytestmark = pytest.mark.usefixtures("bucket")


@pytest.fixture(autouse=True)
def _small_parts(settings: Settings) -> None:
    settings.UPLOAD_PART_BYTES = PART


def begun(owner: User, *, size: int = len(CONTENT)) -> Upload:
    return uploads.begin(owner, file_name="me.mp4", size=size, content_type="video/mp4")


def send(upload: Upload, *numbers: int, content: bytes = CONTENT) -> None:
    """Send parts as a browser does."""
    for address in parts.addresses(upload, numbers):
        start = (address.number - 1) * upload.part_size
        assert put(address.url, content[start : start + address.size]) == 200


def test_a_recording_arrives_in_parts_and_becomes_a_video(bo: User) -> None:
    upload = begun(bo)
    assert upload.part_count == 2
    send(upload, 1, 2)
    video = uploads.complete(upload)
    assert (video.owner, video.upload, video.status) == (bo, upload, Video.Status.STORED)
    assert hashlib.sha256(storage.read(video.upload.key)).digest() == hashlib.sha256(CONTENT).digest()
    upload.refresh_from_db()
    assert upload.state == Upload.State.COMPLETE
    assert upload.completed_at is not None


def test_after_a_reload_the_store_says_what_is_there(bo: User) -> None:
    upload = begun(bo)
    assert parts.arrived(upload) == []
    send(upload, 2)
    assert [part.number for part in parts.arrived(Upload.objects.get(pk=upload.pk))] == [2]
    with pytest.raises(PartsMissing) as missing:
        uploads.complete(upload)
    assert missing.value.numbers == [1]
    send(upload, 1)
    assert uploads.complete(upload).status == Video.Status.STORED


def test_completing_twice_gives_the_same_video(bo: User) -> None:
    upload = begun(bo)
    send(upload, 1, 2)
    assert uploads.complete(upload) == uploads.complete(upload)
    assert Video.objects.count() == 1
    assert parts.arrived(Upload.objects.get(pk=upload.pk)) == []


def test_what_arrives_is_joined_with_the_checksums_it_was_sent_with(bo: User) -> None:
    upload = checking(bo)
    send_checked(upload, CONTENT)
    video = uploads.complete(upload)
    assert storage.read(video.upload.key) == CONTENT
    assert Upload.objects.get().part_sums == {}, "they are of no more use"


def test_a_part_that_another_device_would_have_sent_otherwise_is_asked_for_again(bo: User) -> None:
    upload = checking(bo)
    send_checked(upload, CONTENT)
    parts.addresses(upload, [2], sha256=[hashlib.sha256(b"another").hexdigest()])
    with pytest.raises(PartsMissing) as lacking:
        uploads.complete(upload)
    assert lacking.value.numbers == [1, 2]
    upload.refresh_from_db()
    assert parts.arrived(upload) == []
    send_checked(upload, CONTENT)
    assert storage.read(uploads.complete(upload).upload.key) == CONTENT


def checking(owner: User) -> Upload:
    return uploads.begin(
        owner, file_name="me.mp4", size=len(CONTENT), content_type="video/mp4", checks_parts=True
    )


def send_checked(upload: Upload, content: bytes) -> None:
    pieces = [content[:PART], content[PART:]]
    sums = [hashlib.sha256(piece).hexdigest() for piece in pieces]
    for address, piece in zip(parts.addresses(upload, [1, 2], sha256=sums), pieces, strict=True):
        assert put(address.url, piece, **address.headers) == 200


@pytest.mark.django_db(transaction=True)
def test_completing_from_many_places_at_once_gives_one_video(bo: User) -> None:
    upload = begun(bo)
    send(upload, 1, 2)

    def complete(_: int) -> Video:
        try:
            return uploads.complete(upload)
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        videos = set(pool.map(complete, range(6)))
    assert len(videos) == 1
    assert Video.objects.count() == 1


def test_completing_goes_on_where_an_interrupted_attempt_stopped(bo: User) -> None:
    """The store made the object; the row was never written."""
    upload = begun(bo)
    send(upload, 1, 2)
    multiparts.join(upload.key, upload.multipart_id, parts=parts.arrived(upload))
    assert parts.arrived(upload) == []
    assert uploads.complete(upload).status == Video.Status.STORED


def test_a_multipart_that_vanished_is_to_be_sent_again(bo: User) -> None:
    upload = begun(bo)
    send(upload, 1, 2)
    multiparts.abort(upload.key, upload.multipart_id)
    with pytest.raises(PartsMissing) as missing:
        uploads.complete(upload)
    assert missing.value.numbers == [1, 2]


def test_a_cancelled_upload_leaves_nothing_behind(bo: User) -> None:
    upload = begun(bo)
    send(upload, 1)
    uploads.abort(upload)
    uploads.abort(upload)
    upload.refresh_from_db()
    assert upload.state == Upload.State.ABORTED
    with pytest.raises(storage.NoSuchMultipart):
        multiparts.arrived(upload.key, upload.multipart_id)
    for closed in (uploads.complete, lambda one: parts.addresses(one, [1])):
        with pytest.raises(UploadClosed):
            closed(upload)


def test_cancelling_a_complete_upload_changes_nothing(bo: User) -> None:
    upload = begun(bo)
    send(upload, 1, 2)
    video = uploads.complete(upload)
    uploads.abort(upload)
    assert storage.head(video.upload.key).size == len(CONTENT)
    assert Upload.objects.get(pk=upload.pk).state == Upload.State.COMPLETE


@pytest.mark.parametrize("number", [0, -1, 3])
def test_parts_that_an_upload_does_not_have_get_no_address(bo: User, number: int) -> None:
    with pytest.raises(NoSuchPart):
        parts.addresses(begun(bo), [1, number])


def test_the_last_part_has_what_is_left(bo: User) -> None:
    assert [address.size for address in parts.addresses(begun(bo), [2, 1, 2])] == [PART, 7]


@pytest.mark.parametrize(
    ("words", "field"),
    [
        ({"size": 0}, "size"),
        ({"size": -5}, "size"),
        ({"size": 2 * 1024**3 + 1}, "size"),
        ({"content_type": "text/html"}, "content_type"),
        ({"content_type": ""}, "content_type"),
        ({"content_type": "video/mp4x"}, "content_type"),
        ({"sha256": "abc"}, "sha256"),
    ],
)
def test_what_cannot_be_taken_is_refused_before_the_first_byte(
    bo: User, words: dict[str, object], field: str
) -> None:
    asked = {"file_name": "me.mp4", "size": 10, "content_type": "video/mp4", **words}
    with pytest.raises(UploadRefused) as refused:
        uploads.begin(bo, **asked)  # type: ignore[arg-type]  # one wrong value at a time
    assert refused.value.field == field
    assert refused.value.problem.endswith(".")
    assert refused.value.fix.endswith(".")
    assert Upload.objects.count() == 0


def test_a_recorders_type_may_name_its_codecs(bo: User) -> None:
    upload = uploads.begin(bo, file_name="x", size=9, content_type="video/WebM; codecs=vp9,opus")
    assert upload.content_type == "video/webm"


def test_names_are_kept_for_show_only(bo: User) -> None:
    upload = uploads.begin(
        bo, file_name="C:\\Users\\Bo\\..\\talk\x00\u202e.mp4" + "x" * 300, size=9, content_type="video/mp4"
    )
    assert upload.file_name.startswith("talk.mp4")
    assert len(upload.file_name) <= 255
    assert "talk" not in upload.key


def test_five_uploads_at_once_are_enough(bo: User, sam: User) -> None:
    running = [begun(bo) for _ in range(5)]
    with pytest.raises(UploadRefused, match="under way"):
        begun(bo)
    begun(sam)
    uploads.abort(running[0])
    begun(bo)


@pytest.mark.django_db(transaction=True)
def test_the_limit_holds_for_many_requests_at_once(bo: User) -> None:
    def begin(_: int) -> bool:
        try:
            begun(bo)
        except UploadRefused:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(begin, range(8))) == 5


def test_a_store_that_does_not_answer_takes_no_place(bo: User, settings: Settings) -> None:
    (free,) = ports.pick_free(("store",)).values()
    settings.S3_ENDPOINT = f"http://127.0.0.1:{free}"
    with pytest.raises(StoreUnreachable):
        begun(bo)
    assert Upload.objects.count() == 0


def test_abandoned_uploads_are_swept_and_others_stay(bo: User) -> None:
    old, young, done = begun(bo), begun(bo), begun(bo)
    send(old, 1)
    send(done, 1, 2)
    uploads.complete(done)
    Upload.objects.filter(pk__in=[old.pk, done.pk]).update(created_at=timezone.now() - timedelta(days=2))
    assert uploads.sweep(timedelta(days=1)) == 1
    assert uploads.sweep(timedelta(days=1)) == 0
    states = {upload.pk: upload.state for upload in Upload.objects.all()}
    assert states == {old.pk: "expired", young.pk: "open", done.pk: "complete"}
    with pytest.raises(storage.NoSuchMultipart):
        multiparts.arrived(old.key, old.multipart_id)


def test_the_scheduler_sweeps_what_a_day_has_passed_over(bo: User) -> None:
    upload = begun(bo)
    Upload.objects.filter(pk=upload.pk).update(created_at=timezone.now() - timedelta(hours=25))
    tasks.sweep_uploads_task()
    upload.refresh_from_db()
    assert upload.state == Upload.State.EXPIRED


@pytest.mark.parametrize(
    "wrong",
    [
        {"size": 0},
        {"state": "lost"},
        {"state": "complete"},
        {"completed_at": timezone.now()},
        {"part_size": 0},
    ],
)
def test_the_database_knows_the_rules_of_uploads(bo: User, wrong: dict[str, object]) -> None:
    upload = begun(bo)
    with pytest.raises(IntegrityError):
        Upload.objects.filter(pk=upload.pk).update(**wrong)
