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
from media.uploads import cleanup, parts, s3_multipart, sessions
from media.uploads.errors import PartsMissing, UploadClosed, UploadRefused
from media.uploads.parts import NoSuchPart
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
    for part_url in parts.create_part_urls(upload, numbers):
        start = (part_url.number - 1) * upload.part_size
        assert put_bytes(part_url.url, content[start : start + part_url.size]) == 200


def test_completed_upload_becomes_a_stored_video(bo: User) -> None:
    upload = start_test_upload(bo)
    assert upload.part_count == 2
    send_parts(upload, 1, 2)
    video = sessions.complete_upload(upload)
    assert (video.owner, video.upload, video.status) == (bo, upload, Video.Status.STORED)
    assert hashlib.sha256(storage.read_object(video.upload.key)).digest() == hashlib.sha256(CONTENT).digest()
    upload.refresh_from_db()
    assert upload.state == Upload.State.COMPLETE
    assert upload.completed_at is not None


def test_upload_resumes_with_the_parts_in_the_store(bo: User) -> None:
    upload = start_test_upload(bo)
    assert parts.list_stored_parts(upload) == []
    send_parts(upload, 2)
    assert [part.number for part in parts.list_stored_parts(Upload.objects.get(pk=upload.pk))] == [2]
    with pytest.raises(PartsMissing) as missing:
        sessions.complete_upload(upload)
    assert missing.value.numbers == [1]
    send_parts(upload, 1)
    assert sessions.complete_upload(upload).status == Video.Status.STORED


def test_completion_is_idempotent(bo: User) -> None:
    upload = start_test_upload(bo)
    send_parts(upload, 1, 2)
    assert sessions.complete_upload(upload) == sessions.complete_upload(upload)
    assert Video.objects.count() == 1
    assert parts.list_stored_parts(Upload.objects.get(pk=upload.pk)) == []


def test_completion_verifies_and_then_deletes_the_part_checksums(bo: User) -> None:
    upload = start_upload_with_part_checksums(bo)
    send_parts_with_checksums(upload, CONTENT)
    video = sessions.complete_upload(upload)
    assert storage.read_object(video.upload.key) == CONTENT
    assert Upload.objects.get().part_checksums == {}, "deleted after completion"


def test_parts_of_different_files_from_two_devices_must_all_be_sent_again(bo: User) -> None:
    upload = start_upload_with_part_checksums(bo)
    send_parts_with_checksums(upload, CONTENT)
    parts.create_part_urls(upload, [2], sha256=[hashlib.sha256(b"another").hexdigest()])
    with pytest.raises(PartsMissing) as missing:
        sessions.complete_upload(upload)
    assert missing.value.numbers == [1, 2]
    upload.refresh_from_db()
    assert parts.list_stored_parts(upload) == []
    send_parts_with_checksums(upload, CONTENT)
    assert storage.read_object(sessions.complete_upload(upload).upload.key) == CONTENT


def start_upload_with_part_checksums(owner: User) -> Upload:
    return sessions.start_upload(
        owner, file_name="me.mp4", size=len(CONTENT), content_type="video/mp4", verify_part_checksums=True
    )


def send_parts_with_checksums(upload: Upload, content: bytes) -> None:
    contents = [content[:PART_BYTES], content[PART_BYTES:]]
    checksums = [hashlib.sha256(part_content).hexdigest() for part_content in contents]
    for part_url, part_content in zip(
        parts.create_part_urls(upload, [1, 2], sha256=checksums), contents, strict=True
    ):
        assert put_bytes(part_url.url, part_content, **part_url.headers) == 200


@pytest.mark.django_db(transaction=True)
def test_concurrent_completions_create_one_video(bo: User) -> None:
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


def test_completion_recovers_from_a_crash_after_the_parts_were_joined(bo: User) -> None:
    upload = start_test_upload(bo)
    send_parts(upload, 1, 2)
    s3_multipart.complete_multipart_upload(
        upload.key, upload.multipart_id, parts=parts.list_stored_parts(upload)
    )
    assert parts.list_stored_parts(upload) == []
    assert sessions.complete_upload(upload).status == Video.Status.STORED


def test_lost_multipart_upload_reports_all_parts_as_missing(bo: User) -> None:
    upload = start_test_upload(bo)
    send_parts(upload, 1, 2)
    s3_multipart.abort_multipart_upload(upload.key, upload.multipart_id)
    with pytest.raises(PartsMissing) as missing:
        sessions.complete_upload(upload)
    assert missing.value.numbers == [1, 2]


def test_cancelled_upload_is_closed_and_its_parts_are_deleted(bo: User) -> None:
    upload = start_test_upload(bo)
    send_parts(upload, 1)
    sessions.abort_upload(upload)
    sessions.abort_upload(upload)
    upload.refresh_from_db()
    assert upload.state == Upload.State.ABORTED
    with pytest.raises(storage.NoSuchMultipartUpload):
        s3_multipart.list_parts(upload.key, upload.multipart_id)
    for closed in (sessions.complete_upload, lambda aborted: parts.create_part_urls(aborted, [1])):
        with pytest.raises(UploadClosed):
            closed(upload)


def test_cancelling_a_complete_upload_keeps_its_object(bo: User) -> None:
    upload = start_test_upload(bo)
    send_parts(upload, 1, 2)
    video = sessions.complete_upload(upload)
    sessions.abort_upload(upload)
    assert storage.head_object(video.upload.key).size == len(CONTENT)
    assert Upload.objects.get(pk=upload.pk).state == Upload.State.COMPLETE


@pytest.mark.parametrize("number", [0, -1, 3])
def test_part_numbers_outside_the_upload_are_refused(bo: User, number: int) -> None:
    with pytest.raises(NoSuchPart):
        parts.create_part_urls(start_test_upload(bo), [1, number])


def test_last_part_has_the_remaining_bytes(bo: User) -> None:
    assert [part_url.size for part_url in parts.create_part_urls(start_test_upload(bo), [2, 1, 2])] == [
        PART_BYTES,
        7,
    ]


@pytest.mark.parametrize(
    ("changes", "field"),
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
def test_invalid_file_is_refused_before_the_upload_starts(
    bo: User, changes: dict[str, object], field: str
) -> None:
    request = {"file_name": "me.mp4", "size": 10, "content_type": "video/mp4", **changes}
    with pytest.raises(UploadRefused) as refusal:
        sessions.start_upload(bo, **request)  # type: ignore[arg-type]  # one wrong value at a time
    assert refusal.value.field == field
    assert refusal.value.problem.endswith(".")
    assert refusal.value.fix.endswith(".")
    assert Upload.objects.count() == 0


def test_codecs_parameter_of_the_content_type_is_ignored(bo: User) -> None:
    upload = sessions.start_upload(bo, file_name="x", size=9, content_type="video/WebM; codecs=vp9,opus")
    assert upload.content_type == "video/webm"


def test_file_name_is_cleaned_and_never_part_of_the_key(bo: User) -> None:
    upload = sessions.start_upload(
        bo, file_name="C:\\Users\\Bo\\..\\talk\x00\u202e.mp4" + "x" * 300, size=9, content_type="video/mp4"
    )
    assert upload.file_name.startswith("talk.mp4")
    assert len(upload.file_name) <= 255
    assert "talk" not in upload.key


def test_owner_may_have_five_open_uploads(bo: User, sam: User) -> None:
    uploads = [start_test_upload(bo) for _ in range(5)]
    with pytest.raises(UploadRefused, match="in progress"):
        start_test_upload(bo)
    start_test_upload(sam)
    sessions.abort_upload(uploads[0])
    start_test_upload(bo)


@pytest.mark.django_db(transaction=True)
def test_concurrent_requests_cannot_exceed_the_upload_limit(bo: User) -> None:
    def try_to_start(_: int) -> bool:
        try:
            start_test_upload(bo)
        except UploadRefused:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(try_to_start, range(8))) == 5


def test_unreachable_store_creates_no_upload(bo: User, settings: Settings) -> None:
    (unused_port,) = ports.pick_free_ports(("store",)).values()
    settings.S3_ENDPOINT = f"http://127.0.0.1:{unused_port}"
    with pytest.raises(StoreUnreachable):
        start_test_upload(bo)
    assert Upload.objects.count() == 0


def test_only_old_open_uploads_expire(bo: User) -> None:
    old, recent, complete = start_test_upload(bo), start_test_upload(bo), start_test_upload(bo)
    send_parts(old, 1)
    send_parts(complete, 1, 2)
    sessions.complete_upload(complete)
    Upload.objects.filter(pk__in=[old.pk, complete.pk]).update(created_at=timezone.now() - timedelta(days=2))
    assert cleanup.expire_abandoned_uploads(timedelta(days=1)) == 1
    assert cleanup.expire_abandoned_uploads(timedelta(days=1)) == 0
    states = {upload.pk: upload.state for upload in Upload.objects.all()}
    assert states == {old.pk: "expired", recent.pk: "open", complete.pk: "complete"}
    with pytest.raises(storage.NoSuchMultipartUpload):
        s3_multipart.list_parts(old.key, old.multipart_id)


def test_periodic_task_expires_uploads_after_a_day(bo: User) -> None:
    upload = start_test_upload(bo)
    Upload.objects.filter(pk=upload.pk).update(created_at=timezone.now() - timedelta(hours=25))
    tasks.expire_abandoned_uploads_task()
    upload.refresh_from_db()
    assert upload.state == Upload.State.EXPIRED


@pytest.mark.parametrize(
    "invalid_values",
    [
        {"size": 0},
        {"state": "lost"},
        {"state": "complete"},
        {"completed_at": timezone.now()},
        {"part_size": 0},
    ],
)
def test_database_constraints_reject_invalid_uploads(bo: User, invalid_values: dict[str, object]) -> None:
    upload = start_test_upload(bo)
    with pytest.raises(IntegrityError):
        Upload.objects.filter(pk=upload.pk).update(**invalid_values)
