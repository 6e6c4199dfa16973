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
    """Open a multipart upload and send these parts."""
    opened = s3_multipart.create_multipart_upload(key, content_type="video/mp4")
    for number, part in enumerate(parts, start=1):
        assert (
            put_bytes(s3_multipart.presigned_part_url(key, opened, number=number, size=len(part)), part)
            == 200
        )
    return opened


def test_parts_sent_to_signed_addresses_become_one_object(tmp_path: Path) -> None:
    opened = create_with_parts(PART_CONTENT, b"end")
    s3_multipart.complete_multipart_upload(KEY, opened, parts=s3_multipart.list_parts(KEY, opened))
    found = storage.head_object(KEY)
    assert (found.size, found.content_type) == (len(PART_CONTENT) + 3, "video/mp4")
    copy = tmp_path / "copy"
    digest = storage.download_object(KEY, to=copy)
    assert copy.read_bytes() == PART_CONTENT + b"end"
    assert len(digest) == 64


def test_a_part_of_another_size_is_not_taken() -> None:
    opened = create_with_parts()
    assert put_bytes(s3_multipart.presigned_part_url(KEY, opened, number=1, size=3), b"four") == 403
    assert s3_multipart.list_parts(KEY, opened) == []


def test_a_part_sent_twice_counts_once_and_the_newer_one_wins() -> None:
    opened = create_with_parts(b"first", b"other")
    time.sleep(1.1)  # the store dates parts by the second
    put_bytes(s3_multipart.presigned_part_url(KEY, opened, number=1, size=6), b"second")
    found = s3_multipart.list_parts(KEY, opened)
    assert [(part.number, part.size) for part in found] == [(1, 6), (2, 5)]


def test_an_object_is_never_replaced() -> None:
    first = create_with_parts(b"first")
    s3_multipart.complete_multipart_upload(KEY, first, parts=s3_multipart.list_parts(KEY, first))
    second = create_with_parts(b"second")
    with pytest.raises(AlreadyStored):
        s3_multipart.complete_multipart_upload(KEY, second, parts=s3_multipart.list_parts(KEY, second))
    assert storage.read_object(KEY) == b"first"


def test_aborting_drops_the_parts_and_may_be_repeated() -> None:
    opened = create_with_parts(b"part")
    s3_multipart.abort_multipart_upload(KEY, opened)
    s3_multipart.abort_multipart_upload(KEY, opened)
    with pytest.raises(NoSuchMultipartUpload):
        s3_multipart.list_parts(KEY, opened)


def test_a_part_that_was_damaged_on_the_way_is_not_taken() -> None:
    opened = s3_multipart.create_multipart_upload(KEY, content_type="video/mp4", checks_parts=True)
    digest = hashlib.sha256(b"part").hexdigest()
    address = s3_multipart.presigned_part_url(KEY, opened, number=1, size=4, sha256=digest)
    headers = s3_multipart.checksum_headers(digest)
    assert put_bytes(address, b"pert", **headers) == 400
    assert put_bytes(address, b"part") == 403, "it went without its checksum"
    assert s3_multipart.list_parts(KEY, opened) == []
    assert put_bytes(address, b"part", **headers) == 200
    s3_multipart.complete_multipart_upload(
        KEY, opened, parts=s3_multipart.list_parts(KEY, opened), sha256={1: digest}
    )
    assert storage.read_object(KEY) == b"part"


def test_a_multipart_that_is_unknown_is_named() -> None:
    with pytest.raises(NoSuchMultipartUpload):
        s3_multipart.list_parts(KEY, "0123456789abcdef")
