"""A story as its teller writes it, and how far it is."""

from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import ConsentUse
from api.examples import STORY_CARD_EXAMPLE
from api.fields import TraitAnswersField
from api.responses.base import BaseResponse
from api.responses.pages import NextCursorField
from api.responses.problems import FieldProblemResponse
from api.responses.stories import ChapterResponse, StoryCardResponse
from media.models import Video
from stories import anonymisation, playback, publishing
from stories.models import Story, StoryState

OWN_STORY_EXAMPLE = STORY_CARD_EXAMPLE | {
    "state": "draft",
    "state_label": "Draft",
    "version": 3,
    "hidden": False,
    "held": False,
    "editable": True,
    "traits_then": {"work_pattern": "nights", "age": 41},
    "shown_traits": ["work_pattern"],
    "submitted_at": None,
    "published_at": None,
}


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
    state_label = serializers.CharField()
    version = serializers.IntegerField()
    hidden = serializers.BooleanField()
    held = serializers.BooleanField(help_text="Held by the moderators.")
    editable = serializers.BooleanField(source="may_be_edited")
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
    poster_index = serializers.IntegerField(
        source="poster", help_text="Which of the pictures stands for the story, counted from 0."
    )
    hide_faces = serializers.BooleanField(help_text="Wanted by the teller, in whatever recording.")
    change_voice = serializers.BooleanField(help_text="Wanted by the teller, in whatever recording.")
    frames_with_faces_percent = serializers.SerializerMethodField(
        help_text="In how many of a hundred pictures a face was found and hidden; null where none was looked for."
    )
    poster_urls = serializers.SerializerMethodField(help_text="Addresses of the pictures to choose from.")
    missing = serializers.SerializerMethodField(help_text="What it needs before it can be submitted.")
    example = OWN_STORY_EXAMPLE | {
        "chapters": [],
        "consent": None,
        "recording": None,
        "poster_index": 0,
        "hide_faces": False,
        "change_voice": False,
        "frames_with_faces_percent": None,
        "poster_urls": [],
        "missing": [{"field": "video", "problem": "There is no recording yet.", "fix": "Upload one."}],
    }

    def get_frames_with_faces_percent(self, story: Story) -> int | None:
        return anonymisation.frames_with_faces_percent(story.video)

    def get_poster_urls(self, story: Story) -> list[str]:
        return [reverse("web:my_story_file", args=[story.pk, name]) for name in playback.poster_names(story)]

    @extend_schema_field(FieldProblemResponse(many=True))
    def get_missing(self, story: Story) -> list[dict[str, str]]:
        lacking = publishing.missing_requirements(story) if story.may_be_edited else []
        return [{"field": one.field, "problem": one.problem, "fix": one.fix} for one in lacking]


class ProcessingProgressResponse(BaseResponse):
    """How far the preparing of a story's recording is."""

    state = serializers.ChoiceField(choices=StoryState.choices)
    state_label = serializers.CharField()
    version = serializers.IntegerField()
    recording = RecordingResponse(allow_null=True)
    stage = serializers.CharField(allow_blank=True, help_text="What is being done now.")
    percent = serializers.IntegerField(help_text="Of the whole preparation.")
    message = serializers.CharField(help_text="All of it as a person would say it.")
    seconds_left = serializers.IntegerField(
        allow_null=True, help_text="A guess; null while it would be none."
    )
    finished = serializers.BooleanField(help_text="Nothing more will happen by itself.")
    example = {
        "state": "preparing",
        "state_label": "Being prepared",
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
        "message": "We are making it playable on every device: 40 %. About 2 minutes to go.",
        "seconds_left": 96,
        "finished": False,
    }
