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
    extra_problems = ("Conflict",)  # for the user's own story

    @describe_operation(
        "stories_unwanted",
        "Suggest fewer stories like this one, or undo it",
        request=LessLikeThisRequest,
        responses=LessLikeThisResponse,
    )
    def put(self, request: Request, story_id: uuid.UUID) -> Response:
        body, person = LessLikeThisRequest.parse_body(request), authenticated_user(request)
        story = get_visible_story_or_404(story_id, viewer=person)
        if body["less_like_this"]:
            negative_feedback.add_less_like(story, by=person, now=timezone.now())
        else:
            negative_feedback.remove_less_like(story, by=person)
        return Response(LessLikeThisResponse(body).data)


class HiddenTellerView(BaseAPIView):
    extra_problems = ("Conflict",)

    @describe_operation(
        "stories_hide_teller",
        "Hide all stories of this teller, or undo it",
        request=HiddenTellerRequest,
        responses=HiddenTellerResponse,
    )
    def put(self, request: Request, story_id: uuid.UUID) -> Response:
        body, person = HiddenTellerRequest.parse_body(request), authenticated_user(request)
        story = get_visible_story_or_404(story_id, viewer=person)
        if body["hidden"]:
            negative_feedback.hide_teller(story.teller, by=person, now=timezone.now())
        else:
            negative_feedback.unhide_teller(story.teller, by=person)
        return Response(HiddenTellerResponse(body).data)
