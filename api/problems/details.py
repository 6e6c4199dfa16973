"""A problem as plain values, and how it is put on the wire."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from http import HTTPStatus
from typing import Any

from django.conf import settings

from domain_errors.categories import FieldProblem

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True)
class Problem:
    """Why something was refused: a stable `code` for programs, `detail` for people."""

    status: HTTPStatus
    code: str
    detail: str
    errors: Sequence[FieldProblem] = ()
    current: Mapping[str, Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def body(self) -> dict[str, Any]:
        """Return the members that RFC 9457 names and ours, help for somebody in danger among them."""
        return {
            "type": "about:blank",
            "title": self.status.phrase,
            "status": self.status.value,
            "code": self.code,
            "detail": self.detail,
            "crisis_help_url": f"{settings.PUBLIC_ORIGIN}/help-now",
            "errors": [asdict(error) for error in self.errors],
            "current": self.current,
        }


# What to do about the things that REST framework finds wrong, by its own code for them.
FIX_BY_ERROR_CODE: Mapping[str, str] = {
    "required": "Add it.",
    "null": "Leave it out or give it a value.",
    "blank": "Say something here, or leave it out.",
    "unknown": "Leave it out.",
    "repeated": "Give it once.",
    "invalid_choice": "Use one of the values that the schema lists.",
    "not_a_list": "Send a list.",
    "not_a_dict": "Send an object.",
    "max_length": "Make it shorter.",
    "max_value": "Make it smaller.",
    "min_value": "Make it larger.",
}
DEFAULT_FIX = "Look it up in the schema and send it in that form."


def flatten_field_errors(found: Any, path: str = "") -> list[FieldProblem]:
    """Return what REST framework found wrong, nested as the fields are, as one flat list."""
    if isinstance(found, Mapping):
        return [
            problem
            for name, below in found.items()
            for problem in flatten_field_errors(below, f"{path}.{name}" if path else str(name))
        ]
    if isinstance(found, list):
        nested = any(isinstance(below, Mapping | list) for below in found)
        return [
            problem
            for position, below in enumerate(found)
            for problem in flatten_field_errors(below, f"{path}.{position}" if nested else path)
        ]
    name = path.removesuffix(".non_field_errors").replace("non_field_errors", "body")
    return [
        FieldProblem(
            name or "body", str(found), FIX_BY_ERROR_CODE.get(getattr(found, "code", ""), DEFAULT_FIX)
        )
    ]
