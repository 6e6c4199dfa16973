"""Browse the challenges; open to everybody."""

from rest_framework.request import Request
from rest_framework.response import Response

from api.edge import Edge, OpenEdge
from api.etags import unless_known
from api.finding import challenge_at
from api.pagination import page
from api.schema import operation
from api.serializers.challenges import BarriersTold, ChallengeDetail, ChallengePage
from api.serializers.pages import PageAsked
from challenges.models import Challenge

KEYSET = ("domain__order", "order", "pk")


class Challenges(OpenEdge):
    @operation(
        "challenges_list", "List the challenges", query=PageAsked, gives={200: ChallengePage, 304: None}
    )
    def get(self, request: Request) -> Response:
        offered = Challenge.objects.offered().select_related("domain")
        found = page(offered, request, keyset=KEYSET, asked=PageAsked.query(request))
        return unless_known(request, ChallengePage(found).data)


class OneChallenge(OpenEdge):
    @operation(
        "challenges_read", "Read one challenge with its ladder", gives={200: ChallengeDetail, 304: None}
    )
    def get(self, request: Request, slug: str) -> Response:
        return unless_known(request, ChallengeDetail(challenge_at(slug)).data)


class Barriers(Edge):
    """Kept apart from the challenge: a list of barriers alone makes people less sure of themselves."""

    @operation("challenges_barriers", "List what stands in the way, for tellers", gives=BarriersTold)
    def get(self, _request: Request, slug: str) -> Response:
        return Response(BarriersTold({"items": challenge_at(slug).barriers.all()}).data)
