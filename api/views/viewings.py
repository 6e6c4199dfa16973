"""Watch a story: when, how far, and how much one saw oneself in it."""

import uuid

from django.shortcuts import get_object_or_404
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from api.edge import Edge, made, signed_in
from api.finding import nothing_named
from api.idempotency import once
from api.schema import operation
from api.serializers.viewings import ViewingAsked, ViewingChanged, ViewingTold
from practice import viewings
from practice.models import Slate, Viewing
from stories.models import Story


class Viewings(Edge):
    @operation("viewings_start", "Begin to watch a story", asks=ViewingAsked, gives={201: ViewingTold})
    @once
    def post(self, request: Request) -> Response:
        asked, viewer = ViewingAsked.body(request), signed_in(request)
        story = Story.objects.visible_to(viewer).filter(pk=asked["story"]).first()
        if story is None:
            raise nothing_named("story", "There is no such story.")
        slate = _own_slate(asked.get("slate"), viewer)
        viewing = viewings.start(story, by=viewer, slate=slate, now=timezone.now())
        return made(ViewingTold(viewing).data, at=f"{request.path}/{viewing.pk}")


class OneViewing(Edge):
    @operation(
        "viewings_change", "Say how far one watched and how alike", asks=ViewingChanged, gives=ViewingTold
    )
    def patch(self, request: Request, viewing: uuid.UUID) -> Response:
        asked, viewer = ViewingChanged.body(request), signed_in(request)
        found = get_object_or_404(Viewing.objects.by(viewer), pk=viewing)
        changed = viewings.finish(found, by=viewer, now=timezone.now(), **asked)
        return Response(ViewingTold(changed).data)


def _own_slate(slate: uuid.UUID | None, viewer: User) -> Slate | None:
    if slate is None:
        return None
    found = Slate.objects.filter(pk=slate, viewer=viewer).first()
    if found is None:
        raise nothing_named("slate", "There is no such slate of yours.")
    return found
