# noqa: INP001 - a program of its own, to be copied
"""Send a recording to a story of one's own, and go on where an earlier attempt ended.

    SAMEBOAT_EMAIL=bo@example.org SAMEBOAT_PASSWORD=... python upload.py http://127.0.0.1:8000 STORY recording.mp4
    SAMEBOAT_EMAIL=... SAMEBOAT_PASSWORD=... python upload.py http://127.0.0.1:8000 STORY recording.mp4 --upload UPLOAD

Needs nothing but Python. docs/uploading.md explains each step.
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

TRIES = 6
ADDRESSES_AT_ONCE = 20
TIMEOUT_SECONDS = 120


class Refused(Exception):
    """Sameboat said no; the message is what it said."""


class Sameboat:
    """The API of one installation, as one person."""

    def __init__(self, origin: str) -> None:
        self._origin = origin.rstrip("/")
        self._token = ""

    def sign_in(self, email: str, password: str) -> None:
        told = self._ask("POST", "/_allauth/app/v1/auth/login", {"email": email, "password": password})
        self._token = told["meta"]["session_token"]

    def get(self, path: str) -> Any:
        return self._ask("GET", f"/api/v1{path}")

    def send(self, method: str, path: str, body: Any, *, key: str = "") -> Any:
        """Send a change. Under the same key the same change is made once, however often it is sent."""
        return self._ask(method, f"/api/v1{path}", body, key=key)

    def _ask(self, method: str, path: str, body: Any = None, *, key: str = "") -> Any:
        headers = {"Accept": "application/json", "Content-Type": "application/json"}
        headers |= {"X-Session-Token": self._token} if self._token else {}
        headers |= {"Idempotency-Key": key} if key else {}
        content = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self._origin + path, content, headers, method=method)  # noqa: S310 - the caller's own server
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310 - as above
                return json.load(answer)
        except urllib.error.HTTPError as refusal:
            raise Refused(f"{refusal.code}: {refusal.read().decode(errors='replace')[:500]}") from None


def begin(sameboat: Sameboat, file: Path) -> Any:
    with file.open("rb") as content:
        checksum = hashlib.file_digest(content, "sha256").hexdigest()
    facts = {
        "file_name": file.name,
        "size": file.stat().st_size,
        "content_type": mimetypes.guess_type(file.name)[0] or "video/mp4",
        "sha256": checksum,
        "checks_parts": True,
    }
    return sameboat.send("POST", "/uploads", facts, key=uuid.uuid4().hex)


def send_missing(sameboat: Sameboat, upload: Any, file: Path) -> int:
    """Send the parts that the store does not have; return how many that were."""
    there = {part["number"] for part in upload["parts"]}
    missing = [number for number in range(1, upload["part_count"] + 1) if number not in there]
    for first in range(0, len(missing), ADDRESSES_AT_ONCE):
        numbers = missing[first : first + ADDRESSES_AT_ONCE]
        sums = [hashlib.sha256(part_of(file, upload, number)).hexdigest() for number in numbers]
        wanted = {"numbers": numbers} | ({"sha256": sums} if upload["checks_parts"] else {})
        asked = sameboat.send("POST", f"/uploads/{upload['id']}/parts", wanted)
        for address in asked["items"]:
            put(address["url"], part_of(file, upload, address["number"]), address["headers"])
            say(f"part {address['number']} of {upload['part_count']}")
    return len(missing)


def part_of(file: Path, upload: Any, number: int) -> bytes:
    with file.open("rb") as content:
        content.seek((number - 1) * upload["part_size"])
        return content.read(upload["part_size"])


def put(address: str, part: bytes, headers: dict[str, str]) -> None:
    """Send one part straight to the store, again and a little later each time if the line breaks or spoils it."""
    for attempt in range(1, TRIES + 1):
        try:
            request = urllib.request.Request(address, part, headers, method="PUT")  # noqa: S310 - an address that Sameboat gave
            with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS):  # noqa: S310 - as above
                return
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            if attempt == TRIES:
                raise
            time.sleep(2 ** (attempt - 1))


def say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def main() -> int:
    wanted = argparse.ArgumentParser(description="Send a recording to a story of one's own.")
    wanted.add_argument("origin", help="address of Sameboat, such as http://127.0.0.1:8000")
    wanted.add_argument("story", help="id of the story")
    wanted.add_argument("file", type=Path)
    wanted.add_argument("--upload", help="id of an upload to go on with")
    asked = wanted.parse_args()
    sameboat = Sameboat(asked.origin)
    try:
        sameboat.sign_in(os.environ["SAMEBOAT_EMAIL"], os.environ["SAMEBOAT_PASSWORD"])
        upload = sameboat.get(f"/uploads/{asked.upload}") if asked.upload else begin(sameboat, asked.file)
        say(f"upload {upload['id']}, {len(upload['parts'])} of {upload['part_count']} parts are there")
        sent = send_missing(sameboat, upload, asked.file)
        sameboat.send("POST", f"/uploads/{upload['id']}/complete", {}, key=f"complete-{upload['id']}")
        story = sameboat.get(f"/my/stories/{asked.story}")
        sameboat.send(
            "PUT", f"/stories/{asked.story}/recording", {"seen": story["version"], "upload": upload["id"]}
        )
    except Refused as refusal:
        sys.stderr.write(f"{refusal}\n")
        return 1
    say(f"{sent} parts sent; the story has its recording")
    return 0


if __name__ == "__main__":
    sys.exit(main())
