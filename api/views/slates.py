from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from api.base_views import BaseAPIView, authenticated_user
from api.lookups import get_challenge_or_404
from api.requests.slates import AdditionalRecommendationRequest
from api.responses.slates import AdditionalRecommendationResponse, SlateResponse
from api.schema import describe_operation
from recommendations import additional_recommendation, slates
from recommendations.additional_recommendation import AdditionalRecommendationMode


class SlateView(BaseAPIView):
    extra_problems = ("Conflict",)  # the viewer has to rate the ladder first

    @describe_operation("slates_read", "Get today's slate for a challenge", responses=SlateResponse)
    def get(self, request: Request, slug: str) -> Response:
        viewer = authenticated_user(request)
        try:
            reading = slates.reading_for_slate(viewer, slug)
        except slates.NoReadingYet:
            get_challenge_or_404(slug)  # a challenge that is not offered is 404, whether rated or not
            raise
        slate = slates.get_or_create_slate(reading, now=timezone.now())
        items = slates.visible_slate_items(slate, viewer=viewer)
        payload = {
            "id": slate.pk,
            "challenge": slug,
            "arm": slate.arm,
            "confidence_dropped": slate.nearer,
            "items": items,
        }
        return Response(SlateResponse(payload).data)


class AdditionalRecommendationView(BaseAPIView):
    extra_problems = ("Conflict",)

    @describe_operation(
        "slates_another",
        "Get an additional recommendation besides the slate",
        query=AdditionalRecommendationRequest,
        responses=AdditionalRecommendationResponse,
    )
    def get(self, request: Request, slug: str) -> Response:
        viewer = authenticated_user(request)
        mode = AdditionalRecommendationMode(AdditionalRecommendationRequest.parse_query(request)["mode"])
        try:
            reading = slates.reading_for_slate(viewer, slug)
        except slates.NoReadingYet:
            get_challenge_or_404(slug)
            raise
        pick = additional_recommendation.pick_additional_recommendation(reading, mode, now=timezone.now())
        payload = {
            "story": pick and pick.story,
            "similarities": pick.explanation.shared if pick else [],
            "differences": pick.explanation.differs if pick else [],
        }
        return Response(AdditionalRecommendationResponse(payload).data)
