"""Who may come in at all; what they may do to one thing is decided by the verbs below."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from allauth.account.authentication import get_authentication_records
from django.contrib.sessions.backends.base import SessionBase
from rest_framework.permissions import BasePermission

from accounts.models import Role, User
from moderation.policy import NotAReviewer
from stories.retries import NotAnOperator

if TYPE_CHECKING:
    from rest_framework.request import Request
    from rest_framework.views import APIView


class SecondFactorMissing(Exception):
    """Somebody whose role takes a second factor has not shown it in this session."""


@dataclass(frozen=True)
class _SessionHolder:
    """What allauth asks of a request: the session that the records are kept in."""

    session: SessionBase


def is_second_factor_verified(request: "Request") -> bool:
    """Return whether the person showed a second factor in the session (or under the token) they use now."""
    session = request.auth if isinstance(request.auth, SessionBase) else request.session
    records = get_authentication_records(_SessionHolder(session), request.user)
    return any(record.get("method") == "mfa" for record in records)


class IsReviewer(BasePermission):
    """Somebody with a reviewing role who showed a second factor."""

    def has_permission(self, request: "Request", _view: "APIView") -> bool:
        if not isinstance(request.user, User):
            return False
        if not request.user.is_reviewer:
            raise NotAReviewer(request.user)
        if not is_second_factor_verified(request):
            raise SecondFactorMissing
        return True


class IsOperator(BasePermission):
    """An operator who showed a second factor."""

    def has_permission(self, request: "Request", _view: "APIView") -> bool:
        if not isinstance(request.user, User):
            return False
        if not request.user.has_role(Role.OPERATOR):
            raise NotAnOperator
        if not is_second_factor_verified(request):
            raise SecondFactorMissing
        return True
