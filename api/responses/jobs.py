from rest_framework import serializers

from api.examples import STORY_ID_EXAMPLE
from api.responses.base import BaseResponse
from api.responses.pages import NextCursorField
from jobs.models import JobState, Queue

JOB_EXAMPLE = {
    "id": "0c9a4f4e-52c6-4d1c-8d3c-0a54c6f2a9d1",
    "kind": "stories.prepare",
    "subject": STORY_ID_EXAMPLE,
    "queue": "media",
    "state": "quarantined",
    "attempts": 3,
    "reason": "The worker died 3 times while doing this.",
    "created_at": "2026-03-01T18:30:00Z",
    "finished_at": "2026-03-01T18:36:00Z",
}


class JobResponse(BaseResponse):
    """A background job; `subject` is the id of the object that it works on."""

    id = serializers.UUIDField()
    kind = serializers.CharField()
    subject = serializers.CharField()
    queue = serializers.ChoiceField(choices=Queue.choices)
    state = serializers.ChoiceField(choices=JobState.choices)
    attempts = serializers.IntegerField()
    reason = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    example = JOB_EXAMPLE


class JobPageResponse(BaseResponse):
    """Quarantined jobs, newest first."""

    items = JobResponse(many=True)
    next = NextCursorField()
    example = {"items": [JOB_EXAMPLE], "next": None}
