"""Somebody who knows Sameboat only through its API: signs up, shows a second factor, sends files."""

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
    """The API answered otherwise than the journey needs."""

    def __init__(self, answer: requests.Response) -> None:
        super().__init__(f"{answer.request.method} {answer.url}: {answer.status_code} {answer.text[:1000]}")
        self.response = answer


class Visitor:
    """One person, one session token, and what the API told them."""

    def __init__(self, name: str, *, origin: str, read_emailed_code: Callable[[str], str]) -> None:
        self.name = name
        self.email = f"{name}-{secrets.token_hex(4)}@example.test"
        self.password = secrets.token_urlsafe(16)
        self._origin = origin
        self._read_emailed_code = read_emailed_code
        self._api_session = requests.Session()
        self._page_session = requests.Session()  # a browser's cookies, kept apart from the token of the API
        self._totp_secret = ""

    def sign_up(self) -> None:
        """Create an account and confirm its address by the code that was mailed."""
        asked = self._call_allauth("post", "/auth/signup", expect=401, json=self._credentials)
        self._keep_token(asked)
        confirmed = self._call_allauth(
            "post", "/auth/email/verify", json={"key": self._read_emailed_code(self.email)}
        )
        self._keep_token(confirmed)

    def enrol_second_factor(self) -> None:
        """Enrol an authenticator, then sign in anew with it."""
        offered = self._call_allauth("get", "/account/authenticators/totp", expect=404)
        self._totp_secret = offered["meta"]["secret"]
        self._call_allauth("post", "/auth/reauthenticate", json={"password": self.password})
        self._call_allauth("post", "/account/authenticators/totp", json={"code": self._totp_code()})
        self._api_session.headers.pop("X-Session-Token")
        asked = self._call_allauth("post", "/auth/login", expect=401, json=self._credentials)
        self._keep_token(asked)
        # A code is good once, so the next one, which the server already takes, is shown.
        shown = self._call_allauth("post", "/auth/2fa/authenticate", json={"code": self._totp_code(ahead=1)})
        self._keep_token(shown)

    def sign_in_to_pages(self) -> None:
        """Sign in on the page, too: the recordings' addresses know the cookie of the pages, not the API's token."""
        page = self._page_session.get(f"{self._origin}/accounts/login/", timeout=REQUEST_TIMEOUT_SECONDS)
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
        if token is None:
            raise UnexpectedResponse(page)
        form = {"login": self.email, "password": self.password, "csrfmiddlewaretoken": token[1]}
        answer = self._page_session.post(
            page.url, data=form, headers={"Referer": page.url}, timeout=REQUEST_TIMEOUT_SECONDS
        )
        if not answer.ok or "sessionid" not in self._page_session.cookies:
            raise UnexpectedResponse(answer)

    def get(self, path: str) -> Any:
        return self._call_api("get", path)

    def post(self, path: str, body: Any = None, *, key: str = "") -> Any:
        """Send something once, however often it is sent under the same key."""
        return self._call_api("post", path, body or {}, key=key or secrets.token_hex(16))

    def put(self, path: str, body: Any) -> Any:
        return self._call_api("put", path, body)

    def patch(self, path: str, body: Any) -> Any:
        return self._call_api("patch", path, body)

    def upload_file(self, film: Path, *, content_type: str) -> str:
        """Upload a file in parts straight to the object store; returns the upload's id."""
        begun = self.post(
            "/uploads", {"file_name": film.name, "size": film.stat().st_size, "content_type": content_type}
        )
        upload = f"/uploads/{begun['id']}"
        with film.open("rb") as source:
            for number in range(1, begun["part_count"] + 1):
                (address,) = self.post(f"{upload}/parts", {"numbers": [number]})["items"]
                part = requests.put(
                    address["url"], data=source.read(address["size"]), timeout=REQUEST_TIMEOUT_SECONDS
                )
                if not part.ok:
                    raise UnexpectedResponse(part)
        assert [part["number"] for part in self.get(upload)["parts"]] == list(
            range(1, begun["part_count"] + 1)
        )
        self.post(f"{upload}/complete")
        return str(begun["id"])

    def wait_for(self, path: str, condition: Callable[[Any], bool]) -> Any:
        """Ask again and again until the answer is as wanted."""
        deadline = time.monotonic() + WAIT_TIMEOUT_SECONDS
        for pause in itertools.repeat(0.5):
            told = self.get(path)
            if condition(told):
                return told
            if time.monotonic() > deadline:
                raise AssertionError(f"{path} stayed at {told}")
            time.sleep(pause)
        raise AssertionError

    def fetch_page(self, path: str) -> requests.Response:
        """Get something that is not JSON, redirects followed, without judging the answer."""
        return self._page_session.get(self._origin + path, timeout=REQUEST_TIMEOUT_SECONDS)

    @property
    def _credentials(self) -> dict[str, str]:
        return {"email": self.email, "password": self.password}

    def _call_api(self, method: str, path: str, body: Any = None, *, key: str = "") -> Any:
        headers = {"Idempotency-Key": key} if key else {}
        answer = self._api_session.request(
            method,
            f"{self._origin}/api/v1{path}",
            json=body,
            headers=headers,
            timeout=REQUEST_TIMEOUT_SECONDS,
        )
        if not answer.ok:
            raise UnexpectedResponse(answer)
        return answer.json() if answer.content else None

    def _call_allauth(self, method: str, path: str, *, expect: int = 200, json: Any = None) -> Any:
        answer = self._api_session.request(
            method, self._origin + ALLAUTH_API_PREFIX + path, json=json, timeout=REQUEST_TIMEOUT_SECONDS
        )
        if answer.status_code != expect:
            raise UnexpectedResponse(answer)
        return answer.json()

    def _keep_token(self, told: Any) -> None:
        token = told["meta"].get("session_token")
        if token:
            self._api_session.headers["X-Session-Token"] = token

    def _totp_code(self, *, ahead: int = 0) -> str:
        """Return the code of RFC 6238 for now, or for so many half minutes ahead."""
        counter = struct.pack(">Q", int(time.time()) // 30 + ahead)
        digest = hmac.new(base64.b32decode(self._totp_secret), counter, hashlib.sha1).digest()
        offset = digest[-1] & 0xF
        return f"{(struct.unpack('>I', digest[offset : offset + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"
