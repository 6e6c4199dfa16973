"""Do a thing once, however often its request is sent under the same `Idempotency-Key`.

The answer is kept in PostgreSQL and not in Redis, in the same transaction as the change itself: after a crash
there are both or neither, and two requests at once take turns at the row's unique key.
"""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from http import HTTPStatus
from typing import Any, TypeVar

import orjson
from django.db import transaction
from django.utils import timezone
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from api.base_views import BaseAPIView, authenticated_user
from api.models import MAX_KEY_LENGTH, KeptAnswer
from domain_errors.categories import FieldError

HEADER = "Idempotency-Key"
RETENTION = timedelta(days=1)
REPLAYED_HEADER = "Idempotent-Replayed"
STORED_HEADERS = ("Location", "ETag")

ViewT = TypeVar("ViewT", bound=BaseAPIView)
ViewMethod = Callable[..., Response]


class IdempotencyKeyReused(APIException):
    status_code = HTTPStatus.UNPROCESSABLE_ENTITY
    default_code = "idempotency_key_reused"
    default_detail = (
        "This idempotency key was used for a different request. Use a new key for each new request."
    )


class BadIdempotencyKey(FieldError):
    def __init__(self) -> None:
        super().__init__(
            HEADER, "This is not a valid key.", f"Use 1 to {MAX_KEY_LENGTH} printable characters."
        )


def idempotent(act: ViewMethod) -> ViewMethod:
    """Let a view's method answer a repeated key with the answer it gave first; refusals are not kept."""

    @wraps(act)
    def answer(view: BaseAPIView, request: Request, **parts: Any) -> Response:
        key = request.headers.get(HEADER)
        if key is None:
            return act(view, request, **parts)
        if not 0 < len(key) <= MAX_KEY_LENGTH or not key.isprintable():
            raise BadIdempotencyKey
        with transaction.atomic():
            kept = _lock_record(key, _request_fingerprint(request), by=authenticated_user(request))
            if kept.status is not None:
                return _replay_response(kept)
            response = act(view, request, **parts)
            _store_response(kept, response)
        return response

    answer.is_idempotent = True  # type: ignore[attr-defined]  # read by the schema, which documents the header
    return answer


def delete_expired_responses(*, now: datetime) -> int:
    """Remove answers whose day is over, also of people who never come back; returns how many."""
    gone, _ = KeptAnswer.objects.stored_before(now - RETENTION).delete()
    return gone


def _request_fingerprint(request: Request) -> str:
    body = orjson.dumps(request.data, option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(b"\n".join([f"{request.method} {request.path}".encode(), body])).hexdigest()


def _lock_record(key: str, asked: str, *, by: User) -> KeptAnswer:
    """Return the row of this key, locked; a fresh one has no status yet. A concurrent request waits here."""
    KeptAnswer.objects.for_person(by).stored_before(timezone.now() - RETENTION).delete()
    KeptAnswer.objects.bulk_create([KeptAnswer(person=by, key=key, asked=asked)], ignore_conflicts=True)
    kept = KeptAnswer.objects.select_for_update().get(person=by, key=key)
    if kept.asked != asked:
        raise IdempotencyKeyReused
    return kept


def _store_response(kept: KeptAnswer, response: Response) -> None:
    kept.status = response.status_code
    kept.body = orjson.dumps(response.data, default=str).decode()
    kept.headers = {name: response[name] for name in STORED_HEADERS if name in response}
    kept.save()


def _replay_response(kept: KeptAnswer) -> Response:
    return Response(
        orjson.loads(kept.body), status=kept.status, headers={**kept.headers, REPLAYED_HEADER: "true"}
    )
