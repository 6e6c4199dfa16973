"""Do a thing once, however often its request is sent under the same `Idempotency-Key`.

The answer is kept in PostgreSQL and not in Redis, in the same transaction as the change itself: after a crash
there are both or neither, and two requests at once take turns at the row's unique key.
"""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, TypeVar

import orjson
from django.db import transaction
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from api.edge import Edge, signed_in
from api.models import LONGEST_KEY, KeptAnswer

HEADER = "Idempotency-Key"
KEEP = timedelta(days=1)
REPLAYED = "Idempotent-Replayed"
KEPT_HEADERS = ("Location", "ETag")

View = TypeVar("View", bound=Edge)
Act = Callable[..., Response]


class KeyUsedForSomethingElse(Exception):
    """The same key came with another request."""


class BadKey(Exception):
    """A key is empty or longer than we keep."""


def once(act: Act) -> Act:
    """Let a view's method answer a repeated key with the answer it gave first; refusals are not kept."""

    @wraps(act)
    def answer(view: Edge, request: Request, **parts: Any) -> Response:
        key = request.headers.get(HEADER)
        if key is None:
            return act(view, request, **parts)
        if not 0 < len(key) <= LONGEST_KEY or not key.isprintable():
            raise BadKey
        with transaction.atomic():
            kept = _take(key, _fingerprint(request), by=signed_in(request))
            if kept.status is not None:
                return _replay(kept)
            response = act(view, request, **parts)
            _keep(kept, response)
        return response

    answer.does_once = True  # type: ignore[attr-defined]  # read by the schema, which documents the header
    return answer


def forget(*, now: datetime) -> int:
    """Remove answers whose day is over, also of people who never come back; returns how many."""
    gone, _ = KeptAnswer.objects.kept_before(now - KEEP).delete()
    return gone


def _fingerprint(request: Request) -> str:
    body = orjson.dumps(request.data, option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(b"\n".join([f"{request.method} {request.path}".encode(), body])).hexdigest()


def _take(key: str, asked: str, *, by: User) -> KeptAnswer:
    """Return the row of this key, locked; a fresh one has no status yet. A concurrent request waits here."""
    KeptAnswer.objects.of(by).kept_before(timezone.now() - KEEP).delete()
    KeptAnswer.objects.bulk_create([KeptAnswer(person=by, key=key, asked=asked)], ignore_conflicts=True)
    kept = KeptAnswer.objects.select_for_update().get(person=by, key=key)
    if kept.asked != asked:
        raise KeyUsedForSomethingElse
    return kept


def _keep(kept: KeptAnswer, response: Response) -> None:
    kept.status = response.status_code
    kept.body = orjson.dumps(response.data, default=str).decode()
    kept.headers = {name: response[name] for name in KEPT_HEADERS if name in response}
    kept.save()


def _replay(kept: KeptAnswer) -> Response:
    return Response(orjson.loads(kept.body), status=kept.status, headers={**kept.headers, REPLAYED: "true"})
