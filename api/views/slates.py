"""Be shown the few stories chosen for oneself, with the reasons."""

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from api.base_views import BaseAPIView, authenticated_user
from api.lookups import get_challenge_or_404
from api.requests.slates import ExtraStoryRequest
from api.responses.slates import ExtraStoryResponse, SlateResponse
from api.schema import describe_operation
from recommendations import extra, slates


class SlateView(BaseAPIView):
    extra_problems = ("Conflict",)  # nobody is shown a slate before they rated the ladder

    @describe_operation("slates_read", "Read today's slate for a challenge", responses=SlateResponse)
    def get(self, request: Request, slug: str) -> Response:
        viewer = authenticated_user(request)
        try:
            reading = slates.reading_for_slate(viewer, slug)
        except slates.NoReadingYet:
            get_challenge_or_404(slug)  # what is not offered is absent, whether rated or not
            raise
        slate = slates.get_or_create_slate(reading, now=timezone.now())
        items = slates.visible_slate_items(slate, viewer=viewer)
        told = {"id": slate.pk, "challenge": slug, "arm": slate.arm, "nearer": slate.nearer, "items": items}
        return Response(SlateResponse(told).data)


class ExtraStoryView(BaseAPIView):
    extra_problems = ("Conflict",)

    @describe_operation(
        "slates_another",
        "Read one more story beside the slate",
        query=ExtraStoryRequest,
        responses=ExtraStoryResponse,
    )
    def get(self, request: Request, slug: str) -> Response:
        how, viewer = ExtraStoryRequest.parse_query(request)["how"], authenticated_user(request)
        try:
            reading = slates.reading_for_slate(viewer, slug)
        except slates.NoReadingYet:
            get_challenge_or_404(slug)
            raise
        picked = extra.pick_extra_story(reading, extra.ExtraStoryMode(how), now=timezone.now())
        said = {"shared": picked.explanation.shared, "differs": picked.explanation.differs} if picked else {}
        return Response(
            ExtraStoryResponse({"story": picked and picked.story, "shared": [], "differs": []} | said).data
        )
