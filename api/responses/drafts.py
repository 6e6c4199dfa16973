"""Responses about the user's own stories and their processing."""

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
    """The teller's consent."""

    text_version = serializers.IntegerField(source="text_id")
    uses = serializers.ListField(child=serializers.ChoiceField(choices=ConsentUse.choices))
    granted_at = serializers.DateTimeField()


class RecordingResponse(BaseResponse):
    """`reason` explains in a sentence what is wrong with the recording, if anything."""

    status = serializers.ChoiceField(choices=Video.Status.choices)
    kind = serializers.ChoiceField(choices=Video.Kind.choices)
    duration_ms = serializers.IntegerField(allow_null=True)
    has_sound = serializers.BooleanField()
    reason = serializers.CharField(allow_blank=True)
    playable = serializers.BooleanField(
        source="can_be_watched",
        help_text="The preview is playable during validation, and the smallest rendition before the others.",
    )


class OwnStoryCardResponse(StoryCardResponse):
    """The user's own story in a list."""

    state = serializers.ChoiceField(choices=StoryState.choices)
    state_label = serializers.CharField()
    version = serializers.IntegerField()
    hidden = serializers.BooleanField()
    held = serializers.BooleanField(help_text="Hidden by moderators.")
    editable = serializers.BooleanField(source="may_be_edited")
    traits_then = TraitAnswersField()
    shown_traits = serializers.ListField(child=serializers.CharField())
    submitted_at = serializers.DateTimeField(allow_null=True)


class OwnStoryPageResponse(BaseResponse):
    """The user's own stories, newest first."""

    items = OwnStoryCardResponse(many=True)
    next = NextCursorField()
    example = {"items": [OWN_STORY_EXAMPLE], "next": None}


class OwnStoryResponse(OwnStoryCardResponse):
    """The user's own story with all its parts, and what it still needs before submission."""

    chapters = ChapterResponse(many=True)
    consent = ConsentResponse(allow_null=True)
    recording = RecordingResponse(source="video", allow_null=True)
    poster_index = serializers.IntegerField(source="poster", help_text="Zero-based index of the poster.")
    hide_faces = serializers.BooleanField(help_text="The teller's choice; applies to every recording.")
    change_voice = serializers.BooleanField(help_text="The teller's choice; applies to every recording.")
    frames_with_faces_percent = serializers.SerializerMethodField(
        help_text="Percentage of frames in which a face was detected and hidden; null without face detection."
    )
    poster_urls = serializers.SerializerMethodField(help_text="URLs of the images to choose from.")
    missing = serializers.SerializerMethodField(
        help_text="What the story still needs before it can be submitted."
    )
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
        return [
            reverse("web:my_story_media_file", args=[story.pk, name]) for name in playback.poster_names(story)
        ]

    @extend_schema_field(FieldProblemResponse(many=True))
    def get_missing(self, story: Story) -> list[dict[str, str]]:
        missing = publishing.missing_requirements(story) if story.may_be_edited else []
        return [{"field": item.field, "problem": item.problem, "fix": item.fix} for item in missing]


class ProcessingProgressResponse(BaseResponse):
    """The progress of processing a story's recording."""

    state = serializers.ChoiceField(choices=StoryState.choices)
    state_label = serializers.CharField()
    version = serializers.IntegerField()
    recording = RecordingResponse(allow_null=True)
    stage = serializers.CharField(allow_blank=True, help_text="The current stage.")
    percent = serializers.IntegerField(help_text="Of the whole processing.")
    message = serializers.CharField(help_text="A sentence that describes the progress to the teller.")
    seconds_left = serializers.IntegerField(
        allow_null=True, help_text="An estimate; null if there is none yet."
    )
    finished = serializers.BooleanField(help_text="Processing has ended.")
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
