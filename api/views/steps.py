import uuid

from django.shortcuts import get_object_or_404
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from api.base_views import BaseAPIView, authenticated_user, created
from api.idempotency import idempotent
from api.lookups import resolve_challenge_slug
from api.pagination import paginate
from api.requests.pages import PageRequest
from api.requests.steps import AttemptRequest, StepRequest
from api.responses.steps import AttemptResponse, StepPageResponse, StepResponse
from api.schema import describe_operation
from practice import steps
from practice.models import Step


class StepListView(BaseAPIView):
    @describe_operation("steps_list", "List the user's steps", query=PageRequest, responses=StepPageResponse)
    def get(self, request: Request) -> Response:
        own = (
            Step.objects.by(authenticated_user(request))
            .select_related("challenge")
            .prefetch_related("attempts")
        )
        page = paginate(own, request, keyset=("-committed_at", "-pk"), query=PageRequest.parse_query(request))
        return Response(StepPageResponse(page).data)

    @describe_operation(
        "steps_commit", "Commit to a step", request=StepRequest, responses={201: StepResponse}
    )
    @idempotent
    def post(self, request: Request) -> Response:
        body = StepRequest.parse_body(request)
        challenge = resolve_challenge_slug(body["challenge"])
        step = steps.create_step(
            challenge, body["text"], by=authenticated_user(request), rung=body["rung"], now=timezone.now()
        )
        return created(StepResponse(step).data, location=f"{request.path}/{step.pk}")


class StepDetailView(BaseAPIView):
    @describe_operation("steps_read", "Get a step", responses=StepResponse)
    def get(self, request: Request, step_id: uuid.UUID) -> Response:
        own = Step.objects.by(authenticated_user(request)).select_related("challenge")
        return Response(StepResponse(get_object_or_404(own, pk=step_id)).data)


class AttemptCreateView(BaseAPIView):
    @describe_operation(
        "steps_attempt",
        "Record an attempt at a step",
        request=AttemptRequest,
        responses={201: AttemptResponse},
    )
    @idempotent
    def post(self, request: Request, step_id: uuid.UUID) -> Response:
        body, person = AttemptRequest.parse_body(request), authenticated_user(request)
        step = get_object_or_404(Step.objects.by(person), pk=step_id)
        attempt = steps.record_attempt(
            step, body["result"], by=person, attribution=body["attribution"], now=timezone.now()
        )
        return created(AttemptResponse(attempt).data, location=request.path.removesuffix("/attempts"))
