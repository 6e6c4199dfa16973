"""Quarantined jobs, for operators."""

import uuid

from django.shortcuts import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from api.base_views import BaseAPIView, authenticated_user
from api.idempotency import idempotent
from api.pagination import paginate
from api.permissions import IsOperator
from api.requests.base import EmptyRequest
from api.requests.pages import PageRequest
from api.responses.jobs import JobPageResponse, JobResponse
from api.schema import describe_operation
from jobs.models import Job
from stories import retries


class OperatorAPIView(BaseAPIView):
    permission_classes = [IsOperator]


class QuarantinedJobListView(OperatorAPIView):
    @describe_operation("operate_jobs", "List quarantined jobs", query=PageRequest, responses=JobPageResponse)
    def get(self, request: Request) -> Response:
        query = PageRequest.parse_query(request)
        page = paginate(
            Job.objects.quarantined_and_not_retried(), request, keyset=("-created_at", "-pk"), query=query
        )
        return Response(JobPageResponse(page).data)


class JobRetryView(OperatorAPIView):
    @describe_operation(
        "operate_retry", "Retry a quarantined job", request=EmptyRequest, responses={201: JobResponse}
    )
    @idempotent
    def post(self, request: Request, job_id: uuid.UUID) -> Response:
        EmptyRequest.parse_body(request)
        new_job = retries.retry_job(get_object_or_404(Job, pk=job_id), by=authenticated_user(request))
        new_job.refresh_from_db()
        return Response(JobResponse(new_job).data, status=201)
