"""What the OpenAPI document says about every operation without being told: refusals, versions, keys, who may."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, TypeVar

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.permissions import SAFE_METHODS, AllowAny

from api.problems.details import MEDIA_TYPE, Problem
from api.requests.base import BaseRequest, VersionedRequest
from api.responses.problems import ProblemResponse as ProblemShape
from domain_errors.categories import FieldProblem

S = HTTPStatus
ViewMethodT = TypeVar("ViewMethodT", bound=Callable[..., Any])
CURRENT_STORY_EXAMPLE = {
    "id": "5a1f0c1e-6f0e-4d52-9a51-0d1f6f6a2b11",
    "state": "in_review",
    "state_label": "Waiting for review",
    "version": 7,
    "editable": False,
    "content_hash": "",
}
FIELD_PROBLEM_EXAMPLE = FieldProblem("title", "This field is required.", "Add it.")
PROBLEM_RESPONSES: Mapping[str, Problem] = {
    "InvalidRequest": Problem(
        S.BAD_REQUEST, "invalid", "This field is required. Add it.", [FIELD_PROBLEM_EXAMPLE]
    ),
    "Unauthenticated": Problem(S.UNAUTHORIZED, "sign_in", "Sign in first, or send a token."),
    "Forbidden": Problem(S.FORBIDDEN, "not_yours", "Only the person who tells a story may change it."),
    "NotFound": Problem(S.NOT_FOUND, "not_found", "There is nothing here, or not for you."),
    "NotAcceptable": Problem(S.NOT_ACCEPTABLE, "not_acceptable", "We answer in JSON only."),
    "Conflict": Problem(
        S.CONFLICT, "story_moved", "The story is at version 7 by now.", current=CURRENT_STORY_EXAMPLE
    ),
    "PayloadTooLarge": Problem(
        S.REQUEST_ENTITY_TOO_LARGE, "too_large", "This is more than a request may hold."
    ),
    "UnsupportedMediaType": Problem(
        S.UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", "Send application/json."
    ),
    "IdempotencyKeyReused": Problem(
        S.UNPROCESSABLE_ENTITY, "idempotency_key_reused", "This key came with a different request before."
    ),
    "VersionRequired": Problem(S.PRECONDITION_REQUIRED, "version_required", "Say which version you saw."),
    "TooManyRequests": Problem(
        S.TOO_MANY_REQUESTS, "too_many", "You asked a lot at once. Try again in 7 seconds."
    ),
    "ServiceUnavailable": Problem(
        S.SERVICE_UNAVAILABLE, "out_of_reach", "A part of Sameboat does not answer."
    ),
}
IF_MATCH = OpenApiParameter(
    "If-Match",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="The ETag of the story as you saw it; or name its version in `expected_version`.",
    pattern='^"[0-9]{1,9}"$',
)
IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "minLength": 1, "maxLength": 200},
    OpenApiParameter.HEADER,
    description="A key of your own. For a day, the same key gets the answer to its first request again.",
)


class ProblemAutoSchema(AutoSchema):
    """Adds what holds for every operation, so that no view has to repeat it."""

    def get_description(self) -> str:  # type: ignore[override]  # drf-spectacular narrows it the same way
        """Return what the view itself says; what its base says holds for every view and explains none."""
        return vars(type(self.view)).get("__doc__") or ""

    def get_override_parameters(self) -> list[Any]:
        added = [IF_MATCH] if self._requires_version() else []
        added += [IDEMPOTENCY_KEY] if self._is_idempotent() else []
        return [*super().get_override_parameters(), *added]

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        for name in self._problem_names():
            bodies.setdefault(str(PROBLEM_RESPONSES[name].status.value), self._problem_component(name).ref)
        return dict(sorted(bodies.items()))

    def _problem_names(self) -> list[str]:
        """Return the names of the refusals that this operation may answer with."""
        changes = self.method not in SAFE_METHODS
        told = ["NotAcceptable", "TooManyRequests", "ServiceUnavailable"]
        if changes or self.get_override_parameters():
            told.append("InvalidRequest")
        if not any(isinstance(one, AllowAny) for one in self.view.get_permissions()):
            told += ["Unauthenticated", "Forbidden"]
        if "{" in self.path:
            told.append("NotFound")
        if changes:
            told += ["Conflict", "PayloadTooLarge", "UnsupportedMediaType"]
        if self._is_idempotent():
            told.append("IdempotencyKeyReused")
        if self._requires_version():
            told.append("VersionRequired")
        return [*told, *getattr(self.view, "extra_problems", ())]

    def _problem_component(self, name: str) -> ResolvedComponent:
        shape = self.resolve_serializer(ProblemShape(), "response")
        example = {
            "value": {
                **PROBLEM_RESPONSES[name].body(),
                "crisis_help_url": "https://sameboat.example/help-now",
            }
        }
        component = ResolvedComponent(  # type: ignore[no-untyped-call]  # drf-spectacular leaves it untyped
            name=name,
            type=ResolvedComponent.RESPONSE,
            object=PROBLEM_RESPONSES[name],
            schema={
                "description": PROBLEM_RESPONSES[name].status.phrase,
                "content": {MEDIA_TYPE: {"schema": shape.ref, "examples": {name: example}}},
            },
        )
        self.registry.register_on_missing(component)
        return component

    def _requires_version(self) -> bool:
        asked: Any = self.get_request_serializer()
        return (
            self.method not in SAFE_METHODS
            and isinstance(asked, type)
            and issubclass(asked, VersionedRequest)
        )

    def _is_idempotent(self) -> bool:
        return hasattr(getattr(self.view, self.method.lower(), None), "is_idempotent")


def describe_operation(
    name: str,
    summary: str,
    *,
    request: type[BaseRequest] | None = None,
    query: type[BaseRequest] | None = None,
    responses: Any,
) -> Callable[[ViewMethodT], ViewMethodT]:
    """Describe one operation: its id, what it is for, what it is asked with and what it answers."""
    tag = name.partition("_")[0]
    described: Callable[[ViewMethodT], ViewMethodT] = extend_schema(
        operation_id=name,
        summary=summary,
        tags=[tag],
        request=request,
        parameters=[query] if query else [],
        responses=responses,
    )
    return described
