import hashlib
import time
from pathlib import Path

import pytest

from media import storage
from media.storage import AlreadyStored, NoSuchMultipartUpload
from media.uploads import s3_multipart
from tests.media.presigned_urls import put_bytes

KEY = "raw/1/source"
PART_CONTENT = b"a" * s3_multipart.MIN_PART_BYTES

pytestmark = pytest.mark.usefixtures("bucket")


def create_with_parts(*parts: bytes, key: str = KEY) -> str:
    multipart_id = s3_multipart.create_multipart_upload(key, content_type="video/mp4")
    for number, part in enumerate(parts, start=1):
        assert (
            put_bytes(s3_multipart.presigned_part_url(key, multipart_id, number=number, size=len(part)), part)
            == 200
        )
    return multipart_id


def test_parts_sent_to_presigned_urls_become_one_object(tmp_path: Path) -> None:
    multipart_id = create_with_parts(PART_CONTENT, b"end")
    s3_multipart.complete_multipart_upload(
        KEY, multipart_id, parts=s3_multipart.list_parts(KEY, multipart_id)
    )
    stored = storage.head_object(KEY)
    assert (stored.size, stored.content_type) == (len(PART_CONTENT) + 3, "video/mp4")
    copy = tmp_path / "copy"
    digest = storage.download_object(KEY, to=copy)
    assert copy.read_bytes() == PART_CONTENT + b"end"
    assert len(digest) == 64


def test_part_with_the_wrong_size_is_refused() -> None:
    multipart_id = create_with_parts()
    assert put_bytes(s3_multipart.presigned_part_url(KEY, multipart_id, number=1, size=3), b"four") == 403
    assert s3_multipart.list_parts(KEY, multipart_id) == []


def test_newer_version_of_a_part_replaces_the_older_one() -> None:
    multipart_id = create_with_parts(b"first", b"other")
    time.sleep(1.1)  # the store's timestamps have a resolution of one second
    put_bytes(s3_multipart.presigned_part_url(KEY, multipart_id, number=1, size=6), b"second")
    stored = s3_multipart.list_parts(KEY, multipart_id)
    assert [(part.number, part.size) for part in stored] == [(1, 6), (2, 5)]


def test_completion_never_replaces_an_object() -> None:
    first = create_with_parts(b"first")
    s3_multipart.complete_multipart_upload(KEY, first, parts=s3_multipart.list_parts(KEY, first))
    second = create_with_parts(b"second")
    with pytest.raises(AlreadyStored):
        s3_multipart.complete_multipart_upload(KEY, second, parts=s3_multipart.list_parts(KEY, second))
    assert storage.read_object(KEY) == b"first"


def test_abort_deletes_the_parts_and_is_idempotent() -> None:
    multipart_id = create_with_parts(b"part")
    s3_multipart.abort_multipart_upload(KEY, multipart_id)
    s3_multipart.abort_multipart_upload(KEY, multipart_id)
    with pytest.raises(NoSuchMultipartUpload):
        s3_multipart.list_parts(KEY, multipart_id)


def test_part_that_does_not_match_its_checksum_is_refused() -> None:
    multipart_id = s3_multipart.create_multipart_upload(
        KEY, content_type="video/mp4", verify_part_checksums=True
    )
    digest = hashlib.sha256(b"part").hexdigest()
    url = s3_multipart.presigned_part_url(KEY, multipart_id, number=1, size=4, sha256=digest)
    headers = s3_multipart.checksum_headers(digest)
    assert put_bytes(url, b"pert", **headers) == 400
    assert put_bytes(url, b"part") == 403, "the checksum header is missing"
    assert s3_multipart.list_parts(KEY, multipart_id) == []
    assert put_bytes(url, b"part", **headers) == 200
    s3_multipart.complete_multipart_upload(
        KEY, multipart_id, parts=s3_multipart.list_parts(KEY, multipart_id), sha256={1: digest}
    )
    assert storage.read_object(KEY) == b"part"


def test_unknown_multipart_upload_raises_no_such_multipart_upload() -> None:
    with pytest.raises(NoSuchMultipartUpload):
        s3_multipart.list_parts(KEY, "0123456789abcdef")
