"""Tell the machines that watch over us how we are; without login, limits or session."""

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
