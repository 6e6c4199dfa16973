import json
import os
from pathlib import Path

import pytest
from django.core.cache import cache
from rest_framework.test import APIClient

from challenges.models import Challenge
from tests.people import NamedPeople

CORPUS = Path(os.environ.get("SAMEBOAT_CORPUS", "")) / "strings" / "blns.json"
OWN_HOSTILE_STRINGS = [
    "'; drop table stories; --",
    "<script>alert(1)</script>",
    "{{ 7 * 7 }}",
    "%s%n%d",
    "\u202eright to left",
    "\U0001f6f6\u200d\u2640\ufe0f",
    "Ω≈ç√∫",
    "a\u0301\u0301\u0301",
    "\x7f\x1b[31m",
    "\ufeffbom",
    "null",
    "../../etc/passwd",
]
HOSTILE_STRINGS: list[str] = OWN_HOSTILE_STRINGS
if os.environ.get("SAMEBOAT_CORPUS") and CORPUS.is_file():
    HOSTILE_STRINGS = OWN_HOSTILE_STRINGS + json.loads(CORPUS.read_text())


def test_hostile_strings_are_stored_unchanged_or_rejected(
    as_ana: APIClient, people: NamedPeople, the_conversation: Challenge
) -> None:
    for text in HOSTILE_STRINGS:
        cache.clear()  # resets the rate limits
        response = as_ana.post(
            "/api/v1/steps", {"challenge": "the-conversation", "rung": 1, "text": text}, format="json"
        )
        if response.status_code == 201:
            assert response.json()["text"] == text.strip(), text
        else:
            assert response.status_code == 400, text
            assert not text.strip() or "\0" in text or len(text.strip()) > 300, text


@pytest.mark.parametrize("field", ["title", "summary", "language", "shown_traits", "traits_then"])
def test_hostile_strings_do_not_break_story_creation(
    as_bo: APIClient, the_conversation: Challenge, field: str
) -> None:
    for text in HOSTILE_STRINGS:
        cache.clear()
        values: dict[str, object] = {"shown_traits": [text], "traits_then": {text: text}}
        body = {"challenge": "the-conversation", "title": "x", field: values.get(field, text)}
        response = as_bo.post("/api/v1/stories", body, format="json")
        assert response.status_code in {201, 400}, text


@pytest.mark.parametrize("path", ["/api/v1/stories", "/api/v1/steps", "/api/v1/challenges"])
def test_hostile_strings_do_not_break_query_parameters(
    as_ana: APIClient, people: NamedPeople, path: str
) -> None:
    for text in HOSTILE_STRINGS:
        cache.clear()
        for name in ("cursor", "challenge", "limit", "unknown"):
            assert as_ana.get(path, {name: text}).status_code in {200, 400}, (name, text)
