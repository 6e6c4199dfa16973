"""Idempotency keys: a repeated request gets the stored response instead of being executed again.

The response is stored in PostgreSQL, in the same transaction as the change, so that a crash leaves both or neither.
Concurrent duplicates serialise on the unique key.
"""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from http import HTTPStatus
from typing import Any

import orjson
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from api.base_views import BaseAPIView, authenticated_user
from api.models import MAX_KEY_LENGTH, IdempotentResponse
from domain_errors.categories import FieldError

HEADER = "Idempotency-Key"
RETENTION = timedelta(days=1)
REPLAYED_HEADER = "Idempotent-Replayed"
STORED_HEADERS = ("Location", "ETag")

ViewMethod = Callable[..., Response]


class IdempotencyKeyReused(APIException):
    status_code = HTTPStatus.UNPROCESSABLE_ENTITY
    default_code = "idempotency_key_reused"
    default_detail = _(
        "This idempotency key was used for a different request. Use a new key for each new request."
    )


class InvalidIdempotencyKey(FieldError):
    def __init__(self) -> None:
        super().__init__(
            HEADER, "This is not a valid key.", f"Use 1 to {MAX_KEY_LENGTH} printable characters."
        )


def idempotent(view_method: ViewMethod) -> ViewMethod:
    """Decorate a view method to replay its first response to a repeated key; errors are not stored."""

    @wraps(view_method)
    def replaying_method(view: BaseAPIView, request: Request, **url_kwargs: Any) -> Response:
        key = request.headers.get(HEADER)
        if key is None:
            return view_method(view, request, **url_kwargs)
        if not 0 < len(key) <= MAX_KEY_LENGTH or not key.isprintable():
            raise InvalidIdempotencyKey
        with transaction.atomic():
            record = _lock_record(key, _request_fingerprint(request), by=authenticated_user(request))
            if record.status is not None:
                return _replay_response(record)
            response = view_method(view, request, **url_kwargs)
            _store_response(record, response)
        return response

    replaying_method.is_idempotent = True  # type: ignore[attr-defined]  # read by api.schema
    return replaying_method


def delete_expired_responses(*, now: datetime) -> int:
    """Return the number of deleted responses."""
    deleted, _ = IdempotentResponse.objects.stored_before(now - RETENTION).delete()
    return deleted


def _request_fingerprint(request: Request) -> str:
    body = orjson.dumps(request.data, option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(b"\n".join([f"{request.method} {request.path}".encode(), body])).hexdigest()


def _lock_record(key: str, fingerprint: str, *, by: User) -> IdempotentResponse:
    """Return the locked record of this key; a new one has no status. Concurrent duplicates wait here."""
    IdempotentResponse.objects.for_person(by).stored_before(timezone.now() - RETENTION).delete()
    IdempotentResponse.objects.bulk_create(
        [IdempotentResponse(person=by, key=key, fingerprint=fingerprint)], ignore_conflicts=True
    )
    record = IdempotentResponse.objects.select_for_update().get(person=by, key=key)
    if record.fingerprint != fingerprint:
        raise IdempotencyKeyReused
    return record


def _store_response(record: IdempotentResponse, response: Response) -> None:
    record.status = response.status_code
    record.body = orjson.dumps(response.data, default=str).decode()
    record.headers = {name: response[name] for name in STORED_HEADERS if name in response}
    record.save()


def _replay_response(record: IdempotentResponse) -> Response:
    return Response(
        orjson.loads(record.body), status=record.status, headers={**record.headers, REPLAYED_HEADER: "true"}
    )
