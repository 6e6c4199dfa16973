"""OpenAPI additions that apply to every operation: problems, versions and idempotency keys."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, TypeVar

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.permissions import SAFE_METHODS, AllowAny

from api.problems.details import MEDIA_TYPE, Problem
from api.problems.standard_problems import AUTHENTICATION_REQUIRED, NOT_FOUND, SERVICE_UNAVAILABLE
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
    "Unauthenticated": AUTHENTICATION_REQUIRED,
    "Forbidden": Problem(S.FORBIDDEN, "not_yours", "Only the person who tells a story can change it."),
    "NotFound": NOT_FOUND,
    "NotAcceptable": Problem(S.NOT_ACCEPTABLE, "not_acceptable", "Responses are available as JSON only."),
    "Conflict": Problem(
        S.CONFLICT,
        "story_moved",
        "The story is now at version 7; you saw version 6.",
        current=CURRENT_STORY_EXAMPLE,
    ),
    "PayloadTooLarge": Problem(S.REQUEST_ENTITY_TOO_LARGE, "too_large", "The request body is too large."),
    "UnsupportedMediaType": Problem(
        S.UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", "Send application/json."
    ),
    "IdempotencyKeyReused": Problem(
        S.UNPROCESSABLE_ENTITY,
        "idempotency_key_reused",
        "This idempotency key was used for a different request.",
    ),
    "VersionRequired": Problem(S.PRECONDITION_REQUIRED, "version_required", "Send the version that you saw."),
    "TooManyRequests": Problem(S.TOO_MANY_REQUESTS, "too_many", "Too many requests. Try again in 7 seconds."),
    "ServiceUnavailable": SERVICE_UNAVAILABLE,
}
IF_MATCH = OpenApiParameter(
    "If-Match",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="The ETag of the story that you saw. Alternatively, send its version as `expected_version`.",
    pattern='^"[0-9]{1,9}"$',
)
IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "minLength": 1, "maxLength": 200},
    OpenApiParameter.HEADER,
    description="A unique key that you choose. For a day, requests with the same key get the first response again.",
)


class ProblemAutoSchema(AutoSchema):
    def get_description(self) -> str:  # type: ignore[override]  # drf-spectacular narrows it the same way
        """Return the docstring of the view class itself; inherited docstrings describe base classes."""
        return vars(type(self.view)).get("__doc__") or ""

    def get_override_parameters(self) -> list[Any]:
        parameters = [IF_MATCH] if self._requires_version() else []
        parameters += [IDEMPOTENCY_KEY] if self._is_idempotent() else []
        return [*super().get_override_parameters(), *parameters]

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        for name in self._problem_names():
            bodies.setdefault(str(PROBLEM_RESPONSES[name].status.value), self._problem_component(name).ref)
        return dict(sorted(bodies.items()))

    def _problem_names(self) -> list[str]:
        """Return the names of the problems that this operation can respond with."""
        is_unsafe = self.method not in SAFE_METHODS
        names = ["NotAcceptable", "TooManyRequests", "ServiceUnavailable"]
        if is_unsafe or self.get_override_parameters():
            names.append("InvalidRequest")
        if not any(isinstance(permission, AllowAny) for permission in self.view.get_permissions()):
            names += ["Unauthenticated", "Forbidden"]
        if "{" in self.path:
            names.append("NotFound")
        if is_unsafe:
            names += ["Conflict", "PayloadTooLarge", "UnsupportedMediaType"]
        if self._is_idempotent():
            names.append("IdempotencyKeyReused")
        if self._requires_version():
            names.append("VersionRequired")
        return [*names, *getattr(self.view, "extra_problems", ())]

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
        request_serializer: Any = self.get_request_serializer()
        return (
            self.method not in SAFE_METHODS
            and isinstance(request_serializer, type)
            and issubclass(request_serializer, VersionedRequest)
        )

    def _is_idempotent(self) -> bool:
        return hasattr(getattr(self.view, self.method.lower(), None), "is_idempotent")


def describe_operation(
    operation_id: str,
    summary: str,
    *,
    request: type[BaseRequest] | None = None,
    query: type[BaseRequest] | None = None,
    responses: Any,
) -> Callable[[ViewMethodT], ViewMethodT]:
    tag = operation_id.partition("_")[0]
    decorator: Callable[[ViewMethodT], ViewMethodT] = extend_schema(
        operation_id=operation_id,
        summary=summary,
        tags=[tag],
        request=request,
        parameters=[query] if query else [],
        responses=responses,
    )
    return decorator
