# noqa: INP001 - a standalone program, to be copied
"""Upload a recording to one of your own stories, or resume an earlier upload.

    SAMEBOAT_EMAIL=bo@example.org SAMEBOAT_PASSWORD=... python upload.py http://127.0.0.1:8000 STORY recording.mp4
    SAMEBOAT_EMAIL=... SAMEBOAT_PASSWORD=... python upload.py http://127.0.0.1:8000 STORY recording.mp4 --upload UPLOAD

Needs only Python. docs/uploading.md explains each step.
"""

import argparse
import hashlib
import json
import mimetypes
import os
import sys
import time
import urllib.error
import urllib.request
import uuid
from pathlib import Path
from typing import Any

MAX_ATTEMPTS = 6
ADDRESSES_PER_REQUEST = 20
TIMEOUT_SECONDS = 120


class RequestRejected(Exception):
    """Sameboat rejected a request; the message contains status and body."""


class SameboatClient:
    """API client of one user."""

    def __init__(self, origin: str) -> None:
        self._origin = origin.rstrip("/")
        self._session_token = ""

    def log_in(self, email: str, password: str) -> None:
        response = self._send("POST", "/_allauth/app/v1/auth/login", {"email": email, "password": password})
        self._session_token = response["meta"]["session_token"]

    def get(self, path: str) -> Any:
        return self._send("GET", f"/api/v1{path}")

    def send(self, method: str, path: str, body: Any, *, idempotency_key: str = "") -> Any:
        """Send a change; requests with the same idempotency key make it once."""
        return self._send(method, f"/api/v1{path}", body, idempotency_key=idempotency_key)

    def _send(self, method: str, path: str, body: Any = None, *, idempotency_key: str = "") -> Any:
        headers = {"Accept": "application/json", "Content-Type": "application/json"}
        headers |= {"X-Session-Token": self._session_token} if self._session_token else {}
        headers |= {"Idempotency-Key": idempotency_key} if idempotency_key else {}
        content = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self._origin + path, content, headers, method=method)  # noqa: S310 - the caller's own server
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as response:  # noqa: S310 - as above
                return json.load(response)
        except urllib.error.HTTPError as error:
            raise RequestRejected(f"{error.code}: {error.read().decode(errors='replace')[:500]}") from None


def start_upload(client: SameboatClient, file: Path) -> Any:
    with file.open("rb") as content:
        checksum = hashlib.file_digest(content, "sha256").hexdigest()
    body = {
        "file_name": file.name,
        "size": file.stat().st_size,
        "content_type": mimetypes.guess_type(file.name)[0] or "video/mp4",
        "sha256": checksum,
        "verify_part_checksums": True,
    }
    return client.send("POST", "/uploads", body, idempotency_key=uuid.uuid4().hex)


def send_missing_parts(client: SameboatClient, upload: Any, file: Path) -> int:
    """Send the parts that the store does not have; returns how many."""
    stored_numbers = {part["number"] for part in upload["parts"]}
    missing = [number for number in range(1, upload["part_count"] + 1) if number not in stored_numbers]
    for first in range(0, len(missing), ADDRESSES_PER_REQUEST):
        numbers = missing[first : first + ADDRESSES_PER_REQUEST]
        checksums = [hashlib.sha256(read_part(file, upload, number)).hexdigest() for number in numbers]
        body = {"part_numbers": numbers} | ({"sha256": checksums} if upload["verify_part_checksums"] else {})
        addresses = client.send("POST", f"/uploads/{upload['id']}/parts", body)["items"]
        for address in addresses:
            put_part(address["url"], read_part(file, upload, address["number"]), address["headers"])
            print_line(f"part {address['number']} of {upload['part_count']}")
    return len(missing)


def read_part(file: Path, upload: Any, number: int) -> bytes:
    with file.open("rb") as content:
        content.seek((number - 1) * upload["part_size"])
        return content.read(upload["part_size"])


def put_part(url: str, part: bytes, headers: dict[str, str]) -> None:
    """Send one part to the store; retries with exponential back-off after network errors and corrupted parts."""
    for attempt in range(1, MAX_ATTEMPTS + 1):
        try:
            request = urllib.request.Request(url, part, headers, method="PUT")  # noqa: S310 - a presigned URL from Sameboat
            with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS):  # noqa: S310 - as above
                return
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            if attempt == MAX_ATTEMPTS:
                raise
            time.sleep(2 ** (attempt - 1))


def print_line(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> int:
    parser = argparse.ArgumentParser(description="Upload a recording to one of your own stories.")
    parser.add_argument("origin", help="address of Sameboat, for example http://127.0.0.1:8000")
    parser.add_argument("story", help="id of the story")
    parser.add_argument("file", type=Path)
    parser.add_argument("--upload", help="id of an upload to resume")
    options = parser.parse_args()
    client = SameboatClient(options.origin)
    try:
        client.log_in(os.environ["SAMEBOAT_EMAIL"], os.environ["SAMEBOAT_PASSWORD"])
        upload = (
            client.get(f"/uploads/{options.upload}") if options.upload else start_upload(client, options.file)
        )
        print_line(f"upload {upload['id']}, {len(upload['parts'])} of {upload['part_count']} parts stored")
        sent_parts = send_missing_parts(client, upload, options.file)
        client.send(
            "POST", f"/uploads/{upload['id']}/complete", {}, idempotency_key=f"complete-{upload['id']}"
        )
        story = client.get(f"/my/stories/{options.story}")
        client.send(
            "PUT",
            f"/stories/{options.story}/recording",
            {"expected_version": story["version"], "upload": upload["id"]},
        )
    except RequestRejected as error:
        sys.stderr.write(f"{error}\n")
        return 1
    print_line(f"{sent_parts} parts sent; the story has its recording")
    return 0


if __name__ == "__main__":
    sys.exit(main())
