"""Responses to reviewers."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from api.examples import CLAIM_TOKEN_EXAMPLE, CONTENT_HASH_EXAMPLE, STORY_CARD_EXAMPLE, STORY_ID_EXAMPLE
from api.responses.base import BaseResponse
from api.responses.labels import LabelledResponse
from api.responses.stories import ChapterResponse, StoryCardResponse, StoryOverviewResponse
from moderation.models import Verdict
from moderation.rubric import RubricAnswer, RubricItem
from stories.models import Story

QUEUED_STORY_EXAMPLE = {
    name: value
    for name, value in STORY_CARD_EXAMPLE.items()
    if name not in {"caption_languages", "teller_traits", "published_at"}
}


class QueueItemResponse(BaseResponse):
    """A story in the review queue; the identity of another claim holder is not disclosed."""

    story = StoryOverviewResponse()
    submitted_at = serializers.DateTimeField(source="story.submitted_at")
    escalated = serializers.BooleanField()
    claimed = serializers.SerializerMethodField(help_text="A reviewer has claimed it.")
    claimed_by_me = serializers.SerializerMethodField(
        help_text="The reviewer who sends the request has claimed it."
    )

    def get_claimed(self, item: Any) -> bool:
        return item.claim is not None

    def get_claimed_by_me(self, item: Any) -> bool:
        return item.claim is not None and item.claim.reviewer_id == self.context["person"].pk


class ReviewQueueResponse(BaseResponse):
    """Stories that wait for review, in queue order."""

    items = QueueItemResponse(many=True)
    example = {
        "items": [
            {
                "story": QUEUED_STORY_EXAMPLE,
                "submitted_at": "2026-03-01T18:30:00Z",
                "escalated": False,
                "claimed": False,
                "claimed_by_me": False,
            }
        ]
    }


class TranscriptResponse(BaseResponse):
    """Captions in one language as WebVTT."""

    language = serializers.CharField()
    vtt = serializers.CharField()


class EarlierDecisionResponse(BaseResponse):
    """An earlier decision of a reviewer about this story."""

    verdict = serializers.ChoiceField(choices=Verdict.choices)
    version = serializers.IntegerField()
    reasons = serializers.ListField(child=serializers.CharField())
    note_to_teller = serializers.CharField(allow_blank=True)
    note_to_colleagues = serializers.CharField(allow_blank=True)
    decided_at = serializers.DateTimeField(source="at")


class StoryUnderReviewResponse(StoryCardResponse):
    """The story as the claim holder sees it."""

    version = serializers.IntegerField()
    content_hash = serializers.CharField()
    chapters = ChapterResponse(many=True)
    transcripts = serializers.SerializerMethodField()

    @extend_schema_field(TranscriptResponse(many=True))
    def get_transcripts(self, story: Story) -> list[dict[str, str]]:
        all_captions = story.video.captions.all() if story.video else []
        return [{"language": captions.language, "vtt": captions.vtt} for captions in all_captions]


class ClaimResponse(BaseResponse):
    """A claimed story. Send the claim token, version and content hash with the decision."""

    claim_token = serializers.CharField(source="claim.token")
    lease_until = serializers.DateTimeField(source="claim.lease_until")
    playlist_url = serializers.CharField(allow_null=True)
    story = StoryUnderReviewResponse()
    earlier_decisions = EarlierDecisionResponse(many=True)
    example = {
        "claim_token": CLAIM_TOKEN_EXAMPLE,
        "lease_until": "2026-03-01T18:40:00Z",
        "playlist_url": f"/review/{STORY_ID_EXAMPLE}/hls/master.m3u8",
        "story": STORY_CARD_EXAMPLE
        | {
            "published_at": None,
            "version": 7,
            "content_hash": CONTENT_HASH_EXAMPLE,
            "chapters": [],
            "transcripts": [],
        },
        "earlier_decisions": [],
    }


class DecisionResponse(BaseResponse):
    """The stored decision."""

    id = serializers.UUIDField()
    verdict = serializers.ChoiceField(choices=Verdict.choices)
    story = serializers.UUIDField(source="story_id")
    state = serializers.CharField(source="story.state")
    version = serializers.IntegerField(source="story.version")
    reasons = serializers.ListField(child=serializers.CharField())
    decided_at = serializers.DateTimeField(source="at")
    example = {
        "id": "2f1c6b7e-8f0e-4b5d-9b0e-5a0c8e6c2d44",
        "verdict": "changes",
        "story": STORY_ID_EXAMPLE,
        "state": "changes_requested",
        "version": 8,
        "reasons": ["hard_to_follow"],
        "decided_at": "2026-03-01T18:36:00Z",
    }


class RubricItemResponse(LabelledResponse):
    """One question of the rubric."""

    key = serializers.ChoiceField(choices=RubricItem.choices)


class DecisionReasonResponse(LabelledResponse):
    """A decision reason with its explanation for the teller."""

    code = serializers.CharField()
    to_teller = serializers.CharField()
    fix = serializers.CharField()
    item = serializers.ChoiceField(choices=RubricItem.choices, allow_null=True)


class RubricResponse(BaseResponse):
    """The review rubric, its answers, and the reasons for not publishing."""

    items = RubricItemResponse(many=True)
    answers = serializers.ListField(child=serializers.ChoiceField(choices=RubricAnswer.choices))
    reasons = DecisionReasonResponse(many=True)
    example = {
        "items": [{"key": "own_story", "label": "The teller tells their own story"}],
        "answers": ["yes", "no", "unsure"],
        "reasons": [
            {
                "code": "hard_to_follow",
                "label": "Hard to see or hear",
                "to_teller": "Parts of the recording are hard to see or to hear.",
                "fix": "Record those parts again, somewhere quiet.",
                "item": None,
            }
        ],
    }
