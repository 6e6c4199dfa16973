import hashlib
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from devstack.servers import ports
from media import storage, tasks
from media.models import Upload, Video
from media.storage import StoreUnreachable
from media.uploads import parts, s3_multipart, sessions
from media.uploads.parts import NoSuchPart
from media.uploads.sessions import PartsMissing, UploadClosed, UploadRefused
from tests.media.presigned_urls import put_bytes

PART_BYTES = s3_multipart.MIN_PART_BYTES
CONTENT = b"\x00\x01\x02\x03" * (PART_BYTES // 4) + b"the end"

pytestmark = pytest.mark.usefixtures("bucket")


@pytest.fixture(autouse=True)
def _small_parts(settings: Settings) -> None:
    settings.UPLOAD_PART_BYTES = PART_BYTES


def start_test_upload(owner: User, *, size: int = len(CONTENT)) -> Upload:
    return sessions.start_upload(owner, file_name="me.mp4", size=size, content_type="video/mp4")


def send_parts(upload: Upload, *numbers: int, content: bytes = CONTENT) -> None:
    """Send parts as a browser does."""
    for address in parts.create_part_urls(upload, numbers):
        start = (address.number - 1) * upload.part_size
        assert put_bytes(address.url, content[start : start + address.size]) == 200


def test_a_recording_arrives_in_parts_and_becomes_a_video(bo: User) -> None:
    upload = start_test_upload(bo)
    assert upload.part_count == 2
    send_parts(upload, 1, 2)
    video = sessions.complete_upload(upload)
    assert (video.owner, video.upload, video.status) == (bo, upload, Video.Status.STORED)
    assert hashlib.sha256(storage.read_object(video.upload.key)).digest() == hashlib.sha256(CONTENT).digest()
    upload.refresh_from_db()
    assert upload.state == Upload.State.COMPLETE
    assert upload.completed_at is not None


def test_after_a_reload_the_store_says_what_is_there(bo: User) -> None:
    upload = start_test_upload(bo)
    assert parts.list_stored_parts(upload) == []
    send_parts(upload, 2)
    assert [part.number for part in parts.list_stored_parts(Upload.objects.get(pk=upload.pk))] == [2]
    with pytest.raises(PartsMissing) as missing:
        sessions.complete_upload(upload)
    assert missing.value.numbers == [1]
    send_parts(upload, 1)
    assert sessions.complete_upload(upload).status == Video.Status.STORED


def test_completing_twice_gives_the_same_video(bo: User) -> None:
    upload = start_test_upload(bo)
    send_parts(upload, 1, 2)
    assert sessions.complete_upload(upload) == sessions.complete_upload(upload)
    assert Video.objects.count() == 1
    assert parts.list_stored_parts(Upload.objects.get(pk=upload.pk)) == []


def test_what_arrives_is_joined_with_the_checksums_it_was_sent_with(bo: User) -> None:
    upload = start_upload_with_part_checksums(bo)
    send_parts_with_checksums(upload, CONTENT)
    video = sessions.complete_upload(upload)
    assert storage.read_object(video.upload.key) == CONTENT
    assert Upload.objects.get().part_sums == {}, "they are of no more use"


def test_a_part_that_another_device_would_have_sent_otherwise_is_asked_for_again(bo: User) -> None:
    upload = start_upload_with_part_checksums(bo)
    send_parts_with_checksums(upload, CONTENT)
    parts.create_part_urls(upload, [2], sha256=[hashlib.sha256(b"another").hexdigest()])
    with pytest.raises(PartsMissing) as lacking:
        sessions.complete_upload(upload)
    assert lacking.value.numbers == [1, 2]
    upload.refresh_from_db()
    assert parts.list_stored_parts(upload) == []
    send_parts_with_checksums(upload, CONTENT)
    assert storage.read_object(sessions.complete_upload(upload).upload.key) == CONTENT


def start_upload_with_part_checksums(owner: User) -> Upload:
    return sessions.start_upload(
        owner, file_name="me.mp4", size=len(CONTENT), content_type="video/mp4", checks_parts=True
    )


def send_parts_with_checksums(upload: Upload, content: bytes) -> None:
    pieces = [content[:PART_BYTES], content[PART_BYTES:]]
    sums = [hashlib.sha256(piece).hexdigest() for piece in pieces]
    for address, piece in zip(parts.create_part_urls(upload, [1, 2], sha256=sums), pieces, strict=True):
        assert put_bytes(address.url, piece, **address.headers) == 200


@pytest.mark.django_db(transaction=True)
def test_completing_from_many_places_at_once_gives_one_video(bo: User) -> None:
    upload = start_test_upload(bo)
    send_parts(upload, 1, 2)

    def complete(_: int) -> Video:
        try:
            return sessions.complete_upload(upload)
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        videos = set(pool.map(complete, range(6)))
    assert len(videos) == 1
    assert Video.objects.count() == 1


def test_completing_goes_on_where_an_interrupted_attempt_stopped(bo: User) -> None:
    """The store made the object; the row was never written."""
    upload = start_test_upload(bo)
    send_parts(upload, 1, 2)
    s3_multipart.complete_multipart_upload(
        upload.key, upload.multipart_id, parts=parts.list_stored_parts(upload)
    )
    assert parts.list_stored_parts(upload) == []
    assert sessions.complete_upload(upload).status == Video.Status.STORED


def test_a_multipart_that_vanished_is_to_be_sent_again(bo: User) -> None:
    upload = start_test_upload(bo)
    send_parts(upload, 1, 2)
    s3_multipart.abort_multipart_upload(upload.key, upload.multipart_id)
    with pytest.raises(PartsMissing) as missing:
        sessions.complete_upload(upload)
    assert missing.value.numbers == [1, 2]


def test_a_cancelled_upload_leaves_nothing_behind(bo: User) -> None:
    upload = start_test_upload(bo)
    send_parts(upload, 1)
    sessions.abort_upload(upload)
    sessions.abort_upload(upload)
    upload.refresh_from_db()
    assert upload.state == Upload.State.ABORTED
    with pytest.raises(storage.NoSuchMultipartUpload):
        s3_multipart.list_parts(upload.key, upload.multipart_id)
    for closed in (sessions.complete_upload, lambda one: parts.create_part_urls(one, [1])):
        with pytest.raises(UploadClosed):
            closed(upload)


def test_cancelling_a_complete_upload_changes_nothing(bo: User) -> None:
    upload = start_test_upload(bo)
    send_parts(upload, 1, 2)
    video = sessions.complete_upload(upload)
    sessions.abort_upload(upload)
    assert storage.head_object(video.upload.key).size == len(CONTENT)
    assert Upload.objects.get(pk=upload.pk).state == Upload.State.COMPLETE


@pytest.mark.parametrize("number", [0, -1, 3])
def test_parts_that_an_upload_does_not_have_get_no_address(bo: User, number: int) -> None:
    with pytest.raises(NoSuchPart):
        parts.create_part_urls(start_test_upload(bo), [1, number])


def test_the_last_part_has_what_is_left(bo: User) -> None:
    assert [address.size for address in parts.create_part_urls(start_test_upload(bo), [2, 1, 2])] == [
        PART_BYTES,
        7,
    ]


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
        sessions.start_upload(bo, **asked)  # type: ignore[arg-type]  # one wrong value at a time
    assert refused.value.field == field
    assert refused.value.problem.endswith(".")
    assert refused.value.fix.endswith(".")
    assert Upload.objects.count() == 0


def test_a_recorders_type_may_name_its_codecs(bo: User) -> None:
    upload = sessions.start_upload(bo, file_name="x", size=9, content_type="video/WebM; codecs=vp9,opus")
    assert upload.content_type == "video/webm"


def test_names_are_kept_for_show_only(bo: User) -> None:
    upload = sessions.start_upload(
        bo, file_name="C:\\Users\\Bo\\..\\talk\x00\u202e.mp4" + "x" * 300, size=9, content_type="video/mp4"
    )
    assert upload.file_name.startswith("talk.mp4")
    assert len(upload.file_name) <= 255
    assert "talk" not in upload.key


def test_five_uploads_at_once_are_enough(bo: User, sam: User) -> None:
    running = [start_test_upload(bo) for _ in range(5)]
    with pytest.raises(UploadRefused, match="under way"):
        start_test_upload(bo)
    start_test_upload(sam)
    sessions.abort_upload(running[0])
    start_test_upload(bo)


@pytest.mark.django_db(transaction=True)
def test_the_limit_holds_for_many_requests_at_once(bo: User) -> None:
    def begin(_: int) -> bool:
        try:
            start_test_upload(bo)
        except UploadRefused:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(begin, range(8))) == 5


def test_a_store_that_does_not_answer_takes_no_place(bo: User, settings: Settings) -> None:
    (free,) = ports.pick_free_ports(("store",)).values()
    settings.S3_ENDPOINT = f"http://127.0.0.1:{free}"
    with pytest.raises(StoreUnreachable):
        start_test_upload(bo)
    assert Upload.objects.count() == 0


def test_abandoned_uploads_are_swept_and_others_stay(bo: User) -> None:
    old, young, done = start_test_upload(bo), start_test_upload(bo), start_test_upload(bo)
    send_parts(old, 1)
    send_parts(done, 1, 2)
    sessions.complete_upload(done)
    Upload.objects.filter(pk__in=[old.pk, done.pk]).update(created_at=timezone.now() - timedelta(days=2))
    assert sessions.expire_abandoned_uploads(timedelta(days=1)) == 1
    assert sessions.expire_abandoned_uploads(timedelta(days=1)) == 0
    states = {upload.pk: upload.state for upload in Upload.objects.all()}
    assert states == {old.pk: "expired", young.pk: "open", done.pk: "complete"}
    with pytest.raises(storage.NoSuchMultipartUpload):
        s3_multipart.list_parts(old.key, old.multipart_id)


def test_the_scheduler_sweeps_what_a_day_has_passed_over(bo: User) -> None:
    upload = start_test_upload(bo)
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
    upload = start_test_upload(bo)
    with pytest.raises(IntegrityError):
        Upload.objects.filter(pk=upload.pk).update(**wrong)
