"""Access decorators for views: login, roles with a verified second factor, API session tokens."""

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Concatenate, cast

from allauth.headless.internal.sessionkit import authenticate_by_x_session_token
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from accounts.models import Role, User
from accounts.second_factor import has_second_factor, is_second_factor_verified
from web.view_types import PageView, ViewParams

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

require_get_or_post = require_http_methods(["GET", "HEAD", "POST"])


class AuthenticatedRequest(HttpRequest):
    """Request of a signed-in user; views behind these decorators receive it."""

    user: User


AuthenticatedPageView = Callable[Concatenate[AuthenticatedRequest, ViewParams], HttpResponseBase]

REVIEW_NEEDS_SECOND_FACTOR = _(
    "You need two-factor authentication to review, because tellers trust us with their stories. "
    "It takes a minute: set up an authenticator app here."
)
OPERATIONS_NEED_SECOND_FACTOR = _(
    "You need two-factor authentication for these pages, because they change what everyone sees. "
    "It takes a minute: set up an authenticator app here."
)


def accept_session_token(view: PageView[ViewParams]) -> PageView[ViewParams]:
    """Also accept the API's session token, so that a program can play what its user may see."""

    @wraps(view)
    def wrapper(
        request: HttpRequest, /, *args: ViewParams.args, **kwargs: ViewParams.kwargs
    ) -> HttpResponseBase:
        token = request.headers.get("X-Session-Token")
        user_and_session = authenticate_by_x_session_token(token) if token else None
        if user_and_session is not None:
            request.user, request.session = user_and_session
        return view(request, *args, **kwargs)

    return wrapper


def require_login(view: AuthenticatedPageView[ViewParams]) -> PageView[ViewParams]:
    @wraps(view)
    def wrapper(
        request: HttpRequest, /, *args: ViewParams.args, **kwargs: ViewParams.kwargs
    ) -> HttpResponseBase:
        return view(cast("AuthenticatedRequest", request), *args, **kwargs)

    return cast("PageView[ViewParams]", login_required(wrapper))


def require_reviewer(view: AuthenticatedPageView[ViewParams]) -> PageView[ViewParams]:
    """Allow reviewers who verified their second factor in this session."""
    return _require_second_factor(
        view, is_allowed=lambda user: user.is_reviewer, prompt=REVIEW_NEEDS_SECOND_FACTOR
    )


def require_operator(view: AuthenticatedPageView[ViewParams]) -> PageView[ViewParams]:
    """Allow operators who verified their second factor in this session."""
    return _require_second_factor(
        view, is_allowed=lambda user: user.has_role(Role.OPERATOR), prompt=OPERATIONS_NEED_SECOND_FACTOR
    )


def _require_second_factor(
    view: AuthenticatedPageView[ViewParams], *, is_allowed: Callable[[User], bool], prompt: "StrPromise"
) -> PageView[ViewParams]:
    """Answer 404 without the role; redirect to set up or verify the second factor where it is missing."""

    @wraps(view)
    def wrapper(
        request: AuthenticatedRequest, /, *args: ViewParams.args, **kwargs: ViewParams.kwargs
    ) -> HttpResponseBase:
        if not is_allowed(request.user):
            raise Http404
        if not has_second_factor(request.user):
            messages.warning(request, str(prompt))
            return redirect("mfa_activate_totp")
        if not is_second_factor_verified(request.session, request.user):
            query = urlencode({"next": request.get_full_path()})
            return redirect(f"{reverse('mfa_reauthenticate')}?{query}")
        return view(request, *args, **kwargs)

    return require_login(wrapper)
