"""Optimistic locking: a change names the version that the client saw."""

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.request import Request

IF_MATCH_HEADER = "If-Match"
VERSION_ETAG_PATTERN = re.compile(r'"(\d{1,9})"')


class VersionMissing(APIException):
    status_code = HTTPStatus.PRECONDITION_REQUIRED
    default_code = "version_required"
    default_detail = _("Send the version that you saw, in If-Match or in “expected_version”.")


def version_etag(version: int) -> str:
    return f'"{version}"'


def expected_version(request: Request, body: Mapping[str, Any]) -> int:
    """Return the version from `If-Match` or the body. Raises VersionMissing, ValidationError."""
    header = request.headers.get(IF_MATCH_HEADER)
    version_in_body: int | None = body.get("expected_version")
    if header is None:
        if version_in_body is None:
            raise VersionMissing
        return version_in_body
    match = VERSION_ETAG_PATTERN.fullmatch(header.strip())
    if match is None:
        raise ValidationError({IF_MATCH_HEADER: ['This is not the ETag of a version, such as "3".']})
    version = int(match[1])
    if version_in_body is not None and version_in_body != version:
        raise ValidationError({"expected_version": [f"This differs from the version in {IF_MATCH_HEADER}."]})
    return version
