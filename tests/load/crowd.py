"""The users of the load test, each with an IP address of their own."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import requests
from requests.adapters import HTTPAdapter

from tests.installation import Installation
from tests.journeys.sample_recordings import small_recording
from tests.journeys.tell_review_find import approve_stories, tell_story
from tests.journeys.visitor import REQUEST_TIMEOUT_SECONDS, UnexpectedResponse, Visitor
from tests.load.response_log import ResponseLog

VIEWERS, TELLERS, MODERATORS = 20, 2, 3
CONCURRENT_SIGN_UPS = 2  # password hashing is slow by design: more in parallel would only compete for the CPU
ResultT = TypeVar("ResultT")


class SourceAddressAdapter(HTTPAdapter):
    """Connects from an address of the loopback network 127.0.0.0/8."""

    def __init__(self, address: str) -> None:
        self._address = address
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, source_address=(self._address, 0), **kwargs)


class LoadVisitor(Visitor):
    """Records every response."""

    def __init__(
        self, name: str, *, address_number: int, sameboat: Installation, response_log: ResponseLog
    ) -> None:
        super().__init__(name, origin=sameboat.address, read_emailed_code=sameboat.read_emailed_code)
        self.response_log = response_log
        for session in (self._api_session, self._page_session):
            session.mount("http://", SourceAddressAdapter(f"127.0.1.{address_number}"))
            session.hooks["response"].append(
                lambda response, **_more: self.response_log.record_response(response)
            )

    def sign_up(self) -> None:
        """The API token is a session key, so the web pages accept it as their session cookie."""
        super().sign_up()
        self._page_session.cookies.set("sessionid", str(self._api_session.headers["X-Session-Token"]))

    def get_response(self, path: str) -> requests.Response:
        """Sends the token; does not check the status."""
        return self._api_session.get(
            self._origin + path, timeout=REQUEST_TIMEOUT_SECONDS, allow_redirects=False
        )


@dataclass(frozen=True)
class Crowd:
    """All users, and the stories that exist before the load starts."""

    viewers: list[LoadVisitor]
    tellers: list[LoadVisitor]
    moderators: list[LoadVisitor]
    sam: LoadVisitor
    published: list[str]
    in_review: list[str]

    @property
    def everyone(self) -> list[LoadVisitor]:
        return [*self.viewers, *self.tellers, *self.moderators, self.sam]


def response_status_of(action: Callable[[], object]) -> int:
    """200, or the status of the unexpected response."""
    try:
        action()
    except UnexpectedResponse as error:
        return error.response.status_code
    return 200


def run_concurrently(actions: Sequence[Callable[[], ResultT]]) -> list[ResultT]:
    with ThreadPoolExecutor(max_workers=len(actions)) as pool:
        return list(pool.map(lambda action: action(), actions))


def create_crowd(sameboat: Installation, response_log: ResponseLog, *, film: Callable[[], Path]) -> Crowd:
    """Sign up everybody and create stories; half of them are published."""
    names = [f"{role}{number}" for role, count in _roles() for number in range(count)]
    people = {
        name: LoadVisitor(name, address_number=address_number, sameboat=sameboat, response_log=response_log)
        for address_number, name in enumerate(names, 1)
    }
    with ThreadPoolExecutor(max_workers=CONCURRENT_SIGN_UPS) as pool:
        list(pool.map(lambda person: person.sign_up(), people.values()))

    def people_with_role(role: str) -> list[LoadVisitor]:
        return [person for name, person in people.items() if name.rstrip("0123456789") == role]

    for mo in people_with_role("mo"):
        sameboat.run_manage_command("grant_role", mo.email, "moderator")
        mo.enrol_second_factor()
    stories = run_concurrently(
        [partial(tell_story, bo, film(), print_line=discard_line) for bo in people_with_role("bo") * 4]
    )
    published, in_review = stories[::2], stories[1::2]
    approve_stories(people_with_role("mo")[0], published, print_line=discard_line)
    return Crowd(
        people_with_role("ana"),
        people_with_role("bo"),
        people_with_role("mo"),
        people["sam0"],
        published,
        in_review,
    )


@contextmanager
def recording_factory() -> Iterator[Callable[[], Path]]:
    """Yields a thread-safe function that creates a different recording on every call."""
    tones = iter(range(200, 20_000))
    with tempfile.TemporaryDirectory(prefix="sameboat-films-") as folder:
        yield lambda: small_recording(Path(folder), tone=next(tones))


def _roles() -> list[tuple[str, int]]:
    return [("ana", VIEWERS), ("bo", TELLERS), ("mo", MODERATORS), ("sam", 1)]


def discard_line(_line: str) -> None:
    pass
