"""Maps exceptions to problem details (RFC 9457); domain errors are mapped by their category."""

import logging
import math
from collections.abc import Callable
from dataclasses import replace
from functools import singledispatch
from http import HTTPStatus
from typing import Any

import orjson
from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpResponse
from django.utils.translation import ngettext
from redis.exceptions import RedisError
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from api.health import NotReady
from api.optimistic_locking import version_etag
from api.problems.details import MEDIA_TYPE, Problem, flatten_field_errors
from api.problems.standard_problems import (
    AUTHENTICATION_REQUIRED,
    INTERNAL_ERROR,
    NOT_ALLOWED,
    NOT_FOUND,
    SERVICE_UNAVAILABLE,
    UNREADABLE_REQUEST,
)
from api.responses.problems import CurrentStoryResponse
from domain_errors.categories import (
    ConflictError,
    FieldError,
    FieldProblem,
    ForbiddenError,
    NotFoundError,
    UnavailableError,
)
from stories.models import Story

logger = logging.getLogger(__name__)

S = HTTPStatus


def problem_exception_handler(error: Exception, _context: dict[str, Any]) -> Response | None:
    """Return the response for an error that a view raised; None lets Django handle an unexpected error."""
    problem = problem_for(error)
    if problem is None:
        return None
    if problem.status >= S.INTERNAL_SERVER_ERROR:
        logger.error("%s: %s", problem.code, type(error).__name__, exc_info=error)
    set_rollback()
    return Response(
        problem.body(), status=problem.status, headers=dict(problem.headers), content_type=MEDIA_TYPE
    )


@singledispatch
def problem_for(_error: Exception) -> Problem | None:
    """Return the problem that describes the error to the client; None for an unexpected error."""
    return None


@problem_for.register
def _from_field_error(error: FieldError) -> Problem:
    return _invalid_request([FieldProblem(error.field, error.problem, error.fix)])


@problem_for.register
def _from_forbidden(error: ForbiddenError) -> Problem:
    return Problem(S.FORBIDDEN, error.code, str(error))


@problem_for.register
def _from_conflict(error: ConflictError) -> Problem:
    problem = Problem(S.CONFLICT, error.code, str(error), error.problems)
    story = error.subject
    if not isinstance(story, Story):
        return problem
    return replace(
        problem, current=CurrentStoryResponse(story).data, headers={"ETag": version_etag(story.version)}
    )


@problem_for.register
def _from_not_ready(error: NotReady) -> Problem:
    services = [
        FieldProblem(service, "This service does not respond.", "Check its log.")
        for service in error.unresponsive
    ]
    return replace(SERVICE_UNAVAILABLE, code=error.code, errors=services)


@problem_for.register
def _from_validation_error(error: exceptions.ValidationError) -> Problem:
    return _invalid_request(flatten_field_errors(error.detail))


@problem_for.register
def _from_api_exception(error: exceptions.APIException) -> Problem:
    code = getattr(error.detail, "code", error.default_code)
    return Problem(S(error.status_code), str(code), str(error.detail))


@problem_for.register
def _from_permission_denied(error: exceptions.PermissionDenied) -> Problem:
    return replace(NOT_ALLOWED, detail=str(error.detail))


@problem_for.register
def _from_authentication_error(
    error: exceptions.NotAuthenticated | exceptions.AuthenticationFailed,
) -> Problem:
    challenge: str | None = getattr(error, "auth_header", None)
    headers = {"WWW-Authenticate": challenge} if challenge else {}
    return replace(AUTHENTICATION_REQUIRED, headers=headers)


@problem_for.register
def _from_throttled(error: exceptions.Throttled) -> Problem:
    seconds = max(1, math.ceil(getattr(error, "wait", None) or 1))
    detail = ngettext(
        "Too many requests. Try again in %(seconds)d second.",
        "Too many requests. Try again in %(seconds)d seconds.",
        seconds,
    ) % {"seconds": seconds}
    return Problem(S.TOO_MANY_REQUESTS, "too_many", detail, headers={"Retry-After": str(seconds)})


def _always(problem: Problem) -> Callable[[Exception], Problem]:
    return lambda _error: problem


FIXED_PROBLEMS: dict[type[Exception], Problem] = {
    Http404: NOT_FOUND,
    NotFoundError: NOT_FOUND,
    PermissionDenied: NOT_ALLOWED,
    UnavailableError: SERVICE_UNAVAILABLE,
    OperationalError: SERVICE_UNAVAILABLE,
    InterfaceError: SERVICE_UNAVAILABLE,
    RedisError: SERVICE_UNAVAILABLE,
}
for _error_class, _problem in FIXED_PROBLEMS.items():
    problem_for.register(_error_class, _always(_problem))


def _invalid_request(errors: list[FieldProblem]) -> Problem:
    return Problem(S.BAD_REQUEST, FieldError.code, str(errors[0]) if errors else "", errors)


def _plain_response_view(problem: Problem) -> Callable[[], HttpResponse]:
    def view() -> HttpResponse:
        return HttpResponse(orjson.dumps(problem.body()), status=problem.status, content_type=MEDIA_TYPE)

    return view


bad_request = _plain_response_view(UNREADABLE_REQUEST)
forbidden = _plain_response_view(NOT_ALLOWED)
not_found = _plain_response_view(NOT_FOUND)
server_error = _plain_response_view(INTERNAL_ERROR)
