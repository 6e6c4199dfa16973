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
from tests.journeys.films import little_recording
from tests.journeys.three_people import review, tell
from tests.journeys.visitor import TIMEOUT_SECONDS, UnexpectedAnswer, Visitor
from tests.load.ledger import Ledger

VIEWERS, TELLERS, MODERATORS = 20, 2, 3
AT_ONCE = 2  # passwords are slow on purpose: more at once would only wait for each other
One = TypeVar("One")


class FromAnAddress(HTTPAdapter):
    """Calls from one of the addresses of the loopback network, which all belong to this machine."""

    def __init__(self, address: str) -> None:
        self._address = address
        super().__init__()

    def init_poolmanager(self, *words: Any, **named: Any) -> None:
        super().init_poolmanager(*words, source_address=(self._address, 0), **named)


class Guest(Visitor):
    """A visitor whose every answer is written down."""

    def __init__(self, name: str, *, house: int, sameboat: Installation, ledger: Ledger) -> None:
        super().__init__(name, at=sameboat.address, read_letter=sameboat.read_letter)
        self.ledger = ledger
        for session in (self._http, self._pages):
            session.mount("http://", FromAnAddress(f"127.0.1.{house}"))
            session.hooks["response"].append(lambda answer, **_more: self.ledger.note(answer))

    def sign_up(self) -> None:
        """Sign up; the token of the API is the key of a session, so that the pages know it, too."""
        super().sign_up()
        self._pages.cookies.set("sessionid", str(self._http.headers["X-Session-Token"]))

    def look(self, path: str) -> requests.Response:
        """Ask for something with the token, without judging the answer."""
        return self._http.get(self._at + path, timeout=TIMEOUT_SECONDS, allow_redirects=False)


@dataclass(frozen=True)
class Guests:
    """Everybody, and the stories that were there before the crowd."""

    viewers: list[Guest]
    tellers: list[Guest]
    moderators: list[Guest]
    sam: Guest
    published: list[str]
    waiting: list[str]

    @property
    def everybody(self) -> list[Guest]:
        return [*self.viewers, *self.tellers, *self.moderators, self.sam]


def status_of(act: Callable[[], object]) -> int:
    """Return 200 for an act that went well, else the status of the refusal."""
    try:
        act()
    except UnexpectedAnswer as refused:
        return refused.answer.status_code
    return 200


def all_at_once(acts: Sequence[Callable[[], One]]) -> list[One]:
    with ThreadPoolExecutor(max_workers=len(acts)) as pool:
        return list(pool.map(lambda act: act(), acts))


def arrive(sameboat: Installation, ledger: Ledger, *, film: Callable[[], Path]) -> Guests:
    """Let everybody sign up, and some stories be told; half of them are published already."""
    names = [f"{role}{number}" for role, count in _roles() for number in range(count)]
    people = {
        name: Guest(name, house=house, sameboat=sameboat, ledger=ledger)
        for house, name in enumerate(names, 1)
    }
    with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
        list(pool.map(lambda person: person.sign_up(), people.values()))

    def those(role: str) -> list[Guest]:
        return [person for name, person in people.items() if name.rstrip("0123456789") == role]

    for mo in those("mo"):
        sameboat.manage("grant_role", mo.email, "moderator")
        mo.enrol_second_factor()
    told = all_at_once([partial(tell, bo, film(), say=silently) for bo in those("bo") * 4])
    published, waiting = told[::2], told[1::2]
    review(those("mo")[0], published, say=silently)
    return Guests(those("ana"), those("bo"), those("mo"), people["sam0"], published, waiting)


@contextmanager
def films() -> Iterator[Callable[[], Path]]:
    """Give a function that makes another recording each time it is called, from whatever thread."""
    tones = iter(range(200, 20_000))
    with tempfile.TemporaryDirectory(prefix="sameboat-films-") as folder:
        yield lambda: little_recording(Path(folder), tone=next(tones))


def _roles() -> list[tuple[str, int]]:
    return [("ana", VIEWERS), ("bo", TELLERS), ("mo", MODERATORS), ("sam", 1)]


def silently(_line: str) -> None:
    """Say nothing of what a journey would tell."""
