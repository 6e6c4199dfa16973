"""Responses about stories as members see them."""

from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.content_notes import ContentNote
from accounts.traits.catalogue import parse_stored_answers
from accounts.traits.translation import translated_catalogue
from api.examples import STORY_CARD_EXAMPLE, STORY_ID_EXAMPLE
from api.responses.base import BaseResponse
from api.responses.labels import ChoiceResponse
from api.responses.pages import NextCursorField
from media.models import Video
from media.playback.playlists import MASTER_PLAYLIST
from stories.models import ChapterKind, ModelKind, Outcome, Story, Strategy


class ShownTraitResponse(ChoiceResponse):
    """A trait of the teller at the start of the story, which they agreed to show."""

    answer_text = serializers.CharField()


class StoryOverviewResponse(BaseResponse):
    """A summary of a story."""

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
    media_kind = serializers.SerializerMethodField()
    duration_ms = serializers.SerializerMethodField()
    is_demonstration = serializers.BooleanField(
        source="made_up", help_text="A demonstration story with a fictional teller."
    )

    @extend_schema_field(serializers.ChoiceField(choices=Video.Kind.choices, allow_null=True))
    def get_media_kind(self, story: Story) -> str | None:
        return story.video.kind if story.video else None

    def get_duration_ms(self, story: Story) -> int | None:
        return story.video.duration_ms if story.video else None


class StoryCardResponse(StoryOverviewResponse):
    """A story in a list."""

    caption_languages = serializers.SerializerMethodField(help_text="Empty if there are no captions yet.")
    teller_traits = serializers.SerializerMethodField()
    published_at = serializers.DateTimeField(allow_null=True)

    def get_caption_languages(self, story: Story) -> list[str]:
        return story.video.caption_languages if story.video else []

    @extend_schema_field(ShownTraitResponse(many=True))
    def get_teller_traits(self, story: Story) -> list[dict[str, str]]:
        shown_answers = {
            key: story.traits_then[key] for key in story.shown_traits if key in story.traits_then
        }
        return [
            {
                "key": key,
                "label": translated_catalogue()[key].label,
                "answer_text": translated_catalogue()[key].format_answer(answer),
            }
            for key, answer in parse_stored_answers(shown_answers).items()
        ]


class StoryPageResponse(BaseResponse):
    """Stories, newest first."""

    items = StoryCardResponse(many=True)
    next = NextCursorField()
    example = {"items": [STORY_CARD_EXAMPLE], "next": None}


class ChapterResponse(BaseResponse):
    """A chapter, which lasts until the start of the next one."""

    kind = serializers.ChoiceField(choices=ChapterKind.choices)
    start_ms = serializers.IntegerField()
    text = serializers.CharField(allow_blank=True)
    barrier = serializers.CharField(source="barrier.key", allow_null=True, default=None)
    rung = serializers.IntegerField(allow_null=True)


class CaptionsResponse(BaseResponse):
    """The captions file of one language."""

    language = serializers.CharField()
    url = serializers.CharField()


class StoryDetailResponse(StoryCardResponse):
    """A story with its chapters and media URLs."""

    chapters = ChapterResponse(many=True)
    playlist_url = serializers.SerializerMethodField(
        help_text="HLS master playlist; null until there is something to play."
    )
    caption_files = serializers.SerializerMethodField()
    is_own = serializers.SerializerMethodField(help_text="Whether the user is the teller.")
    example = STORY_CARD_EXAMPLE | {
        "chapters": [{"kind": "start", "start_ms": 0, "text": "At first", "barrier": None, "rung": None}],
        "playlist_url": f"/watch/{STORY_ID_EXAMPLE}/hls/master.m3u8",
        "caption_files": [{"language": "en", "url": f"/watch/{STORY_ID_EXAMPLE}/captions/en.vtt"}],
        "is_own": False,
    }

    def get_playlist_url(self, story: Story) -> str | None:
        if story.video is None or not story.video.is_playable:
            return None
        return reverse("web:watch_media_file", args=[story.pk, MASTER_PLAYLIST])

    @extend_schema_field(CaptionsResponse(many=True))
    def get_caption_files(self, story: Story) -> list[dict[str, str]]:
        return [
            {"language": language, "url": reverse("web:watch_caption_file", args=[story.pk, language])}
            for language in self.get_caption_languages(story)
        ]

    def get_is_own(self, story: Story) -> bool:
        return bool(story.teller_id == self.context["person"].pk)


class SavedStoryResponse(BaseResponse):
    """Whether the story is saved for later."""

    saved = serializers.BooleanField()
    example = {"saved": True}
