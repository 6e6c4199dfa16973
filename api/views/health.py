"""Tell the machines that watch over us how we are; without login, limits or session."""

from http import HTTPStatus

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from api import readiness
from api.edge import OpenEdge
from api.schema import operation
from api.serializers.health import Alive, Ready


class UnwatchedEdge(OpenEdge):
    """A view that works whatever else does not: it reads no session and counts nothing."""

    authentication_classes = []
    throttle_classes = []


class Health(UnwatchedEdge):
    @operation("health_live", "Does the web server run?", gives=Alive)
    def get(self, _request: Request) -> Response:
        return Response(Alive({"status": "alive"}).data)


class Readiness(UnwatchedEdge):
    @operation("health_ready", "Can we work?", gives=Ready)
    def get(self, _request: Request) -> Response:
        readiness.check()
        return Response(Ready({"status": "ready"}).data)


class Whole(UnwatchedEdge):
    """For those who wake somebody up: the names of parts and one word about each, and no more."""

    # Beside the API, at the address where monitoring programs look.
    @extend_schema(exclude=True)
    def get(self, _request: Request) -> Response:
        found = readiness.whole()
        told = {"status": "ready" if found.ready else "not_ready", "parts": found.parts}
        status = HTTPStatus.OK if found.ready else HTTPStatus.SERVICE_UNAVAILABLE
        return Response(told, status=status, headers={"Cache-Control": "no-store"})
