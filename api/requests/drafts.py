"""Requests that create and change the user's own stories."""

from typing import Any

from rest_framework import serializers

from accounts.content_notes import ContentNote
from accounts.models import ConsentUse
from api.examples import STORY_FACTS_EXAMPLE
from api.fields import (
    StrictBooleanField,
    StrictCharField,
    StrictChoiceField,
    StrictIntegerField,
    StrictUUIDField,
    TraitAnswersField,
)
from api.requests.base import BaseRequest, VersionedRequest
from challenges.models import MAX_RUNGS
from stories.models import ChapterKind, ModelKind, Outcome, Strategy


class StoryUpdateRequest(VersionedRequest):
    """The fields of a draft to change."""

    title = StrictCharField(max_length=120, required=False)
    summary = StrictCharField(max_length=400, allow_blank=True, required=False)
    language = StrictCharField(max_length=8, required=False)
    model_kind = StrictChoiceField(choices=ModelKind.choices, required=False)
    outcome = StrictChoiceField(choices=Outcome.choices, required=False)
    start_rung = StrictIntegerField(max_value=MAX_RUNGS, required=False)
    end_rung = StrictIntegerField(max_value=MAX_RUNGS, required=False)
    strategies = serializers.ListField(
        child=StrictChoiceField(choices=Strategy.choices), max_length=10, required=False
    )
    content_notes = serializers.ListField(
        child=StrictChoiceField(choices=ContentNote.choices), max_length=14, required=False
    )
    traits_then = TraitAnswersField(
        required=False, help_text="The teller's traits at the start of the story."
    )
    shown_traits = serializers.ListField(
        child=StrictCharField(max_length=40),
        max_length=50,
        required=False,
        help_text="Keys of the traits that other people may see.",
    )
    example = {"expected_version": 3} | STORY_FACTS_EXAMPLE


class StoryCreateRequest(BaseRequest):
    """A new draft; optional fields can be added later."""

    challenge = serializers.SlugField(max_length=60)
    title = StrictCharField(max_length=120)
    example = {"challenge": "the-conversation"} | STORY_FACTS_EXAMPLE

    def get_fields(self) -> dict[str, Any]:
        fields = StoryUpdateRequest().get_fields()
        optional = {
            name: field for name, field in fields.items() if name not in {"expected_version", "title"}
        }
        return {**super().get_fields(), **optional}


class ChapterRequest(BaseRequest):
    """One chapter; `start_ms` counts from the start of the recording."""

    kind = StrictChoiceField(choices=ChapterKind.choices)
    start_ms = StrictIntegerField()
    text = StrictCharField(max_length=400, allow_blank=True, default="")
    barrier = StrictCharField(max_length=40, allow_null=True, default=None)
    rung = StrictIntegerField(min_value=1, max_value=MAX_RUNGS, allow_null=True, default=None)


class ChapterListRequest(VersionedRequest):
    """All chapters in order; they replace the existing ones."""

    chapters = ChapterRequest(many=True)
    example = {"expected_version": 4, "chapters": [{"kind": "start", "start_ms": 0, "text": "At first"}]}


class RecordingRequest(VersionedRequest):
    """The completed upload to use as the recording of the story."""

    upload = StrictUUIDField()
    example = {"expected_version": 4, "upload": "8a6d2b1e-8f4a-4f0c-9f39-7f0d3c1b2a10"}


class PosterRequest(VersionedRequest):
    """Zero-based index of the image to use as the poster."""

    poster_index = StrictIntegerField(max_value=9)
    example = {"expected_version": 5, "poster_index": 1}


class AnonymisationRequest(VersionedRequest):
    """How to anonymise the teller in every rendition of the recording."""

    hide_faces = StrictBooleanField()
    change_voice = StrictBooleanField()
    example = {"expected_version": 5, "hide_faces": False, "change_voice": True}


class VersionOnlyRequest(VersionedRequest):
    """Only the version that the change applies to."""

    example = {"expected_version": 5}


class CaptionsRequest(VersionedRequest):
    """Captions as WebVTT or SubRip."""

    text = StrictCharField(trim_whitespace=False)
    example = {"expected_version": 5, "text": "WEBVTT\n\n00:00.000 --> 00:04.000\nI kept putting it off.\n"}


class ConsentRequest(VersionedRequest):
    """The uses that the teller agrees to, and the version of the consent text."""

    text_version = StrictIntegerField(min_value=1, max_value=32767)
    uses = serializers.ListField(child=StrictChoiceField(choices=ConsentUse.choices))
    example = {"expected_version": 5, "text_version": 1, "uses": ["members"]}


class StoryVisibilityRequest(BaseRequest):
    """Whether to hide the story from members."""

    hidden = StrictBooleanField()
    example = {"hidden": True}
