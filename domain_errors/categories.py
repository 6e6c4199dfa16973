"""Categories of domain errors. The API and the pages handle these categories instead of single exception classes.

A domain package subclasses a category, with a `code` that clients rely on and, if it is always the same, a `message`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class FieldProblem:
    """What is wrong with one field, and how to fix it; both are sentences for the user."""

    field: str
    problem: str
    fix: str

    def __str__(self) -> str:
        return f"{self.problem} {self.fix}"


class DomainError(Exception):
    """`message` may be a lazy translation; it is rendered when the error is raised."""

    code: ClassVar[str]
    message: ClassVar[object] = ""

    def __init__(self, message: object = "") -> None:
        super().__init__(str(message or self.message))


class FieldError(DomainError):
    """A value of the request is not acceptable."""

    code = "invalid"

    def __init__(self, field: str, problem: str, fix: str) -> None:
        super().__init__(f"{problem} {fix}")
        self.field, self.problem, self.fix = field, problem, fix


class ForbiddenError(DomainError):
    """The user may see the object but not do this to it."""

    code = "not_allowed"


class NotFoundError(DomainError):
    """The object does not exist, or the user may not know that it does."""

    code = "not_found"


class ConflictError(DomainError):
    """The state of `subject` does not allow the action; `problems` lists the reasons."""

    code = "conflict"

    def __init__(
        self, message: object = "", *, subject: object = None, problems: Sequence[FieldProblem] = ()
    ) -> None:
        super().__init__(message)
        self.subject = subject
        self.problems = problems


class UnavailableError(DomainError):
    """A service that the action needs does not answer; retrying later may succeed."""

    code = "out_of_reach"
