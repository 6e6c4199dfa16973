"""Base API views and response helpers."""

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
    """Requires authentication."""

    schema = ProblemAutoSchema()
    metadata_class = None
    extra_problems: ClassVar[Sequence[str]] = ()  # keys of api.schema.PROBLEM_RESPONSES
    permission_classes = [IsAuthenticated]
    throttle_classes = [AddressRateThrottle, AccountRateThrottle, WriteRateThrottle]

    def get_authenticate_header(self, _request: Request) -> str:
        """Return a challenge, so that DRF responds with 401 instead of 403 to unauthenticated requests."""
        return 'Session realm="Sameboat"'


class PublicAPIView(BaseAPIView):
    permission_classes = [AllowAny]


def authenticated_user(request: Request) -> User:
    """Raises NotAuthenticated."""
    if not isinstance(request.user, User):
        raise NotAuthenticated
    return request.user


def created(content: Any, *, location: str) -> Response:
    return Response(content, status=201, headers={"Location": f"{settings.PUBLIC_ORIGIN}{location}"})


def accepted(content: Any, *, location: str) -> Response:
    """`location` is where the client can poll the result."""
    return Response(content, status=202, headers={"Location": f"{settings.PUBLIC_ORIGIN}{location}"})


def no_content() -> Response:
    return Response(status=204)
