"""Stories as members see them, and as their own teller does."""

from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.content_notes import ContentNote
from accounts.traits.catalogue import TRAIT_CATALOGUE, parse_stored_answers
from api.requests.base import BaseRequest, BaseResponse, StrictBooleanField
from api.requests.pages import NextCursorField, PageRequest
from api.responses.labels import ChoiceResponse
from media.models import Video
from media.playback.delivery import MASTER_PLAYLIST_NAME
from stories.models import ChapterKind, ModelKind, Outcome, Story, Strategy

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
    "kind": "video",
    "duration_ms": 41000,
    "captions": ["en"],
    "shown": [{"key": "work_pattern", "label": "working hours", "said": "nights"}],
    "made_up": False,
    "published_at": "2026-03-01T18:30:00Z",
}


class StoryListRequest(PageRequest):
    """Which stories."""

    challenge = serializers.SlugField(max_length=60, required=False, help_text="Slug of a challenge.")


class ShownTraitResponse(ChoiceResponse):
    """One thing about the teller at the start of the story, which they agreed to show."""

    said = serializers.CharField()


class StoryOverviewResponse(BaseResponse):
    """What a story is about, in a line."""

    id = serializers.UUIDField()
    title = serializers.CharField()
    summary = serializers.CharField(allow_blank=True)
    challenge = serializers.CharField(source="challenge.slug")
    teller = serializers.CharField(source="teller.display_name")
    language = serializers.CharField()
    model_kind = serializers.ChoiceField(choices=ModelKind.choices)
    outcome = serializers.ChoiceField(choices=Outcome.choices)
    start_rung = serializers.IntegerField()
    end_rung = serializers.IntegerField()
    strategies = serializers.ListField(child=serializers.ChoiceField(choices=Strategy.choices))
    content_notes = serializers.ListField(child=serializers.ChoiceField(choices=ContentNote.choices))
    kind = serializers.SerializerMethodField()
    duration_ms = serializers.SerializerMethodField()
    made_up = serializers.BooleanField(help_text="A demonstration story with a made-up teller.")

    @extend_schema_field(serializers.ChoiceField(choices=Video.Kind.choices, allow_null=True))
    def get_kind(self, story: Story) -> str | None:
        return story.video.kind if story.video else None

    def get_duration_ms(self, story: Story) -> int | None:
        return story.video.duration_ms if story.video else None


class StoryCardResponse(StoryOverviewResponse):
    """One story as a list shows it."""

    captions = serializers.SerializerMethodField(help_text="Languages; empty if there are none yet.")
    shown = serializers.SerializerMethodField()
    published_at = serializers.DateTimeField(allow_null=True)

    def get_captions(self, story: Story) -> list[str]:
        return story.video.caption_languages if story.video else []

    @extend_schema_field(ShownTraitResponse(many=True))
    def get_shown(self, story: Story) -> list[dict[str, str]]:
        agreed = {key: story.traits_then[key] for key in story.shown_traits if key in story.traits_then}
        return [
            {
                "key": key,
                "label": TRAIT_CATALOGUE[key].label,
                "said": TRAIT_CATALOGUE[key].format_answer(answer),
            }
            for key, answer in parse_stored_answers(agreed).items()
        ]


class StoryPageResponse(BaseResponse):
    """Stories, newest first."""

    items = StoryCardResponse(many=True)
    next = NextCursorField()
    example = {"items": [STORY_CARD_EXAMPLE], "next": None}


class ChapterResponse(BaseResponse):
    """A part of a story, up to the next one's start."""

    kind = serializers.ChoiceField(choices=ChapterKind.choices)
    start_ms = serializers.IntegerField()
    text = serializers.CharField(allow_blank=True)
    barrier = serializers.CharField(source="barrier.key", allow_null=True, default=None)
    rung = serializers.IntegerField(allow_null=True)


class CaptionsResponse(BaseResponse):
    """Captions in one language, and where they are."""

    language = serializers.CharField()
    address = serializers.CharField()


class StoryDetailResponse(StoryCardResponse):
    """One story with its chapters and the addresses to watch it by."""

    chapters = ChapterResponse(many=True)
    playlist = serializers.SerializerMethodField(help_text="HLS; null as long as there is nothing to play.")
    caption_files = serializers.SerializerMethodField()
    mine = serializers.SerializerMethodField(help_text="Whether you tell it.")
    example = STORY_CARD_EXAMPLE | {
        "chapters": [{"kind": "start", "start_ms": 0, "text": "At first", "barrier": None, "rung": None}],
        "playlist": f"/watch/{STORY_ID_EXAMPLE}/hls/master.m3u8",
        "caption_files": [{"language": "en", "address": f"/watch/{STORY_ID_EXAMPLE}/captions/en.vtt"}],
        "mine": False,
    }

    def get_playlist(self, story: Story) -> str | None:
        if story.video is None or not story.video.is_playable:
            return None
        return reverse("web:watch_media_file", args=[story.pk, MASTER_PLAYLIST_NAME])

    @extend_schema_field(CaptionsResponse(many=True))
    def get_caption_files(self, story: Story) -> list[dict[str, str]]:
        return [
            {"language": language, "address": reverse("web:watch_caption_file", args=[story.pk, language])}
            for language in self.get_captions(story)
        ]

    def get_mine(self, story: Story) -> bool:
        return bool(story.teller_id == self.context["person"].pk)


class SavedStoryRequest(BaseRequest):
    """Whether to keep the story for later."""

    saved = StrictBooleanField()
    example = {"saved": True}


class SavedStoryResponse(BaseResponse):
    """Whether the story is kept for later."""

    saved = serializers.BooleanField()
    example = {"saved": True}
