"""Commit to one small step, and say how it went."""

import uuid

from django.shortcuts import get_object_or_404
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from api.edge import Edge, made, signed_in
from api.finding import challenge_named
from api.idempotency import once
from api.pagination import page
from api.schema import operation
from api.serializers.pages import PageAsked
from api.serializers.steps import AttemptAsked, AttemptTold, StepAsked, StepPage, StepTold
from practice import steps
from practice.models import Step


class Steps(Edge):
    @operation("steps_list", "List one's own steps", query=PageAsked, gives=StepPage)
    def get(self, request: Request) -> Response:
        own = Step.objects.by(signed_in(request)).select_related("challenge").prefetch_related("attempts")
        found = page(own, request, keyset=("-committed_at", "-pk"), asked=PageAsked.query(request))
        return Response(StepPage(found).data)

    @operation("steps_commit", "Commit to one small step", asks=StepAsked, gives={201: StepTold})
    @once
    def post(self, request: Request) -> Response:
        asked = StepAsked.body(request)
        challenge = challenge_named(asked["challenge"])
        step = steps.commit(
            challenge, asked["text"], by=signed_in(request), rung=asked["rung"], now=timezone.now()
        )
        return made(StepTold(step).data, at=f"{request.path}/{step.pk}")


class OneStep(Edge):
    @operation("steps_read", "Read one of one's own steps", gives=StepTold)
    def get(self, request: Request, step: uuid.UUID) -> Response:
        own = Step.objects.by(signed_in(request)).select_related("challenge")
        return Response(StepTold(get_object_or_404(own, pk=step)).data)


class Attempts(Edge):
    @operation("steps_attempt", "Say how a step went", asks=AttemptAsked, gives={201: AttemptTold})
    @once
    def post(self, request: Request, step: uuid.UUID) -> Response:
        asked, person = AttemptAsked.body(request), signed_in(request)
        found = get_object_or_404(Step.objects.by(person), pk=step)
        attempt = steps.tell_how_it_went(
            found, asked["went"], by=person, attribution=asked["attribution"], now=timezone.now()
        )
        return made(AttemptTold(attempt).data, at=request.path.removesuffix("/attempts"))
