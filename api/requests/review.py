"""Requests of reviewers."""

from rest_framework import serializers

from api.examples import CLAIM_TOKEN_EXAMPLE, CONTENT_HASH_EXAMPLE
from api.fields import StrictCharField, StrictChoiceField
from api.requests.base import BaseRequest, VersionedRequest
from moderation.models import MAX_NOTE_LENGTH, Verdict
from stories.models import HASH_LENGTH


class ClaimTokenRequest(BaseRequest):
    """The claim to give up."""

    claim_token = StrictCharField(max_length=64)
    example = {"claim_token": CLAIM_TOKEN_EXAMPLE}


class DecisionRequest(VersionedRequest):
    """A verdict on exactly the content that the reviewer saw."""

    verdict = StrictChoiceField(choices=Verdict.choices)
    claim_token = StrictCharField(max_length=64)
    content_hash = StrictCharField(min_length=HASH_LENGTH, max_length=HASH_LENGTH)
    reasons = serializers.ListField(child=StrictCharField(max_length=40), max_length=20, default=list)
    note_to_teller = StrictCharField(max_length=MAX_NOTE_LENGTH, allow_blank=True, default="")
    note_to_colleagues = StrictCharField(max_length=MAX_NOTE_LENGTH, allow_blank=True, default="")
    rubric = serializers.DictField(child=StrictCharField(max_length=10), default=dict)
    example = {
        "expected_version": 7,
        "verdict": "changes",
        "claim_token": CLAIM_TOKEN_EXAMPLE,
        "content_hash": CONTENT_HASH_EXAMPLE,
        "reasons": ["hard_to_follow"],
        "note_to_teller": "From 0:20 the sound is gone.",
        "rubric": {"own_story": "yes"},
    }
