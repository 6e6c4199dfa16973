"""What the OpenAPI document says about every operation without being told: refusals, versions, keys, who may."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, TypeVar

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.permissions import SAFE_METHODS, AllowAny

from api.problems import MEDIA_TYPE, FieldProblem, Problem
from api.serializers.problems import Problem as ProblemShape
from api.serializers.strict import Asked, Seen

S = HTTPStatus
View = TypeVar("View", bound=Callable[..., Any])
MOVED = {
    "id": "5a1f0c1e-6f0e-4d52-9a51-0d1f6f6a2b11",
    "state": "in_review",
    "state_in_words": "Waiting for review",
    "version": 7,
    "may_be_edited": False,
    "content_hash": "",
}
WRONG = FieldProblem("title", "This field is required.", "Add it.")
REFUSALS: Mapping[str, Problem] = {
    "Invalid": Problem(S.BAD_REQUEST, "invalid", "This field is required. Add it.", [WRONG]),
    "SignIn": Problem(S.UNAUTHORIZED, "sign_in", "Sign in first, or send a token."),
    "NotAllowed": Problem(S.FORBIDDEN, "not_yours", "Only the person who tells a story may change it."),
    "NotFound": Problem(S.NOT_FOUND, "not_found", "There is nothing here, or not for you."),
    "NotAcceptable": Problem(S.NOT_ACCEPTABLE, "not_acceptable", "We answer in JSON only."),
    "Conflict": Problem(S.CONFLICT, "story_moved", "The story is at version 7 by now.", current=MOVED),
    "TooLarge": Problem(S.REQUEST_ENTITY_TOO_LARGE, "too_large", "This is more than a request may hold."),
    "NotJson": Problem(S.UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", "Send application/json."),
    "KeyReused": Problem(
        S.UNPROCESSABLE_ENTITY, "idempotency_key_reused", "This key came with a different request before."
    ),
    "NameVersion": Problem(S.PRECONDITION_REQUIRED, "version_required", "Say which version you saw."),
    "TooMany": Problem(S.TOO_MANY_REQUESTS, "too_many", "You asked a lot at once. Try again in 7 seconds."),
    "OutOfReach": Problem(S.SERVICE_UNAVAILABLE, "out_of_reach", "A part of Sameboat does not answer."),
}
IF_MATCH = OpenApiParameter(
    "If-Match",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="The ETag of the story as you saw it; or name its version in `seen`.",
    pattern='^"[0-9]{1,9}"$',
)
IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "minLength": 1, "maxLength": 200},
    OpenApiParameter.HEADER,
    description="A key of your own. For a day, the same key gets the answer to its first request again.",
)


class EdgeSchema(AutoSchema):
    """Adds what holds for every operation, so that no view has to repeat it."""

    def get_description(self) -> str:  # type: ignore[override]  # drf-spectacular narrows it the same way
        """Return what the view itself says; what its base says holds for every view and explains none."""
        return vars(type(self.view)).get("__doc__") or ""

    def get_override_parameters(self) -> list[Any]:
        added = [IF_MATCH] if self._rests_on_version() else []
        added += [IDEMPOTENCY_KEY] if self._is_done_once() else []
        return [*super().get_override_parameters(), *added]

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        for name in self._refusals():
            bodies.setdefault(str(REFUSALS[name].status.value), self._refusal(name).ref)
        return dict(sorted(bodies.items()))

    def _refusals(self) -> list[str]:
        """Return the names of the refusals that this operation may answer with."""
        changes = self.method not in SAFE_METHODS
        told = ["NotAcceptable", "TooMany", "OutOfReach"]
        if changes or self.get_override_parameters():
            told.append("Invalid")
        if not any(isinstance(one, AllowAny) for one in self.view.get_permissions()):
            told += ["SignIn", "NotAllowed"]
        if "{" in self.path:
            told.append("NotFound")
        if changes:
            told += ["Conflict", "TooLarge", "NotJson"]
        if self._is_done_once():
            told.append("KeyReused")
        if self._rests_on_version():
            told.append("NameVersion")
        return [*told, *getattr(self.view, "refuses", ())]

    def _refusal(self, name: str) -> ResolvedComponent:
        shape = self.resolve_serializer(ProblemShape(), "response")
        example = {"value": {**REFUSALS[name].body(), "help": "https://sameboat.example/help-now"}}
        component = ResolvedComponent(  # type: ignore[no-untyped-call]  # drf-spectacular leaves it untyped
            name=name,
            type=ResolvedComponent.RESPONSE,
            object=REFUSALS[name],
            schema={
                "description": REFUSALS[name].status.phrase,
                "content": {MEDIA_TYPE: {"schema": shape.ref, "examples": {name: example}}},
            },
        )
        self.registry.register_on_missing(component)
        return component

    def _rests_on_version(self) -> bool:
        asked: Any = self.get_request_serializer()
        return self.method not in SAFE_METHODS and isinstance(asked, type) and issubclass(asked, Seen)

    def _is_done_once(self) -> bool:
        return hasattr(getattr(self.view, self.method.lower(), None), "does_once")


def operation(
    name: str, summary: str, *, asks: type[Asked] | None = None, query: type[Asked] | None = None, gives: Any
) -> Callable[[View], View]:
    """Describe one operation: its id, what it is for, what it is asked with and what it answers."""
    tag = name.partition("_")[0]
    described: Callable[[View], View] = extend_schema(
        operation_id=name,
        summary=summary,
        tags=[tag],
        request=asks,
        parameters=[query] if query else [],
        responses=gives,
    )
    return described
