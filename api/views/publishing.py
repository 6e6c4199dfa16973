"""Submission, withdrawal and visibility of stories, and the progress of their processing."""

import uuid
from typing import Any

from django.http import StreamingHttpResponse
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from api.base_views import BaseAPIView, accepted, authenticated_user
from api.idempotency import idempotent
from api.lookups import get_own_story_or_404, get_visible_story_or_404
from api.optimistic_locking import expected_version, version_etag
from api.requests.base import EmptyRequest
from api.requests.drafts import StoryVisibilityRequest, VersionOnlyRequest
from api.responses.drafts import OwnStoryResponse, ProcessingProgressResponse
from api.schema import describe_operation
from api.sse import EVENT_STREAM_MEDIA_TYPE, EventStreamRenderer, event_stream_response
from api.views.drafts import own_story_response
from stories import publishing
from stories.progress import processing_progress


class StorySubmissionView(BaseAPIView):
    @describe_operation(
        "stories_submit",
        "Submit a story for review",
        request=VersionOnlyRequest,
        responses={202: OwnStoryResponse},
    )
    @idempotent
    def post(self, request: Request, story_id: uuid.UUID) -> Response:
        body, teller = VersionOnlyRequest.parse_body(request), authenticated_user(request)
        publishing.submit_story(
            get_visible_story_or_404(story_id, viewer=teller),
            by=teller,
            expected_version=expected_version(request, body),
        )
        story = get_own_story_or_404(story_id, teller=teller)
        response = accepted(
            OwnStoryResponse(story).data, location=request.path.replace("/submit", "/progress")
        )
        response["ETag"] = version_etag(story.version)
        return response


class StoryWithdrawalView(BaseAPIView):
    @describe_operation(
        "stories_withdraw",
        "Withdraw a story permanently",
        request=EmptyRequest,
        responses=OwnStoryResponse,
    )
    @idempotent
    def post(self, request: Request, story_id: uuid.UUID) -> Response:
        EmptyRequest.parse_body(request)
        teller = authenticated_user(request)
        publishing.withdraw_story(get_visible_story_or_404(story_id, viewer=teller), by=teller)
        return own_story_response(story_id, teller)


class StoryVisibilityView(BaseAPIView):
    @describe_operation(
        "stories_hide",
        "Hide a story from members, or show it again",
        request=StoryVisibilityRequest,
        responses=OwnStoryResponse,
    )
    def put(self, request: Request, story_id: uuid.UUID) -> Response:
        body, teller = StoryVisibilityRequest.parse_body(request), authenticated_user(request)
        publishing.set_story_hidden(
            get_visible_story_or_404(story_id, viewer=teller), by=teller, hidden=body["hidden"]
        )
        return own_story_response(story_id, teller)


class ProcessingProgressView(BaseAPIView):
    @describe_operation(
        "stories_progress", "Get the processing progress of a story", responses=ProcessingProgressResponse
    )
    def get(self, request: Request, story_id: uuid.UUID) -> Response:
        payload, _ = _read_progress(story_id, authenticated_user(request))
        return Response(payload, headers={"Cache-Control": "no-store"})


EVENT_SCHEMA = {
    "type": "object",
    "properties": {
        "data": {"type": "string", "description": "The response of `progress` as JSON on one line."},
        "event": {
            "type": "string",
            "enum": ["finished"],
            "description": "Processing has ended; do not reconnect.",
        },
    },
    "required": ["data"],
}


class ProcessingProgressStreamView(BaseAPIView):
    """Server-sent events for up to 45 seconds, each with the response of `progress` as its data.

    Do not reconnect after an event named `finished`; otherwise reconnect after `retry`. Under load there is one event and
    a longer delay.
    """

    renderer_classes = [EventStreamRenderer, *BaseAPIView.renderer_classes]

    @describe_operation(
        "stories_progress_events",
        "Stream the processing progress of a story",
        responses={(200, EVENT_STREAM_MEDIA_TYPE): EVENT_SCHEMA},
    )
    @extend_schema(
        examples=[
            OpenApiExample(
                "Event", {"data": '{"percent":40,"finished":false}'}, media_type=EVENT_STREAM_MEDIA_TYPE
            )
        ]
    )
    def get(self, request: Request, story_id: uuid.UUID) -> StreamingHttpResponse:
        teller = authenticated_user(request)
        return event_stream_response(lambda: _read_progress(story_id, teller), subject=story_id)


def _read_progress(story_id: uuid.UUID, teller: User) -> tuple[Any, bool]:
    """Return the current progress, and whether processing has ended. Raises Http404."""
    story = get_own_story_or_404(story_id, teller=teller)
    progress = processing_progress(story)
    payload = {
        "state": story.state,
        "state_label": story.state_label,
        "version": story.version,
        "recording": story.video,
        "stage": progress.stage,
        "percent": progress.percent,
        "message": progress.words,
        "seconds_left": progress.seconds_left,
        "finished": progress.over,
    }
    return ProcessingProgressResponse(payload).data, progress.over
