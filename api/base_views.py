"""The base of every view: strict schema, limits, and the person who asks."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.conf import settings
from rest_framework.exceptions import NotAuthenticated
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from api.schema import ProblemAutoSchema
from api.throttling import AccountRateThrottle, AddressRateThrottle, WriteRateThrottle


class BaseAPIView(APIView):
    """A view for somebody signed in."""

    schema = ProblemAutoSchema()
    metadata_class = None
    extra_problems: ClassVar[
        Sequence[str]
    ] = ()  # names in api.schema.PROBLEM_RESPONSES, besides those of every operation
    permission_classes = [IsAuthenticated]
    throttle_classes = [AddressRateThrottle, AccountRateThrottle, WriteRateThrottle]

    def get_authenticate_header(self, _request: Request) -> str:
        """Say how to come in, so that "not signed in" is 401 and "not allowed" is 403."""
        return 'Session realm="Sameboat"'


class PublicAPIView(BaseAPIView):
    """A view for anybody."""

    permission_classes = [AllowAny]


def authenticated_user(request: Request) -> User:
    """Return the person who asks. Raises NotAuthenticated."""
    if not isinstance(request.user, User):
        raise NotAuthenticated
    return request.user


def created(told: Any, *, location: str) -> Response:
    """Answer with something new and where it is."""
    return Response(told, status=201, headers={"Location": f"{settings.PUBLIC_ORIGIN}{location}"})


def accepted(told: Any, *, location: str) -> Response:
    """Answer that work has begun, and where to ask about it."""
    return Response(told, status=202, headers={"Location": f"{settings.PUBLIC_ORIGIN}{location}"})


def no_content() -> Response:
    """Answer that it is done and that there is nothing to tell."""
    return Response(status=204)
