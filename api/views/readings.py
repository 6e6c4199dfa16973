"""Say how sure one is of each rung, and see how that moved."""

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from api.edge import Edge, made, signed_in
from api.finding import challenge_at, challenge_of_list
from api.idempotency import once
from api.pagination import page
from api.schema import operation
from api.serializers.pages import PageAsked
from api.serializers.readings import ReadingAsked, ReadingPage, ReadingTaken
from challenges import rating
from challenges.models import Moment, Reading
from practice import outcomes


class Readings(Edge):
    @operation("readings_list", "List one's own readings", query=PageAsked, gives=ReadingPage)
    def get(self, request: Request, slug: str) -> Response:
        own = Reading.objects.by(signed_in(request)).on(challenge_of_list(slug)).select_related("challenge")
        found = page(own.with_ratings(), request, keyset=("-taken_at", "-pk"), asked=PageAsked.query(request))
        return Response(ReadingPage(found).data)

    @operation("readings_take", "Rate every rung of a ladder", asks=ReadingAsked, gives={201: ReadingTaken})
    @once
    def post(self, request: Request, slug: str) -> Response:
        asked, person, challenge = ReadingAsked.body(request), signed_in(request), challenge_at(slug)
        reading = rating.take(
            challenge, asked["ratings"], by=person, moment=Moment(asked["moment"]), at=timezone.now()
        )
        change = outcomes.confidence_change(challenge, of=person) if reading.moment == Moment.AFTER else None
        told = ReadingTaken({"reading": reading, "change": change})
        return made(told.data, at=request.path)
