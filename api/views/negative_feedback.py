"""Say what one does not want to be shown, and take it back."""

import uuid

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from api.base_views import BaseAPIView, authenticated_user
from api.lookups import get_visible_story_or_404
from api.requests.negative_feedback import HiddenTellerRequest, LessLikeThisRequest
from api.responses.negative_feedback import HiddenTellerResponse, LessLikeThisResponse
from api.schema import describe_operation
from practice import negative_feedback


class LessLikeThisView(BaseAPIView):
    extra_problems = ("Conflict",)  # one's own story is never chosen for oneself

    @describe_operation(
        "stories_unwanted",
        "Want fewer stories like this one",
        request=LessLikeThisRequest,
        responses=LessLikeThisResponse,
    )
    def put(self, request: Request, story: uuid.UUID) -> Response:
        asked, person = LessLikeThisRequest.parse_body(request), authenticated_user(request)
        found = get_visible_story_or_404(story, viewer=person)
        if asked["unwanted"]:
            negative_feedback.add_less_like(found, by=person, now=timezone.now())
        else:
            negative_feedback.remove_less_like(found, by=person)
        return Response(LessLikeThisResponse(asked).data)


class HiddenTellerView(BaseAPIView):
    extra_problems = ("Conflict",)

    @describe_operation(
        "stories_hide_teller",
        "Never be shown anything by this story's teller",
        request=HiddenTellerRequest,
        responses=HiddenTellerResponse,
    )
    def put(self, request: Request, story: uuid.UUID) -> Response:
        asked, person = HiddenTellerRequest.parse_body(request), authenticated_user(request)
        found = get_visible_story_or_404(story, viewer=person)
        if asked["hidden"]:
            negative_feedback.hide_teller(found.teller, by=person, now=timezone.now())
        else:
            negative_feedback.unhide_teller(found.teller, by=person)
        return Response(HiddenTellerResponse(asked).data)
