"""A strict JSON parser: ambiguous input, and values that cannot be stored, are rejected for every view."""

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import IO, Any

import orjson
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import BaseParser

MAX_NESTING_DEPTH = 20  # our own requests need at most four

# In valid JSON, a string before a colon is always a key; the pattern consumes whole strings.
STRING_OR_KEY_PATTERN = re.compile(rb'"(?:[^"\\]|\\.)*"([ \t\r\n]*:)?')


class BodyTooLarge(APIException):
    status_code = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"
    default_detail = _("The request body is too large. Send recordings to the URLs that an upload provides.")


class StrictJSONParser(BaseParser):
    """JSON as in RFC 8259, without duplicate keys."""

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], _media_type: str | None = None, _context: Mapping[str, Any] | None = None
    ) -> Any:
        max_bytes = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        text = stream.read(max_bytes + 1)
        if len(text) > max_bytes:
            raise BodyTooLarge
        return parse_strict_json(text)


def parse_strict_json(text: bytes) -> Any:
    """Return the parsed value. Raises ParseError.

    orjson rejects NaN, Infinity, numbers beyond double precision, lone surrogates, byte order marks and invalid UTF-8.
    This function also rejects NUL characters, which PostgreSQL cannot store, duplicate keys and deep nesting.
    """
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise ParseError(f"Malformed JSON: {error}.") from error
    if _validate_and_count_keys(value) != sum(
        1 for match in STRING_OR_KEY_PATTERN.finditer(text) if match[1]
    ):
        raise ParseError("Duplicate key in an object.")
    return value


def _validate_and_count_keys(value: Any) -> int:
    """Return the number of keys of all objects. Raises ParseError."""
    key_count, level, depth = 0, [value], 0
    while level:
        if depth > MAX_NESTING_DEPTH:
            raise ParseError(f"Nested deeper than {MAX_NESTING_DEPTH} levels.")
        next_level: list[Any] = []
        for item in level:
            if isinstance(item, dict):
                key_count += len(item)
                next_level += item.keys()
                next_level += item.values()
            elif isinstance(item, list):
                next_level += item
            elif isinstance(item, str) and "\0" in item:
                raise ParseError("NUL character in a string.")
        level, depth = next_level, depth + 1
    return key_count
