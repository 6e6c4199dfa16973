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

from accounts.display_names import BadDisplayName
from accounts.models import ConsentText
from accounts.traits.catalogue import BadTrait
from api.health import NotReady
from api.idempotency import BadIdempotencyKey, IdempotencyKeyReused
from api.optimistic_locking import VersionMissing, version_etag
from api.pagination import BadCursor
from api.parsers import BodyTooLarge
from api.permissions import SecondFactorMissing
from api.problems.details import MEDIA_TYPE, FieldProblem, Problem, flatten_field_errors
from api.responses.problems import CurrentStoryResponse
from challenges.readings import BadRating
from media.captions.vtt import InvalidCaptions
from media.storage import StoreRefused, StoreUnreachable
from media.uploads.parts import NoSuchPart
from media.uploads.sessions import PartsMissing, UploadClosed, UploadRefused
from moderation.notices import NotYourNotice
from moderation.policy import (
    CannotReviewOwnStory,
    NotAReviewer,
    NotInReview,
    ReservedForAnotherReviewer,
    StoryNotHeld,
)
from moderation.queue import ClaimedByAnotherReviewer, StaleClaim
from moderation.submission import BadReview
from practice.negative_feedback import FeedbackOnOwnStory
from practice.steps import BadStep, NotYourStep
from practice.viewings import BadViewingAnswer, NotYourViewing, OwnStoryViewing
from recommendations.slates import NoReadingYet
from stories.draft_validation import BadStory
from stories.drafts import NotYourStory
from stories.lifecycle import StoryVersionConflict, TransitionNotAllowed
from stories.playback import NoPlayableRecording
from stories.publishing import ContentChanged, NotReadyToSubmit
from stories.retries import JobNotQuarantined, NotAnOperator

logger = logging.getLogger(__name__)

S = HTTPStatus
RETRY_AFTER_SECONDS = "10"
UNREADABLE_REQUEST = Problem(S.BAD_REQUEST, "unreadable", "We could not read the request.")
NOT_ALLOWED = Problem(S.FORBIDDEN, "not_allowed", "You may not do this.")
NOT_FOUND = Problem(S.NOT_FOUND, "not_found", "There is nothing here, or not for you.")
INTERNAL_ERROR = Problem(
    S.INTERNAL_SERVER_ERROR,
    "our_fault",
    "Something broke on our side. It is written down, and not your fault.",
)
SERVICE_UNAVAILABLE = Problem(
    S.SERVICE_UNAVAILABLE,
    "out_of_reach",
    "A part of Sameboat does not answer at the moment. Nothing was changed; please try again shortly.",
    headers={"Retry-After": RETRY_AFTER_SECONDS},
)
AUTHENTICATION_REQUIRED = Problem(
    S.UNAUTHORIZED, "sign_in", "Sign in first, or send the token of a session that still runs."
)
SECOND_FACTOR_REQUIRED = Problem(
    S.FORBIDDEN, "second_factor", "This takes a second factor: set one up, and sign in with it."
)
IDEMPOTENCY_KEY_REUSED = Problem(
    S.UNPROCESSABLE_ENTITY,
    "idempotency_key_reused",
    "This idempotency key came with a different request before. Use a new key for a new request.",
)
VERSION_REQUIRED = Problem(
    S.PRECONDITION_REQUIRED, "version_required", "Say which version you saw, in If-Match or in “seen”."
)
PAYLOAD_TOO_LARGE = Problem(
    S.REQUEST_ENTITY_TOO_LARGE,
    "too_large",
    "This is more than a request may hold. Recordings are sent to the addresses that an upload gives.",
)

FIXED_PROBLEMS: dict[type[Exception], Problem] = {
    Http404: NOT_FOUND,
    NotYourNotice: NOT_FOUND,
    NotYourStep: NOT_FOUND,
    NotYourViewing: NOT_FOUND,
    StoryNotHeld: NOT_FOUND,
    NoPlayableRecording: NOT_FOUND,
    PermissionDenied: NOT_ALLOWED,
    NotYourStory: Problem(S.FORBIDDEN, "not_yours", "Only the person who tells a story may change it."),
    FeedbackOnOwnStory: Problem(S.CONFLICT, "own_story", "One's own stories are never chosen for oneself."),
    OwnStoryViewing: Problem(
        S.CONFLICT, "own_story", "Watching one's own story is not counted as a viewing."
    ),
    NotAReviewer: Problem(S.FORBIDDEN, "not_a_reviewer", "Only moderators review stories."),
    NotAnOperator: Problem(S.FORBIDDEN, "not_an_operator", "Only operators look after the work."),
    JobNotQuarantined: Problem(S.CONFLICT, "not_set_aside", "This work is not set aside any more."),
    SecondFactorMissing: SECOND_FACTOR_REQUIRED,
    BodyTooLarge: PAYLOAD_TOO_LARGE,
    VersionMissing: VERSION_REQUIRED,
    IdempotencyKeyReused: IDEMPOTENCY_KEY_REUSED,
    ConsentText.DoesNotExist: SERVICE_UNAVAILABLE,  # the house is not furnished yet
    OperationalError: SERVICE_UNAVAILABLE,
    InterfaceError: SERVICE_UNAVAILABLE,
    RedisError: SERVICE_UNAVAILABLE,
    StoreUnreachable: SERVICE_UNAVAILABLE,
    StoreRefused: SERVICE_UNAVAILABLE,
}
FIELD_ERRORS = (
    BadDisplayName,
    BadTrait,
    BadRating,
    BadStep,
    BadViewingAnswer,
    BadStory,
    BadReview,
    UploadRefused,
)
CONFLICT_CODES: dict[type[Exception], str] = {
    StoryVersionConflict: "story_moved",
    TransitionNotAllowed: "not_possible_now",
    ContentChanged: "content_changed",
    NotReadyToSubmit: "not_ready",
    StaleClaim: "claim_lost",
    ClaimedByAnotherReviewer: "held_by_somebody_else",
    NotInReview: "not_in_review",
    ReservedForAnotherReviewer: "for_another_reviewer",
}


def problem_exception_handler(error: Exception, _context: dict[str, Any]) -> Response | None:
    """Answer an error that a view raised; None hands one that nobody expected to Django. REST framework calls this."""
    found = problem_for(error)
    if found is None:
        return None
    if found.status >= S.INTERNAL_SERVER_ERROR:
        logger.error("%s: %s", found.code, type(error).__name__, exc_info=error)
    set_rollback()
    return Response(found.body(), status=found.status, headers=dict(found.headers), content_type=MEDIA_TYPE)


@singledispatch
def problem_for(_error: Exception) -> Problem | None:
    """Return what the error means to whoever asked; None when it is a fault of ours."""
    return None


def _always(answer: Problem) -> Callable[[Exception], Problem]:
    return lambda _: answer


for _kind, _answer in FIXED_PROBLEMS.items():
    problem_for.register(_kind, _always(_answer))


@problem_for.register
def _from_validation_error(error: exceptions.ValidationError) -> Problem:
    return _invalid_request([*flatten_field_errors(error.detail)])


def _from_field_error(error: Any) -> Problem:
    return _invalid_request([FieldProblem(error.field, error.problem, error.fix)])


for _kind in FIELD_ERRORS:
    problem_for.register(_kind, _from_field_error)


def _invalid_request(errors: list[FieldProblem]) -> Problem:
    detail = " ".join(f"{error.problem} {error.fix}" for error in errors[:1])
    return Problem(S.BAD_REQUEST, "invalid", detail, errors)


@problem_for.register
def _bad_cursor(_error: BadCursor) -> Problem:
    return _invalid_request(
        [FieldProblem("cursor", "This cursor does not belong to this list.", "Begin without one.")]
    )


@problem_for.register
def _bad_key(_error: BadIdempotencyKey) -> Problem:
    return _invalid_request(
        [FieldProblem("Idempotency-Key", "This is not a key.", "Use 1 to 200 plain characters.")]
    )


@problem_for.register
def _bad_captions(error: InvalidCaptions) -> Problem:
    where = f"In line {error.line}: " if error.line else ""
    return _invalid_request(
        [FieldProblem("text", f"{where}{error.problem}", "Correct it and send the whole file again.")]
    )


@problem_for.register
def _no_such_part(error: NoSuchPart) -> Problem:
    fix = f"Use 1 to {error.upload.part_count}."
    return _invalid_request([FieldProblem("numbers", f"This upload has no part {error.number}.", fix)])


def _from_conflict(error: Any) -> Problem:
    story = error.story
    return Problem(
        S.CONFLICT,
        CONFLICT_CODES[type(error)],
        str(error),
        [FieldProblem(one.field, one.problem, one.fix) for one in getattr(error, "missing", [])],
        current=CurrentStoryResponse(story).data,
        headers={"ETag": version_etag(story.version)},
    )


for _kind in CONFLICT_CODES:
    problem_for.register(_kind, _from_conflict)


@problem_for.register
def _not_ready(error: NotReady) -> Problem:
    silent = [FieldProblem(name, "This does not answer.", "Look at its log.") for name in error.unresponsive]
    return replace(SERVICE_UNAVAILABLE, code="not_ready", errors=silent)


@problem_for.register
def _own_story(error: CannotReviewOwnStory) -> Problem:
    return Problem(S.FORBIDDEN, "own_story", str(error))


@problem_for.register
def _rate_first(error: NoReadingYet) -> Problem:
    return Problem(S.CONFLICT, "rate_first", str(error))


@problem_for.register
def _upload_closed(error: UploadClosed) -> Problem:
    said = error.upload.get_state_display().lower()
    return Problem(S.CONFLICT, "upload_closed", f"This upload is {said}; begin another one.")


@problem_for.register
def _parts_missing(error: PartsMissing) -> Problem:
    numbers = ", ".join(str(number) for number in error.numbers)
    lacking = FieldProblem("parts", f"These parts have not arrived whole: {numbers}.", "Send them again.")
    return Problem(S.CONFLICT, "parts_missing", f"{lacking.problem} {lacking.fix}", [lacking])


@problem_for.register
def _from_api_exception(error: exceptions.APIException) -> Problem:
    """Cover what REST framework raises itself; its codes are stable words already."""
    words = exceptions.ErrorDetail(str(error.detail), getattr(error.detail, "code", error.default_code))
    return Problem(S(error.status_code), str(words.code), str(words))


@problem_for.register
def _from_permission_denied(error: exceptions.PermissionDenied) -> Problem:
    return replace(NOT_ALLOWED, detail=str(error.detail))


@problem_for.register
def _from_authentication_error(
    error: exceptions.NotAuthenticated | exceptions.AuthenticationFailed,
) -> Problem:
    challenge: str | None = getattr(error, "auth_header", None)
    return Problem(
        AUTHENTICATION_REQUIRED.status,
        AUTHENTICATION_REQUIRED.code,
        AUTHENTICATION_REQUIRED.detail,
        headers={"WWW-Authenticate": challenge} if challenge else {},
    )


@problem_for.register
def _from_throttled(error: exceptions.Throttled) -> Problem:
    wait = max(1, math.ceil(getattr(error, "wait", None) or 1))
    detail = f"You asked a lot at once. Try again in {wait} seconds."
    return Problem(S.TOO_MANY_REQUESTS, "too_many", detail, headers={"Retry-After": str(wait)})


def _plain_response_view(found: Problem) -> Callable[[], HttpResponse]:
    def answer() -> HttpResponse:
        return HttpResponse(orjson.dumps(found.body()), status=found.status, content_type=MEDIA_TYPE)

    return answer


bad_request = _plain_response_view(UNREADABLE_REQUEST)
forbidden = _plain_response_view(NOT_ALLOWED)
not_found = _plain_response_view(NOT_FOUND)
server_error = _plain_response_view(INTERNAL_ERROR)
