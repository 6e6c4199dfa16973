"""Be shown the few stories chosen for oneself, with the reasons."""

from django.db.models import prefetch_related_objects
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from api.edge import Edge, signed_in
from api.finding import LANGUAGES_OF_ITEMS, challenge_at
from api.schema import operation
from api.serializers.slates import SlateTold
from practice import slates


class Slate(Edge):
    refuses = ("Conflict",)  # nobody is shown a slate before they rated the ladder

    @operation("slates_read", "Read today's slate for a challenge", gives=SlateTold)
    def get(self, request: Request, slug: str) -> Response:
        viewer, challenge = signed_in(request), challenge_at(slug)
        slate = slates.slate_for(viewer, challenge, now=timezone.now())
        items = slates.items_of(slate, viewer=viewer)
        prefetch_related_objects(items, LANGUAGES_OF_ITEMS)
        told = {"id": slate.pk, "challenge": challenge.slug, "arm": slate.arm, "items": items}
        return Response(SlateTold(told).data)
