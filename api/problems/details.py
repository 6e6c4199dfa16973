"""Problem details as plain values, and their representation as RFC 9457 JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from domain_errors.categories import FieldProblem

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True)
class Problem:
    """Why a request failed: `code` is stable and for programs, `detail` is for people."""

    status: HTTPStatus
    code: str
    detail: object  # text or a lazy translation
    errors: Sequence[FieldProblem] = ()
    current: Mapping[str, Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def body(self) -> dict[str, Any]:
        """Return the members of RFC 9457 and our own, including a link to crisis help."""
        return {
            "type": "about:blank",
            "title": self.status.phrase,
            "status": self.status.value,
            "code": self.code,
            "detail": str(self.detail),
            "crisis_help_url": f"{settings.PUBLIC_ORIGIN}/help-now",
            "errors": [asdict(error) for error in self.errors],
            "current": self.current,
        }


# How to fix an error of DRF, by its error code.
FIX_BY_ERROR_CODE: Mapping[str, object] = {
    "required": _("Add it."),
    "null": _("Leave it out or send a value."),
    "blank": _("Fill it in, or leave it out."),
    "unknown": _("Leave it out."),
    "repeated": _("Send it once."),
    "invalid_choice": _("Use one of the values that the schema lists."),
    "not_a_list": _("Send a list."),
    "not_a_dict": _("Send an object."),
    "max_length": _("Make it shorter."),
    "max_value": _("Make it smaller."),
    "min_value": _("Make it larger."),
}
DEFAULT_FIX = _("Send it as the OpenAPI document describes it.")


def flatten_field_errors(errors: Any, path: str = "") -> list[FieldProblem]:
    """Flatten DRF's nested errors into field paths."""
    if isinstance(errors, Mapping):
        return [
            problem
            for name, nested_errors in errors.items()
            for problem in flatten_field_errors(nested_errors, f"{path}.{name}" if path else str(name))
        ]
    if isinstance(errors, list):
        is_nested = any(isinstance(item, Mapping | list) for item in errors)
        return [
            problem
            for position, item in enumerate(errors)
            for problem in flatten_field_errors(item, f"{path}.{position}" if is_nested else path)
        ]
    name = path.removesuffix(".non_field_errors").replace("non_field_errors", "body")
    fix = FIX_BY_ERROR_CODE.get(getattr(errors, "code", ""), DEFAULT_FIX)
    return [FieldProblem(name or "body", str(errors), str(fix))]
