"""Be shown the few stories chosen for oneself, with the reasons."""

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from api.edge import Edge, signed_in
from api.finding import challenge_of_list
from api.schema import operation
from api.serializers.slates import AnotherAsked, AnotherTold, SlateTold
from practice import another, slates


class Slate(Edge):
    refuses = ("Conflict",)  # nobody is shown a slate before they rated the ladder

    @operation("slates_read", "Read today's slate for a challenge", gives=SlateTold)
    def get(self, request: Request, slug: str) -> Response:
        viewer = signed_in(request)
        try:
            reading = slates.standing(viewer, slug)
        except slates.RateFirst:
            challenge_of_list(slug)  # what is not offered is absent, whether rated or not
            raise
        slate = slates.slate_for(reading, now=timezone.now())
        items = slates.items_of(slate, viewer=viewer)
        told = {"id": slate.pk, "challenge": slug, "arm": slate.arm, "nearer": slate.nearer, "items": items}
        return Response(SlateTold(told).data)


class Another(Edge):
    refuses = ("Conflict",)

    @operation(
        "slates_another", "Read one more story beside the slate", query=AnotherAsked, gives=AnotherTold
    )
    def get(self, request: Request, slug: str) -> Response:
        how, viewer = AnotherAsked.query(request)["how"], signed_in(request)
        try:
            reading = slates.standing(viewer, slug)
        except slates.RateFirst:
            challenge_of_list(slug)
            raise
        picked = another.pick(reading, another.How(how), now=timezone.now())
        said = {"shared": picked.said.shared, "differs": picked.said.differs} if picked else {}
        return Response(
            AnotherTold({"story": picked and picked.story, "shared": [], "differs": []} | said).data
        )
