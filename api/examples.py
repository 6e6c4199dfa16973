"""Example payloads for the OpenAPI document; tests check each against its schema."""

from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers

STORY_ID_EXAMPLE = "5a1f0c1e-6f0e-4d52-9a51-0d1f6f6a2b11"
STORY_CARD_EXAMPLE = {
    "id": STORY_ID_EXAMPLE,
    "title": "I rang my sister",
    "summary": "Two years of silence, and a first sentence.",
    "challenge": "the-conversation",
    "teller": "Bo",
    "language": "en",
    "model_kind": "coping",
    "outcome": "reached",
    "start_rung": 0,
    "end_rung": 2,
    "strategies": ["small_steps"],
    "content_notes": [],
    "media_kind": "video",
    "duration_ms": 41000,
    "caption_languages": ["en"],
    "teller_traits": [{"key": "work_pattern", "label": "working hours", "answer_text": "nights"}],
    "is_demonstration": False,
    "published_at": "2026-03-01T18:30:00Z",
}
STORY_FACTS_EXAMPLE = {
    "title": "I rang my sister",
    "summary": "Two years of silence, and a first sentence.",
    "language": "en",
    "model_kind": "coping",
    "outcome": "reached",
    "start_rung": 0,
    "end_rung": 2,
    "strategies": ["small_steps"],
    "content_notes": [],
    "traits_then": {"work_pattern": "nights", "age": 41},
    "shown_traits": ["work_pattern"],
}
PROFILE_EXAMPLE = {
    "traits": {"age": 41, "work_pattern": "nights", "obstacles": ["time"]},
    "trait_weights": {"work_pattern": 4},
    "muted_content_notes": ["death"],
    "languages": ["en"],
    "country": "GB",
    "captions_only": False,
}
CLAIM_TOKEN_EXAMPLE = "tKq3b7Zc9uO2wXyB4nE6rT8yUiOpAsDfGhJkLzXcVbN"  # noqa: S105  # an example
CONTENT_HASH_EXAMPLE = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
UPLOAD_ID_EXAMPLE = "8a6d2b1e-8f4a-4f0c-9f39-7f0d3c1b2a10"
VIEWING_ID_EXAMPLE = "f3b1b9de-4a1e-4cb9-9f7d-2c44d9f52a01"


class ExampleSerializer(serializers.Serializer[Any]):
    """A serializer whose `example`, if it has one, is added to the OpenAPI document."""

    example: ClassVar[Any]

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "example" not in cls.__dict__:
            return
        example = OpenApiExample(cls.__name__, value=cls.example, status_codes=["200", "201", "202", "503"])
        extend_schema_serializer(examples=[example])(cls)
