"""A story as its teller writes it, and how far it is."""

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.content_notes import ContentNote
from accounts.models import ConsentUse
from api.requests.base import (
    BaseRequest,
    BaseResponse,
    StrictBooleanField,
    StrictCharField,
    StrictChoiceField,
    StrictIntegerField,
    StrictUUIDField,
    VersionedRequest,
)
from api.requests.pages import NextCursorField
from api.responses.problems import FieldProblemResponse
from api.responses.profile import TraitAnswersField
from api.responses.stories import STORY_CARD_EXAMPLE, ChapterResponse, StoryCardResponse
from challenges.models import MAX_RUNGS
from media.models import Video
from stories import anonymisation, playback, publishing
from stories.models import ChapterKind, ModelKind, Outcome, Story, StoryState, Strategy

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
OWN_STORY_EXAMPLE = STORY_CARD_EXAMPLE | {
    "state": "draft",
    "state_in_words": "Draft",
    "version": 3,
    "hidden": False,
    "held": False,
    "may_be_edited": True,
    "traits_then": {"work_pattern": "nights", "age": 41},
    "shown_traits": ["work_pattern"],
    "submitted_at": None,
    "published_at": None,
}


class StoryUpdateRequest(VersionedRequest):
    """The facts of a story, all of which may be changed while it is a draft."""

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
    traits_then = TraitAnswersField(required=False, help_text="The teller at the start of the story.")
    shown_traits = serializers.ListField(
        child=StrictCharField(max_length=40),
        max_length=50,
        required=False,
        help_text="Keys that others may see.",
    )
    example = {"seen": 3} | STORY_FACTS_EXAMPLE


class StoryCreateRequest(BaseRequest):
    """A new story; what is left out can be added while it is a draft."""

    challenge = serializers.SlugField(max_length=60)
    title = StrictCharField(max_length=120)
    example = {"challenge": "the-conversation"} | STORY_FACTS_EXAMPLE

    def get_fields(self) -> dict[str, Any]:
        facts = StoryUpdateRequest().get_fields()
        optional = {name: field for name, field in facts.items() if name not in {"seen", "title"}}
        return {**super().get_fields(), **optional}


class ChapterRequest(BaseRequest):
    """One chapter; `start_ms` counts from the start of the recording."""

    kind = StrictChoiceField(choices=ChapterKind.choices)
    start_ms = StrictIntegerField()
    text = StrictCharField(max_length=400, allow_blank=True, default="")
    barrier = StrictCharField(max_length=40, allow_null=True, default=None)
    rung = StrictIntegerField(min_value=1, max_value=MAX_RUNGS, allow_null=True, default=None)


class ChapterListRequest(VersionedRequest):
    """All chapters, in order; they replace the ones before."""

    chapters = ChapterRequest(many=True)
    example = {"seen": 4, "chapters": [{"kind": "start", "start_ms": 0, "text": "At first"}]}


class RecordingRequest(VersionedRequest):
    """The complete upload that is to be the story's recording."""

    upload = StrictUUIDField()
    example = {"seen": 4, "upload": "8a6d2b1e-8f4a-4f0c-9f39-7f0d3c1b2a10"}


class PosterRequest(VersionedRequest):
    """Which of the recording's pictures stands for the story, counted from 0."""

    poster = StrictIntegerField(max_value=9)
    example = {"seen": 5, "poster": 1}


class AnonymisationRequest(VersionedRequest):
    """What of the teller is to be hidden in everything that is made of the recording."""

    hide_faces = StrictBooleanField()
    change_voice = StrictBooleanField()
    example = {"seen": 5, "hide_faces": False, "change_voice": True}


class VersionOnlyRequest(VersionedRequest):
    """Nothing but the version that this rests on."""

    example = {"seen": 5}


class CaptionsRequest(VersionedRequest):
    """Captions as WebVTT or SubRip."""

    text = StrictCharField(trim_whitespace=False)
    example = {"seen": 5, "text": "WEBVTT\n\n00:00.000 --> 00:04.000\nI kept putting it off.\n"}


class ConsentRequest(VersionedRequest):
    """Which uses the teller agrees to, in which version of the words."""

    text_version = StrictIntegerField(min_value=1, max_value=32767)
    uses = serializers.ListField(child=StrictChoiceField(choices=ConsentUse.choices))
    example = {"seen": 5, "text_version": 1, "uses": ["members"]}


class StoryVisibilityRequest(BaseRequest):
    """Whether to hide one's story from members."""

    hidden = StrictBooleanField()
    example = {"hidden": True}


class ConsentResponse(BaseResponse):
    """What the teller agreed to."""

    text_version = serializers.IntegerField(source="text_id")
    uses = serializers.ListField(child=serializers.ChoiceField(choices=ConsentUse.choices))
    granted_at = serializers.DateTimeField()


class RecordingResponse(BaseResponse):
    """The recording; `reason` says in words what is wrong with it, if something is."""

    status = serializers.ChoiceField(choices=Video.Status.choices)
    kind = serializers.ChoiceField(choices=Video.Kind.choices)
    duration_ms = serializers.IntegerField(allow_null=True)
    has_sound = serializers.BooleanField()
    reason = serializers.CharField(allow_blank=True)
    playable = serializers.BooleanField(
        source="can_be_watched",
        help_text="Its beginning is there while it is still being checked, the smallest size before the others.",
    )


class OwnStoryCardResponse(StoryCardResponse):
    """One's own story as a list shows it."""

    state = serializers.ChoiceField(choices=StoryState.choices)
    state_in_words = serializers.CharField(source="state_label")
    version = serializers.IntegerField()
    hidden = serializers.BooleanField()
    held = serializers.BooleanField(help_text="Held by the moderators.")
    may_be_edited = serializers.BooleanField()
    traits_then = TraitAnswersField()
    shown_traits = serializers.ListField(child=serializers.CharField())
    submitted_at = serializers.DateTimeField(allow_null=True)


class OwnStoryPageResponse(BaseResponse):
    """One's own stories, newest first."""

    items = OwnStoryCardResponse(many=True)
    next = NextCursorField()
    example = {"items": [OWN_STORY_EXAMPLE], "next": None}


class OwnStoryResponse(OwnStoryCardResponse):
    """One's own story with everything that belongs to it and what it still lacks."""

    chapters = ChapterResponse(many=True)
    consent = ConsentResponse(allow_null=True)
    recording = RecordingResponse(source="video", allow_null=True)
    poster = serializers.IntegerField(help_text="Which of the pictures stands for the story, counted from 0.")
    hide_faces = serializers.BooleanField(help_text="Wanted by the teller, in whatever recording.")
    change_voice = serializers.BooleanField(help_text="Wanted by the teller, in whatever recording.")
    faces_found = serializers.SerializerMethodField(
        help_text="In how many of a hundred pictures a face was found and hidden; null where none was looked for."
    )
    posters = serializers.SerializerMethodField(help_text="Addresses of the pictures to choose from.")
    missing = serializers.SerializerMethodField(help_text="What it needs before it can be submitted.")
    example = OWN_STORY_EXAMPLE | {
        "chapters": [],
        "consent": None,
        "recording": None,
        "poster": 0,
        "hide_faces": False,
        "change_voice": False,
        "faces_found": None,
        "posters": [],
        "missing": [{"field": "video", "problem": "There is no recording yet.", "fix": "Upload one."}],
    }

    def get_faces_found(self, story: Story) -> int | None:
        return anonymisation.frames_with_faces_percent(story.video)

    def get_posters(self, story: Story) -> list[str]:
        return [reverse("web:my_story_media_file", args=[story.pk, name]) for name in playback.poster_names(story)]

    @extend_schema_field(FieldProblemResponse(many=True))
    def get_missing(self, story: Story) -> list[dict[str, str]]:
        lacking = publishing.missing_requirements(story) if story.may_be_edited else []
        return [{"field": one.field, "problem": one.problem, "fix": one.fix} for one in lacking]


class ProcessingProgressResponse(BaseResponse):
    """How far the preparing of a story's recording is."""

    state = serializers.ChoiceField(choices=StoryState.choices)
    state_in_words = serializers.CharField()
    version = serializers.IntegerField()
    recording = RecordingResponse(allow_null=True)
    stage = serializers.CharField(allow_blank=True, help_text="What is being done now.")
    percent = serializers.IntegerField(help_text="Of the whole preparation.")
    words = serializers.CharField(help_text="All of it as a person would say it.")
    seconds_left = serializers.IntegerField(
        allow_null=True, help_text="A guess; null while it would be none."
    )
    over = serializers.BooleanField(help_text="Nothing more will happen by itself.")
    example = {
        "state": "preparing",
        "state_in_words": "Being prepared",
        "version": 6,
        "recording": {
            "status": "processing",
            "kind": "video",
            "duration_ms": None,
            "has_sound": False,
            "reason": "",
            "playable": True,
        },
        "stage": "encoding",
        "percent": 40,
        "words": "We are making it playable on every device: 40 %. About 2 minutes to go.",
        "seconds_left": 96,
        "over": False,
    }
