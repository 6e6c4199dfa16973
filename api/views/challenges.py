from django.http import HttpResponseBase
from rest_framework.request import Request
from rest_framework.response import Response

from api.base_views import BaseAPIView, PublicAPIView
from api.etags import conditional_response
from api.lookups import get_challenge_with_ladder_or_404
from api.pagination import paginate
from api.requests.pages import PageRequest
from api.responses.challenges import BarrierListResponse, ChallengeDetailResponse, ChallengePageResponse
from api.schema import describe_operation
from challenges.models import Challenge

KEYSET = ("domain__order", "order", "pk")


class ChallengeListView(PublicAPIView):
    @describe_operation(
        "challenges_list",
        "List challenges",
        query=PageRequest,
        responses={200: ChallengePageResponse, 304: None},
    )
    def get(self, request: Request) -> HttpResponseBase:
        offered = Challenge.objects.offered().select_related("domain")
        page = paginate(offered, request, keyset=KEYSET, query=PageRequest.parse_query(request))
        return conditional_response(request, ChallengePageResponse(page).data)


class ChallengeDetailView(PublicAPIView):
    @describe_operation(
        "challenges_read",
        "Get a challenge with its ladder",
        responses={200: ChallengeDetailResponse, 304: None},
    )
    def get(self, request: Request, slug: str) -> HttpResponseBase:
        return conditional_response(
            request, ChallengeDetailResponse(get_challenge_with_ladder_or_404(slug)).data
        )


class BarrierListView(BaseAPIView):
    """Separate from the challenge, because a list of barriers alone lowers confidence."""

    @describe_operation(
        "challenges_barriers", "List the barriers of a challenge, for tellers", responses=BarrierListResponse
    )
    def get(self, _request: Request, slug: str) -> Response:
        return Response(
            BarrierListResponse({"items": get_challenge_with_ladder_or_404(slug).barriers.all()}).data
        )
