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
    response = client.post(f"{path}/parts", {"part_numbers": [number]}, format="json")
    (part_url,) = response.json()["items"]
    assert put_bytes(part_url["url"], b"\x1a" * part_url["size"]) == 200


def test_an_upload_can_be_resumed_and_completed(as_bo: APIClient) -> None:
    started = start_upload(as_bo)
    assert (started.status_code, started.json()["part_count"]) == (201, 2)
    path = started["Location"]
    send_part(as_bo, path, 1)
    assert as_bo.get(path).json()["parts"] == [{"number": 1, "size": FIVE_MIB}]
    incomplete = as_bo.post(f"{path}/complete")
    assert (incomplete.status_code, incomplete.json()["code"]) == (409, "parts_missing")
    send_part(as_bo, path, 2)
    completed = as_bo.post(f"{path}/complete")
    assert (completed.status_code, completed["Location"]) == (202, path)
    assert completed.json()["video"]["status"] == "stored"
    completed_again = as_bo.post(f"{path}/complete")
    assert completed_again.json()["video"]["id"] == completed.json()["video"]["id"]
    assert Video.objects.count() == 1


def test_a_part_with_a_wrong_checksum_is_rejected(as_bo: APIClient) -> None:
    path = start_upload(as_bo, verify_part_checksums=True)["Location"]
    last_part = b"\x1a" * 7
    body = {"part_numbers": [2], "sha256": [hashlib.sha256(last_part).hexdigest()]}
    (part_url,) = as_bo.post(f"{path}/parts", body, format="json").json()["items"]
    assert put_bytes(part_url["url"], b"\x1b" * 7, **part_url["headers"]) == 400
    assert as_bo.get(path).json()["parts"] == []
    assert put_bytes(part_url["url"], last_part, **part_url["headers"]) == 200
    assert as_bo.get(path).json()["parts"] == [{"number": 2, "size": 7}]


@pytest.mark.parametrize(
    ("checks", "checksums"),
    [(True, None), (True, []), (True, ["0" * 64] * 2), (True, ["z" * 64]), (False, ["0" * 64])],
)
def test_checksums_are_required_for_verified_uploads_only(
    as_bo: APIClient, *, checks: bool, checksums: list[str] | None
) -> None:
    path = start_upload(as_bo, verify_part_checksums=checks)["Location"]
    body = {"part_numbers": [1]} | ({} if checksums is None else {"sha256": checksums})
    response = as_bo.post(f"{path}/parts", body, format="json")
    assert response.status_code == 400
    assert [error["field"] for error in response.json()["errors"]] == ["sha256"]


def test_the_list_contains_only_the_users_open_uploads(as_bo: APIClient, as_ana: APIClient) -> None:
    first, second = start_upload(as_bo).json(), start_upload(as_bo, file_name="other.webm").json()
    as_bo.delete(f"/api/v1/uploads/{second['id']}")
    (item,) = as_bo.get("/api/v1/uploads").json()["items"]
    assert (item["id"], item["file_name"], item["size"]) == (first["id"], "me.webm", FIVE_MIB + 7)
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
def test_an_invalid_file_is_rejected_before_the_upload(
    as_bo: APIClient, change: dict[str, object], field: str
) -> None:
    response = start_upload(as_bo, **change)
    assert response.status_code == 400
    assert [error["field"] for error in response.json()["errors"]] == [field]
    assert not Upload.objects.exists()


def test_the_number_of_open_uploads_is_limited(as_bo: APIClient) -> None:
    for _ in range(settings.UPLOADS_IN_FLIGHT):
        assert start_upload(as_bo).status_code == 201
    assert start_upload(as_bo).json()["errors"][0]["field"] == "uploads"


def test_cancelling_is_idempotent(as_bo: APIClient) -> None:
    path = start_upload(as_bo)["Location"]
    assert [as_bo.delete(path).status_code for _ in range(2)] == [204, 204]
    assert as_bo.get(path).json()["state"] == "aborted"
    for action in ("parts", "complete"):
        response = as_bo.post(
            f"{path}/{action}", {"part_numbers": [1]} if action == "parts" else None, format="json"
        )
        assert (response.status_code, response.json()["code"]) == (409, "upload_closed")


@pytest.mark.parametrize("numbers", [[], [0], [3], ["1"], [1] * 101, "1"], ids=str)
def test_invalid_part_numbers_are_rejected(as_bo: APIClient, numbers: object) -> None:
    path = start_upload(as_bo)["Location"]
    assert as_bo.post(f"{path}/parts", {"part_numbers": numbers}, format="json").status_code == 400


def test_an_upload_of_another_user_is_not_found(
    as_bo: APIClient, as_sam: APIClient, people: NamedPeople
) -> None:
    path = start_upload(as_bo)["Location"]
    assert as_sam.get(path).status_code == 404
    assert as_sam.delete(path).status_code == 404
    assert as_sam.post(f"{path}/parts", {"part_numbers": [1]}, format="json").status_code == 404
    assert as_sam.post(f"{path}/complete").status_code == 404
    assert as_sam.get(f"/api/v1/uploads/{uuid.uuid4()}").content == as_sam.get(path).content


def test_starting_with_one_idempotency_key_creates_one_upload(as_bo: APIClient) -> None:
    ids = {
        as_bo.post("/api/v1/uploads", FILE, format="json", headers={"Idempotency-Key": "u1"}).json()["id"]
        for _ in range(2)
    }
    assert len(ids) == Upload.objects.count() == 1
