import uuid

from django.shortcuts import get_object_or_404
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from api.base_views import BaseAPIView, authenticated_user, created
from api.idempotency import idempotent
from api.lookups import unknown_reference_error
from api.requests.viewings import ViewingCreateRequest, ViewingUpdateRequest
from api.responses.viewings import ViewingResponse
from api.schema import describe_operation
from practice import viewings
from practice.models import Slate, Viewing
from stories.models import Story


class ViewingCreateView(BaseAPIView):
    @describe_operation(
        "viewings_start",
        "Start a viewing",
        request=ViewingCreateRequest,
        responses={201: ViewingResponse},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        body, viewer = ViewingCreateRequest.parse_body(request), authenticated_user(request)
        story = Story.objects.visible_to(viewer).filter(pk=body["story"]).first()
        if story is None:
            raise unknown_reference_error("story", "There is no such story.")
        slate = _resolve_own_slate(body.get("slate"), viewer)
        viewing = viewings.start_viewing(story, by=viewer, slate=slate, now=timezone.now())
        return created(ViewingResponse(viewing).data, location=f"{request.path}/{viewing.pk}")


class ViewingDetailView(BaseAPIView):
    @describe_operation(
        "viewings_change",
        "Update the progress and the similarity rating of a viewing",
        request=ViewingUpdateRequest,
        responses=ViewingResponse,
    )
    def patch(self, request: Request, viewing_id: uuid.UUID) -> Response:
        body, viewer = ViewingUpdateRequest.parse_body(request), authenticated_user(request)
        viewing = get_object_or_404(Viewing.objects.by(viewer), pk=viewing_id)
        viewing = viewings.finish_viewing(viewing, by=viewer, now=timezone.now(), **body)
        return Response(ViewingResponse(viewing).data)


def _resolve_own_slate(slate_id: uuid.UUID | None, viewer: User) -> Slate | None:
    if slate_id is None:
        return None
    slate = Slate.objects.filter(pk=slate_id, viewer=viewer).first()
    if slate is None:
        raise unknown_reference_error("slate", "There is no such slate of yours.")
    return slate
