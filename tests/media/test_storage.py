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


def get_url(url: str, **headers: str) -> tuple[int, bytes, dict[str, str]]:
    request = urllib.request.Request(url, headers=headers)  # noqa: S310 - a URL of our own store
    try:
        with urllib.request.urlopen(request, timeout=10) as response:  # noqa: S310 - as above
            return int(response.status), response.read(), dict(response.headers)
    except urllib.error.HTTPError as error:
        return error.code, b"", {}


def put_content(tmp_path: Path, key: str, content: bytes = b"segment") -> None:
    path = tmp_path / "segment"
    path.write_bytes(content)
    storage.put_file(path, key=key, content_type="video/mp4")


def test_missing_object_raises_no_such_object() -> None:
    for read in (storage.head_object, storage.read_object):
        with pytest.raises(NoSuchObject):
            read("raw/none")


def test_unsigned_requests_cannot_read_list_or_write(tmp_path: Path) -> None:
    put_content(tmp_path, "out/1/token/segment")
    unsigned_url = storage.presigned_url("out/1/token/segment", seconds=60).partition("?")[0]
    assert get_url(unsigned_url)[0] == 403
    assert get_url(unsigned_url.partition("/out/")[0])[0] == 403
    assert put_bytes(unsigned_url, b"planted") == 403


def test_presigned_url_expires(tmp_path: Path) -> None:
    put_content(tmp_path, "out/1/token/segment")
    url = storage.presigned_url("out/1/token/segment", seconds=1)
    assert get_url(url)[:2] == (200, b"segment")
    time.sleep(2.1)
    assert get_url(url)[0] == 403


def test_presigned_url_is_valid_for_one_object_only(tmp_path: Path) -> None:
    put_content(tmp_path, "out/1/token/segment")
    put_content(tmp_path, "out/1/token/other")
    url = storage.presigned_url("out/1/token/segment", seconds=60)
    assert get_url(url.replace("token/segment", "token/other"))[0] == 403


def test_cors_allows_range_requests_from_our_origin_only(tmp_path: Path) -> None:
    storage.ensure_bucket()
    put_content(tmp_path, "out/1/token/segment")
    url = storage.presigned_url("out/1/token/segment", seconds=60)
    status, content, headers = get_url(url, Origin=ORIGIN, Range="bytes=1-2")
    assert (status, content) == (206, b"eg")
    assert headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "ETag" in headers["Access-Control-Expose-Headers"]
    assert "Access-Control-Allow-Origin" not in get_url(url, Origin="http://elsewhere.test")[2]


def test_put_file_refuses_symbolic_links(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "link").symlink_to(tmp_path / "secret")
    with pytest.raises(OSError, match="symbolic link"):
        storage.put_file(tmp_path / "link", key="out/1/token/link", content_type="video/mp4")
    assert list(storage.list_keys("out/")) == []


def test_delete_prefix_keeps_other_prefixes(tmp_path: Path) -> None:
    for key in ("out/1/a/x", "out/1/b/y", "out/10/a/x"):
        put_content(tmp_path, key)
    assert storage.delete_prefix("out/1/", keep="out/1/b/") == 1
    assert list(storage.list_keys("out/")) == ["out/1/b/y", "out/10/a/x"]


@pytest.mark.parametrize("prefix", ["", "out", "out/1"])
def test_delete_prefix_requires_a_trailing_slash(prefix: str) -> None:
    with pytest.raises(ValueError, match="must end with a slash"):
        storage.delete_prefix(prefix)


def test_ensure_bucket_keeps_existing_objects(settings: Settings, tmp_path: Path) -> None:
    storage.ensure_bucket()
    put_content(tmp_path, "out/1/a/x")
    storage.ensure_bucket()
    assert list(storage.list_keys("out/")) == ["out/1/a/x"]


def test_connection_failure_raises_store_unreachable(settings: Settings) -> None:
    (unused_port,) = ports.pick_free_ports(("store",)).values()
    settings.S3_ENDPOINT = f"http://127.0.0.1:{unused_port}"
    with pytest.raises(StoreUnreachable):
        storage.head_object(KEY)


def test_rejected_credentials_raise_store_refused(settings: Settings) -> None:
    settings.S3_SECRET_KEY = "not-the-right-one"
    with pytest.raises(StoreRefused):
        storage.read_object(KEY)


def test_presigned_urls_use_the_public_endpoint(settings: Settings) -> None:
    settings.S3_PUBLIC_ENDPOINT = "https://media.example.test"
    assert storage.presigned_url(KEY, seconds=60).startswith(
        f"https://media.example.test/{settings.S3_BUCKET}/{KEY}?"
    )
    assert s3_multipart.presigned_part_url(KEY, "1", number=1, size=3).startswith(
        "https://media.example.test/"
    )
