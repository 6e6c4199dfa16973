"""Work that was set aside, for operators who showed a second factor."""

import uuid

from django.shortcuts import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from api.edge import Edge, signed_in
from api.idempotency import once
from api.pagination import page
from api.permissions import Operates
from api.schema import operation
from api.serializers.operate import JobPage, JobTold
from api.serializers.pages import PageAsked
from api.serializers.strict import Nothing
from jobs.models import Job
from stories import upkeep


class OperatorsEdge(Edge):
    """A view for operators only."""

    permission_classes = [Operates]


class JobsSetAside(OperatorsEdge):
    @operation("operate_jobs", "List work that was set aside", query=PageAsked, gives=JobPage)
    def get(self, request: Request) -> Response:
        asked = PageAsked.query(request)
        found = page(Job.objects.set_aside(), request, keyset=("-created_at", "-pk"), asked=asked)
        return Response(JobPage(found).data)


class JobRetry(OperatorsEdge):
    @operation("operate_retry", "Have work tried again", asks=Nothing, gives={201: JobTold})
    @once
    def post(self, request: Request, job: uuid.UUID) -> Response:
        Nothing.body(request)
        again = upkeep.retry(get_object_or_404(Job, pk=job), by=signed_in(request))
        again.refresh_from_db()
        return Response(JobTold(again).data, status=201)
