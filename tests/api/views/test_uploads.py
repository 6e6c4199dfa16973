"""A recording goes straight into the bucket, in parts that survive a reload."""

import hashlib
import uuid
from typing import Any

import pytest
from django.conf import settings
from rest_framework.test import APIClient

from media.models import Upload, Video
from tests.media.presigned_urls import put_bytes
from tests.people import NamedPeople

FIVE_MIB = 5 * 1024**2
FILE = {"file_name": "me.webm", "size": FIVE_MIB + 7, "content_type": "video/webm;codecs=vp9,opus"}

pytestmark = pytest.mark.usefixtures("bucket")


@pytest.fixture(autouse=True)
def _small_parts(settings: object) -> None:
    settings.UPLOAD_PART_BYTES = FIVE_MIB  # type: ignore[attr-defined]  # pytest-django's settings


def start_upload(client: APIClient, **changes: object) -> Any:
    return client.post("/api/v1/uploads", FILE | changes, format="json")


def send_part(client: APIClient, path: str, number: int) -> None:
    answer = client.post(f"{path}/parts", {"part_numbers": [number]}, format="json")
    (address,) = answer.json()["items"]
    assert put_bytes(address["url"], b"\x1a" * address["size"]) == 200


def test_a_recording_goes_up_in_parts_and_goes_on_after_a_reload(as_bo: APIClient) -> None:
    begun = start_upload(as_bo)
    assert (begun.status_code, begun.json()["part_count"]) == (201, 2)
    path = begun["Location"]
    send_part(as_bo, path, 1)
    assert as_bo.get(path).json()["parts"] == [{"number": 1, "size": FIVE_MIB}]
    lacking = as_bo.post(f"{path}/complete")
    assert (lacking.status_code, lacking.json()["code"]) == (409, "parts_missing")
    send_part(as_bo, path, 2)
    whole = as_bo.post(f"{path}/complete")
    assert (whole.status_code, whole["Location"]) == (202, path)
    assert whole.json()["video"]["status"] == "stored"
    again = as_bo.post(f"{path}/complete")
    assert again.json()["video"]["id"] == whole.json()["video"]["id"]
    assert Video.objects.count() == 1


def test_a_part_is_taken_only_as_its_checksum_says(as_bo: APIClient) -> None:
    path = start_upload(as_bo, verify_part_checksums=True)["Location"]
    end = b"\x1a" * 7
    asked = {"part_numbers": [2], "sha256": [hashlib.sha256(end).hexdigest()]}
    (address,) = as_bo.post(f"{path}/parts", asked, format="json").json()["items"]
    assert put_bytes(address["url"], b"\x1b" * 7, **address["headers"]) == 400
    assert as_bo.get(path).json()["parts"] == []
    assert put_bytes(address["url"], end, **address["headers"]) == 200
    assert as_bo.get(path).json()["parts"] == [{"number": 2, "size": 7}]


@pytest.mark.parametrize(
    ("checks", "sums"),
    [(True, None), (True, []), (True, ["0" * 64] * 2), (True, ["z" * 64]), (False, ["0" * 64])],
)
def test_checksums_come_with_every_part_or_with_none(
    as_bo: APIClient, *, checks: bool, sums: list[str] | None
) -> None:
    path = start_upload(as_bo, verify_part_checksums=checks)["Location"]
    asked = {"part_numbers": [1]} | ({} if sums is None else {"sha256": sums})
    answer = as_bo.post(f"{path}/parts", asked, format="json")
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == ["sha256"]


def test_one_finds_ones_own_uploads_under_way_from_any_device(as_bo: APIClient, as_ana: APIClient) -> None:
    first, second = start_upload(as_bo).json(), start_upload(as_bo, file_name="other.webm").json()
    as_bo.delete(f"/api/v1/uploads/{second['id']}")
    (found,) = as_bo.get("/api/v1/uploads").json()["items"]
    assert (found["id"], found["file_name"], found["size"]) == (first["id"], "me.webm", FIVE_MIB + 7)
    assert as_ana.get("/api/v1/uploads").json() == {"items": []}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"size": 0}, "size"),
        ({"size": 3 * 1024**3}, "size"),
        ({"size": 10**30}, "size"),
        ({"size": "7"}, "size"),
        ({"content_type": "image/png"}, "content_type"),
        ({"sha256": "abc"}, "sha256"),
    ],
    ids=str,
)
def test_a_file_is_refused_before_its_first_byte(
    as_bo: APIClient, change: dict[str, object], field: str
) -> None:
    answer = start_upload(as_bo, **change)
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert not Upload.objects.exists()


def test_more_uploads_at_once_than_allowed_are_refused(as_bo: APIClient) -> None:
    for _ in range(settings.UPLOADS_IN_FLIGHT):
        assert start_upload(as_bo).status_code == 201
    assert start_upload(as_bo).json()["errors"][0]["field"] == "uploads"


def test_cancelling_twice_is_cancelling_once(as_bo: APIClient) -> None:
    path = start_upload(as_bo)["Location"]
    assert [as_bo.delete(path).status_code for _ in range(2)] == [204, 204]
    assert as_bo.get(path).json()["state"] == "aborted"
    for act in ("parts", "complete"):
        answer = as_bo.post(f"{path}/{act}", {"part_numbers": [1]} if act == "parts" else None, format="json")
        assert (answer.status_code, answer.json()["code"]) == (409, "upload_closed")


@pytest.mark.parametrize("numbers", [[], [0], [3], ["1"], [1] * 101, "1"], ids=str)
def test_parts_that_the_upload_does_not_have_are_refused(as_bo: APIClient, numbers: object) -> None:
    path = start_upload(as_bo)["Location"]
    assert as_bo.post(f"{path}/parts", {"part_numbers": numbers}, format="json").status_code == 400


def test_another_persons_upload_is_not_there(
    as_bo: APIClient, as_sam: APIClient, people: NamedPeople
) -> None:
    path = start_upload(as_bo)["Location"]
    assert as_sam.get(path).status_code == 404
    assert as_sam.delete(path).status_code == 404
    assert as_sam.post(f"{path}/parts", {"part_numbers": [1]}, format="json").status_code == 404
    assert as_sam.post(f"{path}/complete").status_code == 404
    assert as_sam.get(f"/api/v1/uploads/{uuid.uuid4()}").content == as_sam.get(path).content


def test_beginning_under_one_key_opens_one_upload(as_bo: APIClient) -> None:
    ids = {
        as_bo.post("/api/v1/uploads", FILE, format="json", headers={"Idempotency-Key": "u1"}).json()["id"]
        for _ in range(2)
    }
    assert len(ids) == Upload.objects.count() == 1
