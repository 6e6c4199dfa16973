"""Send a story on its way and call it back."""

import uuid

from rest_framework.request import Request
from rest_framework.response import Response

from api.edge import Edge, signed_in, under_way
from api.finding import own_story, visible_story
from api.idempotency import once
from api.schema import operation
from api.serializers.strict import Nothing
from api.serializers.telling import HiddenAsked, OnlySeen, OwnStory, ProgressTold
from api.versions import seen, tag
from api.views.telling import as_its_teller
from stories import publishing


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
        found = own_story(story, of=signed_in(request))
        told = {
            "state": found.state,
            "state_in_words": found.said_state,
            "version": found.version,
            "recording": found.video,
            "stage": found.video.stage if found.video else "",
            "percent": found.video.percent if found.video else 0,
        }
        return Response(ProgressTold(told).data, headers={"Cache-Control": "no-store"})
