import hashlib
import time
from pathlib import Path

import pytest

from media import multiparts, storage
from media.storage import AlreadyStored, NoSuchMultipart
from tests.media.addresses import put

KEY = "raw/1/source"
PART = b"a" * multiparts.SMALLEST_PART

pytestmark = pytest.mark.usefixtures("bucket")


def multipart(*parts: bytes, key: str = KEY) -> str:
    """Open a multipart upload and send these parts."""
    opened = multiparts.begin(key, content_type="video/mp4")
    for number, part in enumerate(parts, start=1):
        assert put(multiparts.sign(key, opened, number=number, size=len(part)), part) == 200
    return opened


def test_parts_sent_to_signed_addresses_become_one_object(tmp_path: Path) -> None:
    opened = multipart(PART, b"end")
    multiparts.join(KEY, opened, parts=multiparts.arrived(KEY, opened))
    found = storage.head(KEY)
    assert (found.size, found.content_type) == (len(PART) + 3, "video/mp4")
    copy = tmp_path / "copy"
    digest = storage.fetch(KEY, to=copy)
    assert copy.read_bytes() == PART + b"end"
    assert len(digest) == 64


def test_a_part_of_another_size_is_not_taken() -> None:
    opened = multipart()
    assert put(multiparts.sign(KEY, opened, number=1, size=3), b"four") == 403
    assert multiparts.arrived(KEY, opened) == []


def test_a_part_sent_twice_counts_once_and_the_newer_one_wins() -> None:
    opened = multipart(b"first", b"other")
    time.sleep(1.1)  # the store dates parts by the second
    put(multiparts.sign(KEY, opened, number=1, size=6), b"second")
    found = multiparts.arrived(KEY, opened)
    assert [(part.number, part.size) for part in found] == [(1, 6), (2, 5)]


def test_an_object_is_never_replaced() -> None:
    first = multipart(b"first")
    multiparts.join(KEY, first, parts=multiparts.arrived(KEY, first))
    second = multipart(b"second")
    with pytest.raises(AlreadyStored):
        multiparts.join(KEY, second, parts=multiparts.arrived(KEY, second))
    assert storage.read(KEY) == b"first"


def test_aborting_drops_the_parts_and_may_be_repeated() -> None:
    opened = multipart(b"part")
    multiparts.abort(KEY, opened)
    multiparts.abort(KEY, opened)
    with pytest.raises(NoSuchMultipart):
        multiparts.arrived(KEY, opened)


def test_a_part_that_was_damaged_on_the_way_is_not_taken() -> None:
    opened = multiparts.begin(KEY, content_type="video/mp4", checks_parts=True)
    digest = hashlib.sha256(b"part").hexdigest()
    address = multiparts.sign(KEY, opened, number=1, size=4, sha256=digest)
    headers = multiparts.headers_for(digest)
    assert put(address, b"pert", **headers) == 400
    assert put(address, b"part") == 403, "it went without its checksum"
    assert multiparts.arrived(KEY, opened) == []
    assert put(address, b"part", **headers) == 200
    multiparts.join(KEY, opened, parts=multiparts.arrived(KEY, opened), sha256={1: digest})
    assert storage.read(KEY) == b"part"


def test_a_multipart_that_is_unknown_is_named() -> None:
    with pytest.raises(NoSuchMultipart):
        multiparts.arrived(KEY, "0123456789abcdef")
