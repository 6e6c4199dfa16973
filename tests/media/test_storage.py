import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from pytest_django import Settings

from config.local import ports
from media import storage
from media.storage import AlreadyStored, NoSuchMultipart, NoSuchObject, StoreRefused, StoreUnreachable

KEY = "raw/1/source"
ORIGIN = "http://127.0.0.1:8000"
PART = b"a" * storage.SMALLEST_PART

pytestmark = pytest.mark.usefixtures("bucket")


def put(address: str, content: bytes) -> int:
    """PUT as a browser does, and return the status."""
    request = urllib.request.Request(address, data=content, method="PUT")  # noqa: S310 - an address signed here
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - as above
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def get(address: str, **headers: str) -> tuple[int, bytes, dict[str, str]]:
    request = urllib.request.Request(address, headers=headers)  # noqa: S310 - an address signed here
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - as above
            return int(answer.status), answer.read(), dict(answer.headers)
    except urllib.error.HTTPError as error:
        return error.code, b"", {}


def keep(tmp_path: Path, key: str, content: bytes = b"piece") -> None:
    path = tmp_path / "piece"
    path.write_bytes(content)
    storage.store(path, key=key, content_type="video/mp4")


def multipart(*parts: bytes, key: str = KEY) -> str:
    """Open a multipart upload and send these parts."""
    opened = storage.open_multipart(key, content_type="video/mp4")
    for number, part in enumerate(parts, start=1):
        assert put(storage.sign_part(key, opened, number=number, size=len(part)), part) == 200
    return opened


def test_parts_sent_to_signed_addresses_become_one_object(tmp_path: Path) -> None:
    opened = multipart(PART, b"end")
    storage.complete_multipart(KEY, opened, parts=storage.list_parts(KEY, opened))
    found = storage.head(KEY)
    assert (found.size, found.content_type) == (len(PART) + 3, "video/mp4")
    copy = tmp_path / "copy"
    digest = storage.fetch(KEY, to=copy)
    assert copy.read_bytes() == PART + b"end"
    assert len(digest) == 64


def test_a_part_of_another_size_is_not_taken() -> None:
    opened = multipart()
    assert put(storage.sign_part(KEY, opened, number=1, size=3), b"four") == 403
    assert storage.list_parts(KEY, opened) == []


def test_a_part_sent_twice_counts_once_and_the_newer_one_wins() -> None:
    opened = multipart(b"first", b"other")
    time.sleep(1.1)  # the store dates parts by the second
    put(storage.sign_part(KEY, opened, number=1, size=6), b"second")
    found = storage.list_parts(KEY, opened)
    assert [(part.number, part.size) for part in found] == [(1, 6), (2, 5)]


def test_an_object_is_never_replaced() -> None:
    first = multipart(b"first")
    storage.complete_multipart(KEY, first, parts=storage.list_parts(KEY, first))
    second = multipart(b"second")
    with pytest.raises(AlreadyStored):
        storage.complete_multipart(KEY, second, parts=storage.list_parts(KEY, second))
    assert storage.read(KEY) == b"first"


def test_what_is_gone_is_named() -> None:
    for asked in (storage.head, storage.read):
        with pytest.raises(NoSuchObject):
            asked("raw/none")
    with pytest.raises(NoSuchMultipart):
        storage.list_parts(KEY, "0123456789abcdef")


def test_aborting_drops_the_parts_and_may_be_repeated() -> None:
    opened = multipart(b"part")
    storage.abort_multipart(KEY, opened)
    storage.abort_multipart(KEY, opened)
    with pytest.raises(NoSuchMultipart):
        storage.list_parts(KEY, opened)


def test_without_a_signature_nothing_is_given_listed_or_taken(tmp_path: Path) -> None:
    keep(tmp_path, "out/1/token/piece")
    bare = storage.sign("out/1/token/piece", seconds=60).partition("?")[0]
    assert get(bare)[0] == 403
    assert get(bare.partition("/out/")[0])[0] == 403
    assert put(bare, b"planted") == 403


def test_a_signed_address_ends(tmp_path: Path) -> None:
    keep(tmp_path, "out/1/token/piece")
    address = storage.sign("out/1/token/piece", seconds=1)
    assert get(address)[:2] == (200, b"piece")
    time.sleep(2.1)
    assert get(address)[0] == 403


def test_a_signed_address_holds_for_one_object_only(tmp_path: Path) -> None:
    keep(tmp_path, "out/1/token/piece")
    keep(tmp_path, "out/1/token/other")
    address = storage.sign("out/1/token/piece", seconds=60)
    assert get(address.replace("token/piece", "token/other"))[0] == 403


def test_our_pages_may_read_parts_of_an_object_and_others_may_not(tmp_path: Path) -> None:
    storage.ensure_bucket()
    keep(tmp_path, "out/1/token/piece")
    address = storage.sign("out/1/token/piece", seconds=60)
    status, content, headers = get(address, Origin=ORIGIN, Range="bytes=1-2")
    assert (status, content) == (206, b"ie")
    assert headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "ETag" in headers["Access-Control-Expose-Headers"]
    assert "Access-Control-Allow-Origin" not in get(address, Origin="http://elsewhere.test")[2]


def test_a_link_is_not_stored_as_what_it_points_at(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "link").symlink_to(tmp_path / "secret")
    with pytest.raises(OSError, match="symbolic link"):
        storage.store(tmp_path / "link", key="out/1/token/link", content_type="video/mp4")
    assert list(storage.list_keys("out/")) == []


def test_a_prefix_is_emptied_and_its_neighbour_is_not(tmp_path: Path) -> None:
    for key in ("out/1/a/x", "out/1/b/y", "out/10/a/x"):
        keep(tmp_path, key)
    assert storage.delete_prefix("out/1/", keep="out/1/b/") == 1
    assert list(storage.list_keys("out/")) == ["out/1/b/y", "out/10/a/x"]


@pytest.mark.parametrize("prefix", ["", "out", "out/1"])
def test_a_prefix_that_could_mean_more_than_it_says_is_refused(prefix: str) -> None:
    with pytest.raises(ValueError, match="ends with a slash"):
        storage.delete_prefix(prefix)


def test_making_the_bucket_twice_keeps_what_is_in_it(settings: Settings, tmp_path: Path) -> None:
    storage.ensure_bucket()
    keep(tmp_path, "out/1/a/x")
    storage.ensure_bucket()
    assert list(storage.list_keys("out/")) == ["out/1/a/x"]


def test_a_store_that_does_not_answer_is_named(settings: Settings) -> None:
    (free,) = ports.pick_free(("store",)).values()
    settings.S3_ENDPOINT = f"http://127.0.0.1:{free}"
    with pytest.raises(StoreUnreachable):
        storage.head(KEY)


def test_a_store_that_says_no_is_named(settings: Settings) -> None:
    settings.S3_SECRET_KEY = "not-the-right-one"
    with pytest.raises(StoreRefused):
        storage.read(KEY)


def test_browsers_are_sent_to_the_public_address(settings: Settings) -> None:
    settings.S3_PUBLIC_ENDPOINT = "https://media.example.test"
    assert storage.sign(KEY, seconds=60).startswith(f"https://media.example.test/{settings.S3_BUCKET}/{KEY}?")
    assert storage.sign_part(KEY, "1", number=1, size=3).startswith("https://media.example.test/")
