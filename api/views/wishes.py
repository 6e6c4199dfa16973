"""Say what one does not want to be shown, and take it back."""

import uuid

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from api.edge import Edge, signed_in
from api.finding import visible_story
from api.schema import operation
from api.serializers.wishes import TellerHiddenAsked, TellerHiddenTold, UnwantedAsked, UnwantedTold
from practice import wishes


class Unwanted(Edge):
    refuses = ("Conflict",)  # one's own story is never chosen for oneself

    @operation("stories_unwanted", "Want fewer stories like this one", asks=UnwantedAsked, gives=UnwantedTold)
    def put(self, request: Request, story: uuid.UUID) -> Response:
        asked, person = UnwantedAsked.body(request), signed_in(request)
        found = visible_story(story, to=person)
        if asked["unwanted"]:
            wishes.want_less_like(found, by=person, now=timezone.now())
        else:
            wishes.want_as_before(found, by=person)
        return Response(UnwantedTold(asked).data)


class TellerHidden(Edge):
    refuses = ("Conflict",)

    @operation(
        "stories_hide_teller",
        "Never be shown anything by this story's teller",
        asks=TellerHiddenAsked,
        gives=TellerHiddenTold,
    )
    def put(self, request: Request, story: uuid.UUID) -> Response:
        asked, person = TellerHiddenAsked.body(request), signed_in(request)
        found = visible_story(story, to=person)
        if asked["hidden"]:
            wishes.hide_teller(found.teller, by=person, now=timezone.now())
        else:
            wishes.show_teller(found.teller, by=person)
        return Response(TellerHiddenTold(asked).data)
