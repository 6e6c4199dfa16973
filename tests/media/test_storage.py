import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from pytest_django import Settings

from devstack.servers import ports
from media import storage
from media.storage import NoSuchObject, StoreRefused, StoreUnreachable
from media.uploads import s3_multipart
from tests.media.presigned_urls import put_bytes

KEY = "raw/1/source"
ORIGIN = "http://127.0.0.1:8000"

pytestmark = pytest.mark.usefixtures("bucket")


def get_url(address: str, **headers: str) -> tuple[int, bytes, dict[str, str]]:
    request = urllib.request.Request(address, headers=headers)  # noqa: S310 - an address signed here
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - as above
            return int(answer.status), answer.read(), dict(answer.headers)
    except urllib.error.HTTPError as error:
        return error.code, b"", {}


def put_content(tmp_path: Path, key: str, content: bytes = b"piece") -> None:
    path = tmp_path / "piece"
    path.write_bytes(content)
    storage.put_file(path, key=key, content_type="video/mp4")


def test_what_is_gone_is_named() -> None:
    for asked in (storage.head_object, storage.read_object):
        with pytest.raises(NoSuchObject):
            asked("raw/none")


def test_without_a_signature_nothing_is_given_listed_or_taken(tmp_path: Path) -> None:
    put_content(tmp_path, "out/1/token/piece")
    bare = storage.presigned_url("out/1/token/piece", seconds=60).partition("?")[0]
    assert get_url(bare)[0] == 403
    assert get_url(bare.partition("/out/")[0])[0] == 403
    assert put_bytes(bare, b"planted") == 403


def test_a_signed_address_ends(tmp_path: Path) -> None:
    put_content(tmp_path, "out/1/token/piece")
    address = storage.presigned_url("out/1/token/piece", seconds=1)
    assert get_url(address)[:2] == (200, b"piece")
    time.sleep(2.1)
    assert get_url(address)[0] == 403


def test_a_signed_address_holds_for_one_object_only(tmp_path: Path) -> None:
    put_content(tmp_path, "out/1/token/piece")
    put_content(tmp_path, "out/1/token/other")
    address = storage.presigned_url("out/1/token/piece", seconds=60)
    assert get_url(address.replace("token/piece", "token/other"))[0] == 403


def test_our_pages_may_read_parts_of_an_object_and_others_may_not(tmp_path: Path) -> None:
    storage.ensure_bucket()
    put_content(tmp_path, "out/1/token/piece")
    address = storage.presigned_url("out/1/token/piece", seconds=60)
    status, content, headers = get_url(address, Origin=ORIGIN, Range="bytes=1-2")
    assert (status, content) == (206, b"ie")
    assert headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "ETag" in headers["Access-Control-Expose-Headers"]
    assert "Access-Control-Allow-Origin" not in get_url(address, Origin="http://elsewhere.test")[2]


def test_a_link_is_not_stored_as_what_it_points_at(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "link").symlink_to(tmp_path / "secret")
    with pytest.raises(OSError, match="symbolic link"):
        storage.put_file(tmp_path / "link", key="out/1/token/link", content_type="video/mp4")
    assert list(storage.list_keys("out/")) == []


def test_a_prefix_is_emptied_and_its_neighbour_is_not(tmp_path: Path) -> None:
    for key in ("out/1/a/x", "out/1/b/y", "out/10/a/x"):
        put_content(tmp_path, key)
    assert storage.delete_prefix("out/1/", keep="out/1/b/") == 1
    assert list(storage.list_keys("out/")) == ["out/1/b/y", "out/10/a/x"]


@pytest.mark.parametrize("prefix", ["", "out", "out/1"])
def test_a_prefix_that_could_mean_more_than_it_says_is_refused(prefix: str) -> None:
    with pytest.raises(ValueError, match="ends with a slash"):
        storage.delete_prefix(prefix)


def test_making_the_bucket_twice_keeps_what_is_in_it(settings: Settings, tmp_path: Path) -> None:
    storage.ensure_bucket()
    put_content(tmp_path, "out/1/a/x")
    storage.ensure_bucket()
    assert list(storage.list_keys("out/")) == ["out/1/a/x"]


def test_a_store_that_does_not_answer_is_named(settings: Settings) -> None:
    (free,) = ports.pick_free_ports(("store",)).values()
    settings.S3_ENDPOINT = f"http://127.0.0.1:{free}"
    with pytest.raises(StoreUnreachable):
        storage.head_object(KEY)


def test_a_store_that_says_no_is_named(settings: Settings) -> None:
    settings.S3_SECRET_KEY = "not-the-right-one"
    with pytest.raises(StoreRefused):
        storage.read_object(KEY)


def test_browsers_are_sent_to_the_public_address(settings: Settings) -> None:
    settings.S3_PUBLIC_ENDPOINT = "https://media.example.test"
    assert storage.presigned_url(KEY, seconds=60).startswith(
        f"https://media.example.test/{settings.S3_BUCKET}/{KEY}?"
    )
    assert s3_multipart.presigned_part_url(KEY, "1", number=1, size=3).startswith(
        "https://media.example.test/"
    )
