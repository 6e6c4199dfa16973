import io
import json
import os
from pathlib import Path

import pytest
from django.conf import settings
from django.core.cache import cache
from rest_framework.exceptions import ParseError
from rest_framework.test import APIClient

from api.parsers import MAX_NESTING_DEPTH, BodyTooLarge, StrictJSONParser

CORPUS = Path(os.environ.get("SAMEBOAT_CORPUS", "")) / "json"
# Valid in RFC 8259, but PostgreSQL cannot store NUL, and one of two duplicate keys would be lost.
REFUSED_ALTHOUGH_VALID_JSON = {
    "y_object_duplicated_key.json",
    "y_object_duplicated_key_and_value.json",
    "y_object_escaped_null_in_key.json",
    "y_string_null_escape.json",
}
corpus = pytest.mark.skipif(
    not CORPUS.is_dir() or "SAMEBOAT_CORPUS" not in os.environ,
    reason="SAMEBOAT_CORPUS does not name a folder with JSONTestSuite in json/",
)


def parse(text: bytes) -> object:
    return StrictJSONParser().parse(io.BytesIO(text))


@pytest.mark.parametrize(
    "value",
    [None, True, 0, -1, 1.5, "", "ä\U0001f6f6", [], {}, {"a": [{"b": None}]}, {"a:": '":', "\\": '\\":'}],
    ids=repr,
)
def test_valid_json_is_parsed(value: object) -> None:
    assert parse(json.dumps(value).encode()) == value
    assert parse(json.dumps(value, ensure_ascii=False, indent=3).encode()) == value


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"NaN",
        b"[Infinity]",
        b"-Infinity",
        b"1e999",
        b'{"a": "\\u0000"}',
        b'{"a\\u0000": 1}',
        b'"\\ud800"',
        b'"\xed\xa0\x80"',
        b'"\xff"',
        b"\xef\xbb\xbf{}",
        b'{"a": 1, "a": 1}',
        b'{"a": 1, "\\u0061": 2}',
        b'[{"b": {"a": 1, "a" : 2}}]',
        b"{'a': 1}",
        b"[1,]",
        b"/* */ 1",
        b"[" * (MAX_NESTING_DEPTH + 2) + b"]" * (MAX_NESTING_DEPTH + 2),
        b"[" * 100_000,
        b'{"a":' * 5_000,
    ],
    ids=lambda text: repr(text[:24]),
)
def test_ambiguous_or_unstorable_json_is_rejected(text: bytes) -> None:
    with pytest.raises(ParseError):
        parse(text)


def test_a_body_above_the_size_limit_is_rejected() -> None:
    with pytest.raises(BodyTooLarge):
        parse(b'"' + b"a" * settings.DATA_UPLOAD_MAX_MEMORY_SIZE + b'"')


def test_a_body_at_the_size_limit_is_parsed() -> None:
    assert len(str(parse(b'"' + b"a" * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE - 2) + b'"'))) > 1_000_000


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [(b'{"text": NaN}', 400, "parse_error"), (b'"' + b"a" * 2**20 + b'"', 413, "too_large")],
    ids=["not JSON", "too large"],
)
def test_an_invalid_body_results_in_problem_details(
    as_ana: APIClient, body: bytes, status: int, code: str
) -> None:
    response = as_ana.post("/api/v1/steps", data=body, content_type="application/json")
    assert (response.status_code, response.json()["code"]) == (status, code)


@corpus
def test_the_json_corpus_is_accepted_or_rejected_as_expected() -> None:
    wrongly_handled = []
    for path in sorted(CORPUS.glob("*.json")):
        try:
            parse(path.read_bytes())
            accepted = True
        except ParseError:
            accepted = False
        verdict = path.name[0]
        expected = {"y": path.name not in REFUSED_ALTHOUGH_VALID_JSON, "n": False}.get(verdict, accepted)
        if accepted != expected:
            wrongly_handled.append(path.name)
    assert wrongly_handled == []


@corpus
def test_the_json_corpus_does_not_break_an_endpoint(as_ana: APIClient) -> None:
    files = sorted(CORPUS.glob("*.json"))
    assert len(files) > 300
    for path in files:
        cache.clear()  # resets the rate limits
        response = as_ana.post("/api/v1/steps", data=path.read_bytes(), content_type="application/json")
        assert response.status_code == 400, path.name
