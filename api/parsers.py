"""Read request bodies as strict JSON: what is ambiguous or cannot be stored is refused here, once, for every view."""

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import IO, Any

import orjson
from django.conf import settings
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import BaseParser

MAX_NESTING_DEPTH = 20  # no request of ours nests more than four deep

# In valid JSON, a string before a colon is always a key; anything inside a string was taken with it.
STRING_OR_KEY_PATTERN = re.compile(rb'"(?:[^"\\]|\\.)*"([ \t\r\n]*:)?')


class BodyTooLarge(APIException):
    status_code = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"
    default_detail = "The request body is too large. Send recordings to the URLs that an upload provides."


class StrictJSONParser(BaseParser):
    """JSON as RFC 8259 has it, without its ambiguities."""

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], _media_type: str | None = None, _context: Mapping[str, Any] | None = None
    ) -> Any:
        most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        text = stream.read(most + 1)
        if len(text) > most:
            raise BodyTooLarge
        return parse_strict_json(text)


def parse_strict_json(text: bytes) -> Any:
    """Return the value that the text stands for. Raises ParseError.

    orjson refuses NaN, Infinity, numbers beyond a double, lone surrogates, a byte order mark and bad UTF-8;
    NUL characters (PostgreSQL cannot keep them), repeated keys and deep nesting are refused here.
    """
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise ParseError(f"This is not JSON that we read: {error}.") from error
    if _validate_and_count_keys(value) != sum(
        1 for found in STRING_OR_KEY_PATTERN.finditer(text) if found[1]
    ):
        raise ParseError("An object has the same key twice.")
    return value


def _validate_and_count_keys(value: Any) -> int:
    """Return how many keys all objects have together, after a look at every value. Raises ParseError."""
    keys, level, depth = 0, [value], 0
    while level:
        if depth > MAX_NESTING_DEPTH:
            raise ParseError(f"This nests deeper than {MAX_NESTING_DEPTH} levels.")
        below: list[Any] = []
        for one in level:
            if isinstance(one, dict):
                keys += len(one)
                below += one.keys()
                below += one.values()
            elif isinstance(one, list):
                below += one
            elif isinstance(one, str) and "\0" in one:
                raise ParseError("A text holds a NUL character.")
        level, depth = below, depth + 1
    return keys
