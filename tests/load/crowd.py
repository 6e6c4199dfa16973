"""The people who come all at once, each from an address of their own, as households do."""

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
CONCURRENT_SIGN_UPS = 2  # passwords are slow on purpose: more at once would only wait for each other
ResultT = TypeVar("ResultT")


class SourceAddressAdapter(HTTPAdapter):
    """Calls from one of the addresses of the loopback network, which all belong to this machine."""

    def __init__(self, address: str) -> None:
        self._address = address
        super().__init__()

    def init_poolmanager(self, *words: Any, **named: Any) -> None:
        super().init_poolmanager(*words, source_address=(self._address, 0), **named)


class LoadVisitor(Visitor):
    """A visitor whose every answer is written down."""

    def __init__(
        self, name: str, *, address_number: int, sameboat: Installation, response_log: ResponseLog
    ) -> None:
        super().__init__(name, origin=sameboat.address, read_emailed_code=sameboat.read_emailed_code)
        self.response_log = response_log
        for session in (self._api_session, self._page_session):
            session.mount("http://", SourceAddressAdapter(f"127.0.1.{address_number}"))
            session.hooks["response"].append(
                lambda answer, **_more: self.response_log.record_response(answer)
            )

    def sign_up(self) -> None:
        """Sign up; the token of the API is the key of a session, so that the pages know it, too."""
        super().sign_up()
        self._page_session.cookies.set("sessionid", str(self._api_session.headers["X-Session-Token"]))

    def get_response(self, path: str) -> requests.Response:
        """Ask for something with the token, without judging the answer."""
        return self._api_session.get(
            self._origin + path, timeout=REQUEST_TIMEOUT_SECONDS, allow_redirects=False
        )


@dataclass(frozen=True)
class Crowd:
    """Everybody, and the stories that were there before the crowd."""

    viewers: list[LoadVisitor]
    tellers: list[LoadVisitor]
    moderators: list[LoadVisitor]
    sam: LoadVisitor
    published: list[str]
    in_review: list[str]

    @property
    def everyone(self) -> list[LoadVisitor]:
        return [*self.viewers, *self.tellers, *self.moderators, self.sam]


def response_status_of(act: Callable[[], object]) -> int:
    """Return 200 for an act that went well, else the status of the refusal."""
    try:
        act()
    except UnexpectedResponse as refused:
        return refused.response.status_code
    return 200


def run_concurrently(acts: Sequence[Callable[[], ResultT]]) -> list[ResultT]:
    with ThreadPoolExecutor(max_workers=len(acts)) as pool:
        return list(pool.map(lambda act: act(), acts))


def create_crowd(sameboat: Installation, ledger: ResponseLog, *, film: Callable[[], Path]) -> Crowd:
    """Let everybody sign up, and some stories be told; half of them are published already."""
    names = [f"{role}{number}" for role, count in _roles() for number in range(count)]
    people = {
        name: LoadVisitor(name, address_number=house, sameboat=sameboat, response_log=ledger)
        for house, name in enumerate(names, 1)
    }
    with ThreadPoolExecutor(max_workers=CONCURRENT_SIGN_UPS) as pool:
        list(pool.map(lambda person: person.sign_up(), people.values()))

    def those(role: str) -> list[LoadVisitor]:
        return [person for name, person in people.items() if name.rstrip("0123456789") == role]

    for mo in those("mo"):
        sameboat.run_manage_command("grant_role", mo.email, "moderator")
        mo.enrol_second_factor()
    told = run_concurrently(
        [partial(tell_story, bo, film(), print_line=discard_line) for bo in those("bo") * 4]
    )
    published, waiting = told[::2], told[1::2]
    approve_stories(those("mo")[0], published, print_line=discard_line)
    return Crowd(those("ana"), those("bo"), those("mo"), people["sam0"], published, waiting)


@contextmanager
def recording_factory() -> Iterator[Callable[[], Path]]:
    """Give a function that makes another recording each time it is called, from whatever thread."""
    tones = iter(range(200, 20_000))
    with tempfile.TemporaryDirectory(prefix="sameboat-films-") as folder:
        yield lambda: small_recording(Path(folder), tone=next(tones))


def _roles() -> list[tuple[str, int]]:
    return [("ana", VIEWERS), ("bo", TELLERS), ("mo", MODERATORS), ("sam", 1)]


def discard_line(_line: str) -> None:
    """Say nothing of what a journey would tell."""
