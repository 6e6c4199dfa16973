"""Probes for load balancers and monitoring."""

from http import HTTPStatus

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from api import health
from api.base_views import PublicAPIView
from api.responses.health import LivenessResponse, ReadinessResponse
from api.schema import describe_operation


class ProbeAPIView(PublicAPIView):
    """No authentication and no rate limit, so that probes work without the database and the cache."""

    authentication_classes = []
    throttle_classes = []


class LivenessView(ProbeAPIView):
    @describe_operation("health_live", "Check that the web process responds", responses=LivenessResponse)
    def get(self, _request: Request) -> Response:
        return Response(LivenessResponse({"status": "alive"}).data)


class ReadinessView(ProbeAPIView):
    @describe_operation(
        "health_ready", "Check that all required services respond", responses=ReadinessResponse
    )
    def get(self, _request: Request) -> Response:
        health.check_readiness()
        return Response(ReadinessResponse({"status": "ready"}).data)


class HealthView(ProbeAPIView):
    """The state of each component, for monitoring."""

    # Not part of the API: served at the URL that monitoring tools expect.
    @extend_schema(exclude=True)
    def get(self, _request: Request) -> Response:
        report = health.check_health()
        payload = {"status": "ready" if report.ready else "not_ready", "parts": report.components}
        status = HTTPStatus.OK if report.ready else HTTPStatus.SERVICE_UNAVAILABLE
        return Response(payload, status=status, headers={"Cache-Control": "no-store"})
