"""Optimistic concurrency: which version somebody saw before they asked for a change."""

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from rest_framework.exceptions import APIException, ValidationError
from rest_framework.request import Request

IF_MATCH_HEADER = "If-Match"
VERSION_ETAG_PATTERN = re.compile(r'"(\d{1,9})"')


class VersionMissing(APIException):
    status_code = HTTPStatus.PRECONDITION_REQUIRED
    default_code = "version_required"
    default_detail = "Send the version that you saw, in If-Match or in “expected_version”."


def version_etag(version: int) -> str:
    """Return a version as an entity tag."""
    return f'"{version}"'


def expected_version(request: Request, asked: Mapping[str, Any]) -> int:
    """Return the version from `If-Match` or from `expected_version` in the body. Raises VersionNotNamed, ValidationError."""
    header = request.headers.get(IF_MATCH_HEADER)
    body: int | None = asked.get("expected_version")
    if header is None:
        if body is None:
            raise VersionMissing
        return body
    found = VERSION_ETAG_PATTERN.fullmatch(header.strip())
    if found is None:
        raise ValidationError({IF_MATCH_HEADER: ['This is not the entity tag of a version, like "3".']})
    version = int(found[1])
    if body is not None and body != version:
        raise ValidationError(
            {"expected_version": [f"This is not the version that {IF_MATCH_HEADER} names."]}
        )
    return version
