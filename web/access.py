"""Who may come in at a page: signed in, or reviewing with a second factor proven in this session."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from allauth.headless.internal.sessionkit import authenticate_by_x_session_token
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from accounts.models import Role, User
from accounts.second_factor import has_second_factor, is_second_factor_verified


class AuthenticatedRequest(HttpRequest):
    """A request of somebody who is signed in: what pages behind these doors are called with."""

    user: User


ViewParams = ParamSpec("ViewParams")
PageView = Callable[Concatenate[HttpRequest, ViewParams], HttpResponseBase]
AuthenticatedPageView = Callable[Concatenate[AuthenticatedRequest, ViewParams], HttpResponseBase]

REVIEW_NEEDS_SECOND_FACTOR = (
    "Reviewing needs a second factor, because tellers trust us with their stories. "
    "It takes a minute: set up an authenticator app here."
)
OPERATIONS_NEED_SECOND_FACTOR = (
    "These pages change what everybody is shown, so they need a second factor. "
    "It takes a minute: set up an authenticator app here."
)


def accept_session_token(page: PageView[ViewParams]) -> PageView[ViewParams]:
    """Know a program by the session token of the API, too: it may play what its person may see."""

    @wraps(page)
    def guarded(
        request: HttpRequest, /, *rest: ViewParams.args, **named: ViewParams.kwargs
    ) -> HttpResponseBase:
        token = request.headers.get("X-Session-Token")
        found = authenticate_by_x_session_token(token) if token else None
        if found is not None:
            request.user, request.session = found
        return page(request, *rest, **named)

    return guarded


def require_login(page: AuthenticatedPageView[ViewParams]) -> PageView[ViewParams]:
    """Let in whoever is signed in; everybody else is asked to log in and comes back."""

    @wraps(page)
    def guarded(
        request: HttpRequest, /, *rest: ViewParams.args, **named: ViewParams.kwargs
    ) -> HttpResponseBase:
        return page(cast("AuthenticatedRequest", request), *rest, **named)

    return cast("PageView[ViewParams]", login_required(guarded))


def require_reviewer(page: AuthenticatedPageView[ViewParams]) -> PageView[ViewParams]:
    """Let in reviewers whose second factor was proven in this session."""
    return _require_second_factor(
        page, is_allowed=lambda person: person.is_reviewer, prompt=REVIEW_NEEDS_SECOND_FACTOR
    )


def require_operator(page: AuthenticatedPageView[ViewParams]) -> PageView[ViewParams]:
    """Let in operators whose second factor was proven in this session."""
    return _require_second_factor(
        page, is_allowed=lambda person: person.has_role(Role.OPERATOR), prompt=OPERATIONS_NEED_SECOND_FACTOR
    )


def _require_second_factor(
    page: AuthenticatedPageView[ViewParams], *, is_allowed: Callable[[User], bool], prompt: str
) -> PageView[ViewParams]:
    """Let in some people, and only with a second factor.

    To everybody else these pages do not exist; somebody without a second factor is led to set one up, and whoever
    has not used it yet in this session is asked for it.
    """

    @wraps(page)
    def guarded(
        request: AuthenticatedRequest, /, *rest: ViewParams.args, **named: ViewParams.kwargs
    ) -> HttpResponseBase:
        if not is_allowed(request.user):
            raise Http404
        if not has_second_factor(request.user):
            messages.warning(request, prompt)
            return redirect("mfa_activate_totp")
        if not is_second_factor_verified(request.session, request.user):
            back = urlencode({"next": request.get_full_path()})
            return redirect(f"{reverse('mfa_reauthenticate')}?{back}")
        return page(request, *rest, **named)

    return require_login(guarded)
