"""Turn what happened into problem details (RFC 9457): the only place that knows HTTP's words for refusals.

Errors from below are named for what happened. `explain` gives each its status, a code that stays the same, and
words for people; what it does not know is a fault of ours and goes on to Django.
"""

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
from redis.exceptions import RedisError
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from accounts.handles import BadHandle
from accounts.models import ConsentText
from accounts.traits import BadTrait
from api.idempotency import BadKey, KeyUsedForSomethingElse
from api.pagination import BadCursor
from api.parsers import BodyTooLarge
from api.permissions import NoSecondFactor
from api.problems import MEDIA_TYPE, FieldProblem, Problem, field_problems
from api.readiness import NotReady
from api.serializers.problems import CurrentStory
from api.versions import VersionNotNamed, tag
from challenges.rating import BadRating
from media.captions import BadCaptions
from media.parts import NoSuchPart
from media.storage import StoreRefused, StoreUnreachable
from media.uploads import PartsMissing, UploadClosed, UploadRefused
from moderation.notices import NotYourNotice
from moderation.queue import HeldBySomebodyElse, StaleClaim
from moderation.review import BadReview
from moderation.reviewing import ForAnotherReviewer, NotAReviewer, NothingToReview, NotInReview, OwnStory
from practice.slates import RateFirst
from practice.steps import BadStep, NotYourStep
from practice.viewings import BadAnswer, NotYourViewing, OwnViewing
from practice.wishes import NothingToWish
from stories.lifecycle import NotPossibleNow, StoryMoved
from stories.publishing import ContentChanged, NotReadyToSubmit
from stories.telling import BadStory, NotYours
from stories.upkeep import NotAnOperator, NotSetAside
from stories.watching import NothingToWatch

logger = logging.getLogger(__name__)

S = HTTPStatus
COME_BACK_AFTER = "10"
NOT_READABLE = Problem(S.BAD_REQUEST, "unreadable", "We could not read the request.")
NOT_ALLOWED = Problem(S.FORBIDDEN, "not_allowed", "You may not do this.")
NOT_FOUND = Problem(S.NOT_FOUND, "not_found", "There is nothing here, or not for you.")
OUR_FAULT = Problem(
    S.INTERNAL_SERVER_ERROR,
    "our_fault",
    "Something broke on our side. It is written down, and not your fault.",
)
OUT_OF_REACH = Problem(
    S.SERVICE_UNAVAILABLE,
    "out_of_reach",
    "A part of Sameboat does not answer at the moment. Nothing was changed; please try again shortly.",
    headers={"Retry-After": COME_BACK_AFTER},
)
SIGN_IN = Problem(S.UNAUTHORIZED, "sign_in", "Sign in first, or send the token of a session that still runs.")
SECOND_FACTOR = Problem(
    S.FORBIDDEN, "second_factor", "This takes a second factor: set one up, and sign in with it."
)
KEY_REUSED = Problem(
    S.UNPROCESSABLE_ENTITY,
    "idempotency_key_reused",
    "This idempotency key came with a different request before. Use a new key for a new request.",
)
NAME_VERSION = Problem(
    S.PRECONDITION_REQUIRED, "version_required", "Say which version you saw, in If-Match or in “seen”."
)
TOO_LARGE = Problem(
    S.REQUEST_ENTITY_TOO_LARGE,
    "too_large",
    "This is more than a request may hold. Recordings are sent to the addresses that an upload gives.",
)

CONSTANT: dict[type[Exception], Problem] = {
    Http404: NOT_FOUND,
    NotYourNotice: NOT_FOUND,
    NotYourStep: NOT_FOUND,
    NotYourViewing: NOT_FOUND,
    NothingToReview: NOT_FOUND,
    NothingToWatch: NOT_FOUND,
    PermissionDenied: NOT_ALLOWED,
    NotYours: Problem(S.FORBIDDEN, "not_yours", "Only the person who tells a story may change it."),
    NothingToWish: Problem(S.CONFLICT, "own_story", "One's own stories are never chosen for oneself."),
    OwnViewing: Problem(S.CONFLICT, "own_story", "Watching one's own story is not counted as a viewing."),
    NotAReviewer: Problem(S.FORBIDDEN, "not_a_reviewer", "Only moderators review stories."),
    NotAnOperator: Problem(S.FORBIDDEN, "not_an_operator", "Only operators look after the work."),
    NotSetAside: Problem(S.CONFLICT, "not_set_aside", "This work is not set aside any more."),
    NoSecondFactor: SECOND_FACTOR,
    BodyTooLarge: TOO_LARGE,
    VersionNotNamed: NAME_VERSION,
    KeyUsedForSomethingElse: KEY_REUSED,
    ConsentText.DoesNotExist: OUT_OF_REACH,  # the house is not furnished yet
    OperationalError: OUT_OF_REACH,
    InterfaceError: OUT_OF_REACH,
    RedisError: OUT_OF_REACH,
    StoreUnreachable: OUT_OF_REACH,
    StoreRefused: OUT_OF_REACH,
}
BAD_FIELD = (BadHandle, BadTrait, BadRating, BadStep, BadAnswer, BadStory, BadReview, UploadRefused)
CONFLICT: dict[type[Exception], str] = {
    StoryMoved: "story_moved",
    NotPossibleNow: "not_possible_now",
    ContentChanged: "content_changed",
    NotReadyToSubmit: "not_ready",
    StaleClaim: "claim_lost",
    HeldBySomebodyElse: "held_by_somebody_else",
    NotInReview: "not_in_review",
    ForAnotherReviewer: "for_another_reviewer",
}


def problem(error: Exception, _context: dict[str, Any]) -> Response | None:
    """Answer an error that a view raised; None hands one that nobody expected to Django. REST framework calls this."""
    found = explain(error)
    if found is None:
        return None
    if found.status >= S.INTERNAL_SERVER_ERROR:
        logger.error("%s: %s", found.code, type(error).__name__, exc_info=error)
    set_rollback()
    return Response(found.body(), status=found.status, headers=dict(found.headers), content_type=MEDIA_TYPE)


@singledispatch
def explain(_error: Exception) -> Problem | None:
    """Return what the error means to whoever asked; None when it is a fault of ours."""
    return None


def _constant(answer: Problem) -> Callable[[Exception], Problem]:
    return lambda _: answer


for _kind, _answer in CONSTANT.items():
    explain.register(_kind, _constant(_answer))


@explain.register
def _invalid(error: exceptions.ValidationError) -> Problem:
    return _bad([*field_problems(error.detail)])


def _bad_field(error: Any) -> Problem:
    return _bad([FieldProblem(error.field, error.problem, error.fix)])


for _kind in BAD_FIELD:
    explain.register(_kind, _bad_field)


def _bad(errors: list[FieldProblem]) -> Problem:
    detail = " ".join(f"{error.problem} {error.fix}" for error in errors[:1])
    return Problem(S.BAD_REQUEST, "invalid", detail, errors)


@explain.register
def _bad_cursor(_error: BadCursor) -> Problem:
    return _bad([FieldProblem("cursor", "This cursor does not belong to this list.", "Begin without one.")])


@explain.register
def _bad_key(_error: BadKey) -> Problem:
    return _bad([FieldProblem("Idempotency-Key", "This is not a key.", "Use 1 to 200 plain characters.")])


@explain.register
def _bad_captions(error: BadCaptions) -> Problem:
    where = f"In line {error.line}: " if error.line else ""
    return _bad(
        [FieldProblem("text", f"{where}{error.problem}", "Correct it and send the whole file again.")]
    )


@explain.register
def _no_such_part(error: NoSuchPart) -> Problem:
    fix = f"Use 1 to {error.upload.part_count}."
    return _bad([FieldProblem("numbers", f"This upload has no part {error.number}.", fix)])


def _conflict(error: Any) -> Problem:
    story = error.story
    return Problem(
        S.CONFLICT,
        CONFLICT[type(error)],
        str(error),
        [FieldProblem(one.field, one.problem, one.fix) for one in getattr(error, "missing", [])],
        current=CurrentStory(story).data,
        headers={"ETag": tag(story.version)},
    )


for _kind in CONFLICT:
    explain.register(_kind, _conflict)


@explain.register
def _not_ready(error: NotReady) -> Problem:
    silent = [FieldProblem(name, "This does not answer.", "Look at its log.") for name in error.silent]
    return replace(OUT_OF_REACH, code="not_ready", errors=silent)


@explain.register
def _own_story(error: OwnStory) -> Problem:
    return Problem(S.FORBIDDEN, "own_story", str(error))


@explain.register
def _rate_first(error: RateFirst) -> Problem:
    return Problem(S.CONFLICT, "rate_first", str(error))


@explain.register
def _upload_closed(error: UploadClosed) -> Problem:
    said = error.upload.get_state_display().lower()
    return Problem(S.CONFLICT, "upload_closed", f"This upload is {said}; begin another one.")


@explain.register
def _parts_missing(error: PartsMissing) -> Problem:
    numbers = ", ".join(str(number) for number in error.numbers)
    lacking = FieldProblem("parts", f"These parts have not arrived whole: {numbers}.", "Send them again.")
    return Problem(S.CONFLICT, "parts_missing", f"{lacking.problem} {lacking.fix}", [lacking])


@explain.register
def _from_framework(error: exceptions.APIException) -> Problem:
    """Cover what REST framework raises itself; its codes are stable words already."""
    words = exceptions.ErrorDetail(str(error.detail), getattr(error.detail, "code", error.default_code))
    return Problem(S(error.status_code), str(words.code), str(words))


@explain.register
def _not_allowed(error: exceptions.PermissionDenied) -> Problem:
    return replace(NOT_ALLOWED, detail=str(error.detail))


@explain.register
def _not_signed_in(error: exceptions.NotAuthenticated | exceptions.AuthenticationFailed) -> Problem:
    challenge: str | None = getattr(error, "auth_header", None)
    return Problem(
        SIGN_IN.status,
        SIGN_IN.code,
        SIGN_IN.detail,
        headers={"WWW-Authenticate": challenge} if challenge else {},
    )


@explain.register
def _too_many(error: exceptions.Throttled) -> Problem:
    wait = max(1, math.ceil(getattr(error, "wait", None) or 1))
    detail = f"You asked a lot at once. Try again in {wait} seconds."
    return Problem(S.TOO_MANY_REQUESTS, "too_many", detail, headers={"Retry-After": str(wait)})


def _outside_views(found: Problem) -> Callable[[], HttpResponse]:
    def answer() -> HttpResponse:
        return HttpResponse(orjson.dumps(found.body()), status=found.status, content_type=MEDIA_TYPE)

    return answer


unreadable = _outside_views(NOT_READABLE)
forbidden = _outside_views(NOT_ALLOWED)
not_found = _outside_views(NOT_FOUND)
broken = _outside_views(OUR_FAULT)
