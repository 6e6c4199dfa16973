"""A client that uses Sameboat only over HTTP: signs up, authenticates with TOTP, uploads files."""

import base64
import hashlib
import hmac
import itertools
import re
import secrets
import struct
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import requests

ALLAUTH_API_PREFIX = "/_allauth/app/v1"
WAIT_TIMEOUT_SECONDS = 300
REQUEST_TIMEOUT_SECONDS = 60


class UnexpectedResponse(AssertionError):
    def __init__(self, response: requests.Response) -> None:
        super().__init__(
            f"{response.request.method} {response.url}: {response.status_code} {response.text[:1000]}"
        )
        self.response = response


class Visitor:
    """One person with an API session token and, separately, the cookies of a browser."""

    def __init__(self, name: str, *, origin: str, read_emailed_code: Callable[[str], str]) -> None:
        self.name = name
        self.email = f"{name}-{secrets.token_hex(4)}@example.test"
        self.password = secrets.token_urlsafe(16)
        self._origin = origin
        self._read_emailed_code = read_emailed_code
        self._api_session = requests.Session()
        self._page_session = requests.Session()  # cookies of a browser, separate from the API token
        self._totp_secret = ""

    def sign_up(self) -> None:
        """Create an account and verify its address with the e-mailed code."""
        login_response = self._call_allauth("post", "/auth/signup", expect=401, json=self._credentials)
        self._keep_token(login_response)
        verification = self._call_allauth(
            "post", "/auth/email/verify", json={"key": self._read_emailed_code(self.email)}
        )
        self._keep_token(verification)

    def enrol_second_factor(self) -> None:
        """Enrol TOTP, then sign in again with it."""
        totp_offer = self._call_allauth("get", "/account/authenticators/totp", expect=404)
        self._totp_secret = totp_offer["meta"]["secret"]
        self._call_allauth("post", "/auth/reauthenticate", json={"password": self.password})
        self._call_allauth("post", "/account/authenticators/totp", json={"code": self._totp_code()})
        self._api_session.headers.pop("X-Session-Token")
        login_response = self._call_allauth("post", "/auth/login", expect=401, json=self._credentials)
        self._keep_token(login_response)
        # Codes can be used only once; the server already accepts the next one.
        authenticated = self._call_allauth(
            "post", "/auth/2fa/authenticate", json={"code": self._totp_code(ahead=1)}
        )
        self._keep_token(authenticated)

    def sign_in_to_pages(self) -> None:
        """Media URLs authenticate with the session cookie, not with the API token."""
        page = self._page_session.get(f"{self._origin}/accounts/login/", timeout=REQUEST_TIMEOUT_SECONDS)
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
        if token is None:
            raise UnexpectedResponse(page)
        form = {"login": self.email, "password": self.password, "csrfmiddlewaretoken": token[1]}
        response = self._page_session.post(
            page.url, data=form, headers={"Referer": page.url}, timeout=REQUEST_TIMEOUT_SECONDS
        )
        if not response.ok or "sessionid" not in self._page_session.cookies:
            raise UnexpectedResponse(response)

    def get(self, path: str) -> Any:
        return self._call_api("get", path)

    def post(self, path: str, body: Any = None, *, key: str = "") -> Any:
        """Requests with the same idempotency key take effect once."""
        return self._call_api("post", path, body or {}, key=key or secrets.token_hex(16))

    def put(self, path: str, body: Any) -> Any:
        return self._call_api("put", path, body)

    def patch(self, path: str, body: Any) -> Any:
        return self._call_api("patch", path, body)

    def upload_file(self, film: Path, *, content_type: str) -> str:
        """Upload in parts to presigned URLs; returns the upload id."""
        upload = self.post(
            "/uploads", {"file_name": film.name, "size": film.stat().st_size, "content_type": content_type}
        )
        upload_path = f"/uploads/{upload['id']}"
        with film.open("rb") as source:
            for number in range(1, upload["part_count"] + 1):
                (part_url,) = self.post(f"{upload_path}/parts", {"part_numbers": [number]})["items"]
                part = requests.put(
                    part_url["url"], data=source.read(part_url["size"]), timeout=REQUEST_TIMEOUT_SECONDS
                )
                if not part.ok:
                    raise UnexpectedResponse(part)
        assert [part["number"] for part in self.get(upload_path)["parts"]] == list(
            range(1, upload["part_count"] + 1)
        )
        self.post(f"{upload_path}/complete")
        return str(upload["id"])

    def wait_for(self, path: str, condition: Callable[[Any], bool]) -> Any:
        """Poll until the condition holds for the response body."""
        deadline = time.monotonic() + WAIT_TIMEOUT_SECONDS
        for interval in itertools.repeat(0.5):
            data = self.get(path)
            if condition(data):
                return data
            if time.monotonic() > deadline:
                raise AssertionError(f"{path} stayed at {data}")
            time.sleep(interval)
        raise AssertionError

    def fetch_page(self, path: str) -> requests.Response:
        """Follows redirects; does not check the status."""
        return self._page_session.get(self._origin + path, timeout=REQUEST_TIMEOUT_SECONDS)

    @property
    def _credentials(self) -> dict[str, str]:
        return {"email": self.email, "password": self.password}

    def _call_api(self, method: str, path: str, body: Any = None, *, key: str = "") -> Any:
        headers = {"Idempotency-Key": key} if key else {}
        response = self._api_session.request(
            method,
            f"{self._origin}/api/v1{path}",
            json=body,
            headers=headers,
            timeout=REQUEST_TIMEOUT_SECONDS,
        )
        if not response.ok:
            raise UnexpectedResponse(response)
        return response.json() if response.content else None

    def _call_allauth(self, method: str, path: str, *, expect: int = 200, json: Any = None) -> Any:
        response = self._api_session.request(
            method, self._origin + ALLAUTH_API_PREFIX + path, json=json, timeout=REQUEST_TIMEOUT_SECONDS
        )
        if response.status_code != expect:
            raise UnexpectedResponse(response)
        return response.json()

    def _keep_token(self, body: Any) -> None:
        token = body["meta"].get("session_token")
        if token:
            self._api_session.headers["X-Session-Token"] = token

    def _totp_code(self, *, ahead: int = 0) -> str:
        """RFC 6238 code for now, or `ahead` periods of 30 seconds later."""
        counter = struct.pack(">Q", int(time.time()) // 30 + ahead)
        digest = hmac.new(base64.b32decode(self._totp_secret), counter, hashlib.sha1).digest()
        offset = digest[-1] & 0xF
        return f"{(struct.unpack('>I', digest[offset : offset + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"
