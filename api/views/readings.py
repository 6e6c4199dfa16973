from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from api.base_views import BaseAPIView, authenticated_user, created
from api.idempotency import idempotent
from api.lookups import get_challenge_or_404, get_challenge_with_ladder_or_404
from api.pagination import paginate
from api.requests.pages import PageRequest
from api.requests.readings import ReadingRequest
from api.responses.readings import ReadingCreatedResponse, ReadingPageResponse
from api.schema import describe_operation
from challenges import readings
from challenges.models import Reading, ReadingMoment
from practice import confidence_change


class ReadingListView(BaseAPIView):
    @describe_operation(
        "readings_list",
        "List the user's readings of a challenge",
        query=PageRequest,
        responses=ReadingPageResponse,
    )
    def get(self, request: Request, slug: str) -> Response:
        own = (
            Reading.objects.by_person(authenticated_user(request))
            .on_challenge(get_challenge_or_404(slug))
            .select_related("challenge")
        )
        page = paginate(
            own.with_ratings(), request, keyset=("-taken_at", "-pk"), query=PageRequest.parse_query(request)
        )
        return Response(ReadingPageResponse(page).data)

    @describe_operation(
        "readings_take",
        "Record a reading: one rating for each rung",
        request=ReadingRequest,
        responses={201: ReadingCreatedResponse},
    )
    @idempotent
    def post(self, request: Request, slug: str) -> Response:
        body, person, challenge = (
            ReadingRequest.parse_body(request),
            authenticated_user(request),
            get_challenge_with_ladder_or_404(slug),
        )
        reading = readings.record_reading(
            challenge, body["ratings"], by=person, moment=ReadingMoment(body["moment"]), at=timezone.now()
        )
        change = (
            confidence_change.latest_confidence_change(challenge, viewer=person)
            if reading.moment == ReadingMoment.AFTER
            else None
        )
        payload = ReadingCreatedResponse({"reading": reading, "change": change})
        return created(payload.data, location=request.path)
