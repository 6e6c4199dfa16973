from django.utils.translation import gettext_lazy as _

from domain_errors.categories import ConflictError, FieldError, FieldProblem


class InvalidExample(FieldError):
    pass


class ExampleMoved(ConflictError):
    code = "example_moved"
    message = _("The example has moved.")


def test_a_field_error_reads_as_problem_and_fix() -> None:
    error = InvalidExample("title", "This is too long.", "Shorten it.")
    assert (error.code, error.field, str(error)) == ("invalid", "title", "This is too long. Shorten it.")


def test_the_message_of_the_class_is_used_unless_another_is_passed() -> None:
    assert str(ExampleMoved()) == "The example has moved."
    assert str(ExampleMoved("It is gone.")) == "It is gone."


def test_a_conflict_carries_its_subject_and_problems() -> None:
    problem = FieldProblem("video", "There is no recording yet.", "Upload one.")
    error = ExampleMoved(subject="example 7", problems=[problem])
    assert (error.subject, error.problems) == ("example 7", [problem])
