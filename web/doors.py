"""Who may come in at a page: signed in, or reviewing with a second factor proven in this session."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from allauth.account.authentication import get_authentication_records
from allauth.headless.internal.sessionkit import authenticate_by_x_session_token
from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from accounts.models import Role, User


class Visit(HttpRequest):
    """A request of somebody who is signed in: what pages behind these doors are called with."""

    user: User


Rest = ParamSpec("Rest")
Page = Callable[Concatenate[HttpRequest, Rest], HttpResponseBase]
PageOfVisitor = Callable[Concatenate[Visit, Rest], HttpResponseBase]

NEEDS_SECOND_FACTOR = (
    "Reviewing needs a second factor, because tellers trust us with their stories. "
    "It takes a minute: set up an authenticator app here."
)
OPERATING_NEEDS_SECOND_FACTOR = (
    "These pages change what everybody is shown, so they need a second factor. "
    "It takes a minute: set up an authenticator app here."
)


def known_by_token(page: Page[Rest]) -> Page[Rest]:
    """Know a program by the session token of the API, too: it may play what its person may see."""

    @wraps(page)
    def guarded(request: HttpRequest, /, *rest: Rest.args, **named: Rest.kwargs) -> HttpResponseBase:
        token = request.headers.get("X-Session-Token")
        found = authenticate_by_x_session_token(token) if token else None
        if found is not None:
            request.user, request.session = found
        return page(request, *rest, **named)

    return guarded


def signed_in(page: PageOfVisitor[Rest]) -> Page[Rest]:
    """Let in whoever is signed in; everybody else is asked to log in and comes back."""

    @wraps(page)
    def guarded(request: HttpRequest, /, *rest: Rest.args, **named: Rest.kwargs) -> HttpResponseBase:
        return page(cast("Visit", request), *rest, **named)

    return cast("Page[Rest]", login_required(guarded))


def reviewing(page: PageOfVisitor[Rest]) -> Page[Rest]:
    """Let in reviewers whose second factor was proven in this session."""
    return _with_second_factor(page, allowed=lambda person: person.reviews, needs=NEEDS_SECOND_FACTOR)


def operating(page: PageOfVisitor[Rest]) -> Page[Rest]:
    """Let in operators whose second factor was proven in this session."""
    return _with_second_factor(
        page, allowed=lambda person: person.has_role(Role.OPERATOR), needs=OPERATING_NEEDS_SECOND_FACTOR
    )


def _with_second_factor(
    page: PageOfVisitor[Rest], *, allowed: Callable[[User], bool], needs: str
) -> Page[Rest]:
    """Let in some people, and only with a second factor.

    To everybody else these pages do not exist; somebody without a second factor is led to set one up, and whoever
    has not used it yet in this session is asked for it.
    """

    @wraps(page)
    def guarded(request: Visit, /, *rest: Rest.args, **named: Rest.kwargs) -> HttpResponseBase:
        if not allowed(request.user):
            raise Http404
        if not is_mfa_enabled(request.user):
            messages.warning(request, needs)
            return redirect("mfa_activate_totp")
        if not proved_second_factor(request):
            back = urlencode({"next": request.get_full_path()})
            return redirect(f"{reverse('mfa_reauthenticate')}?{back}")
        return page(request, *rest, **named)

    return signed_in(guarded)


def proved_second_factor(request: HttpRequest) -> bool:
    return any(record.get("method") == "mfa" for record in get_authentication_records(request, request.user))
