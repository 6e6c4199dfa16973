"""Tell the machines that watch over us how we are; without login, limits or session."""

from http import HTTPStatus

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from api import health
from api.base_views import PublicAPIView
from api.responses.health import LivenessResponse, ReadinessResponse
from api.schema import describe_operation


class ProbeAPIView(PublicAPIView):
    """A view that works whatever else does not: it reads no session and counts nothing."""

    authentication_classes = []
    throttle_classes = []


class LivenessView(ProbeAPIView):
    @describe_operation("health_live", "Does the web server run?", responses=LivenessResponse)
    def get(self, _request: Request) -> Response:
        return Response(LivenessResponse({"status": "alive"}).data)


class ReadinessView(ProbeAPIView):
    @describe_operation("health_ready", "Can we work?", responses=ReadinessResponse)
    def get(self, _request: Request) -> Response:
        health.check_readiness()
        return Response(ReadinessResponse({"status": "ready"}).data)


class HealthView(ProbeAPIView):
    """For those who wake somebody up: the names of parts and one word about each, and no more."""

    # Beside the API, at the address where monitoring programs look.
    @extend_schema(exclude=True)
    def get(self, _request: Request) -> Response:
        report = health.check_health()
        payload = {"status": "ready" if report.ready else "not_ready", "parts": report.components}
        status = HTTPStatus.OK if report.ready else HTTPStatus.SERVICE_UNAVAILABLE
        return Response(payload, status=status, headers={"Cache-Control": "no-store"})
