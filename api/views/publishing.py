"""Send a story on its way and call it back."""

import uuid
from dataclasses import asdict
from typing import Any

from django.http import StreamingHttpResponse
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from api.edge import Edge, signed_in, under_way
from api.finding import own_story, visible_story
from api.idempotency import once
from api.schema import operation
from api.serializers.strict import Nothing
from api.serializers.telling import HiddenAsked, OnlySeen, OwnStory, ProgressTold
from api.streaming import KIND, EventStream, stream
from api.versions import seen, tag
from api.views.telling import as_its_teller
from stories import publishing
from stories.progress import progress_of


class Submission(Edge):
    @operation("stories_submit", "Send a story for review", asks=OnlySeen, gives={202: OwnStory})
    @once
    def post(self, request: Request, story: uuid.UUID) -> Response:
        asked, teller = OnlySeen.body(request), signed_in(request)
        publishing.submit(visible_story(story, to=teller), by=teller, seen=seen(request, asked))
        fresh = own_story(story, of=teller)
        answer = under_way(OwnStory(fresh).data, at=request.path.replace("/submit", "/progress"))
        answer["ETag"] = tag(fresh.version)
        return answer


class Withdrawal(Edge):
    @operation("stories_withdraw", "Take a story back, for good and at once", asks=Nothing, gives=OwnStory)
    @once
    def post(self, request: Request, story: uuid.UUID) -> Response:
        Nothing.body(request)
        teller = signed_in(request)
        publishing.withdraw(visible_story(story, to=teller), by=teller)
        return as_its_teller(story, teller)


class Hidden(Edge):
    @operation(
        "stories_hide", "Hide a story from members, or show it again", asks=HiddenAsked, gives=OwnStory
    )
    def put(self, request: Request, story: uuid.UUID) -> Response:
        asked, teller = HiddenAsked.body(request), signed_in(request)
        publishing.hide(visible_story(story, to=teller), by=teller, hidden=asked["hidden"])
        return as_its_teller(story, teller)


class Progress(Edge):
    @operation("stories_progress", "Ask how far the preparation of a story is", gives=ProgressTold)
    def get(self, request: Request, story: uuid.UUID) -> Response:
        told, _ = _how_far(story, signed_in(request))
        return Response(told, headers={"Cache-Control": "no-store"})


EVENT = {
    "type": "object",
    "properties": {
        "data": {"type": "string", "description": "What `progress` answers, as JSON on one line."},
        "event": {"type": "string", "enum": ["over"], "description": "There is no reason to come back."},
    },
    "required": ["data"],
}


class ProgressStream(Edge):
    """Server-sent events, each the answer of `progress`, for up to three quarters of a minute.

    After an event named `over` there is no reason to come back; otherwise `retry` says when. Where many listen already
    there is one event and a longer pause.
    """

    renderer_classes = [EventStream, *Edge.renderer_classes]

    @operation(
        "stories_progress_events",
        "Hear how far the preparation of a story is",
        gives={(200, KIND): EVENT},
    )
    @extend_schema(
        examples=[OpenApiExample("Event", {"data": '{"percent":40,"over":false}'}, media_type=KIND)]
    )
    def get(self, request: Request, story: uuid.UUID) -> StreamingHttpResponse:
        teller = signed_in(request)
        return stream(lambda: _how_far(story, teller), about=story)


def _how_far(story: uuid.UUID, teller: User) -> tuple[Any, bool]:
    """Return what a teller is told now, and whether nothing more will come. Raises Http404."""
    found = own_story(story, of=teller)
    progress = progress_of(found)
    told = {
        "state": found.state,
        "state_in_words": found.said_state,
        "version": found.version,
        "recording": found.video,
        **asdict(progress),
    }
    return ProgressTold(told).data, progress.over
