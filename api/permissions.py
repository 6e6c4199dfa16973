"""Permission classes for roles; what a role may do with one object is decided by the domain packages."""

from typing import TYPE_CHECKING

from django.contrib.sessions.backends.base import SessionBase
from rest_framework.permissions import BasePermission

from accounts.models import Role, User
from accounts.second_factor import SecondFactorRequired, is_second_factor_verified
from moderation.review_permissions import NotAReviewer
from stories.retries import NotAnOperator

if TYPE_CHECKING:
    from rest_framework.request import Request
    from rest_framework.views import APIView


class IsReviewer(BasePermission):
    """Allows users with a reviewing role who used a second factor in this session."""

    def has_permission(self, request: "Request", _view: "APIView") -> bool:
        if not isinstance(request.user, User):
            return False
        if not request.user.is_reviewer:
            raise NotAReviewer(request.user)
        _require_second_factor(request, request.user)
        return True


class IsOperator(BasePermission):
    """Allows operators who used a second factor in this session."""

    def has_permission(self, request: "Request", _view: "APIView") -> bool:
        if not isinstance(request.user, User):
            return False
        if not request.user.has_role(Role.OPERATOR):
            raise NotAnOperator
        _require_second_factor(request, request.user)
        return True


def _require_second_factor(request: "Request", user: User) -> None:
    """Raise SecondFactorRequired unless it was used in the session of the cookie or of the session token."""
    session = request.auth if isinstance(request.auth, SessionBase) else request.session
    if not is_second_factor_verified(session, user):
        raise SecondFactorRequired
