"""Runs what a form or a button asks for, and turns domain errors into messages on the page."""

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

from django.contrib import messages
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from domain_errors.categories import FieldError
from media.captions.vtt import InvalidCaptions
from stories.lifecycle import StoryVersionConflict, TransitionNotAllowed
from stories.models import Story
from web.access import AuthenticatedRequest
from web.forms.base import VersionedForm, VersionOnlyForm

STORY_CHANGED_MESSAGE = _(
    "This story was changed somewhere else in the meantime, perhaps in another window. What you entered is still here. "
    "Please check it, then save again."
)
STORY_CHANGED_TRY_AGAIN_MESSAGE = _(
    "This story has changed since you opened the page. This is the current version. Please try again."
)


@dataclass(frozen=True)
class FormResult:
    """The saved story, or None and the status for showing the form again."""

    status: HTTPStatus
    story: Story | None = None


NOT_SUBMITTED = FormResult(HTTPStatus.OK)


def posted_data(request: HttpRequest) -> QueryDict | None:
    """Return the POST data, which may be empty; None on GET."""
    return request.POST if request.method == "POST" else None


def submit_form(form: VersionedForm, action: Callable[[], Story]) -> FormResult:
    """Run the action of a valid form; domain errors are added to the field they are about."""
    if not form.is_bound:
        return NOT_SUBMITTED
    if not form.is_valid():
        return FormResult(HTTPStatus.BAD_REQUEST)
    try:
        return FormResult(HTTPStatus.OK, action())
    except InvalidCaptions as error:
        form.add_refusal("captions", _captions_message(error))
        return FormResult(HTTPStatus.BAD_REQUEST)
    except FieldError as error:
        form.add_refusal(error.field, f"{error.problem} {error.fix}")
        return FormResult(HTTPStatus.BAD_REQUEST)
    except StoryVersionConflict as error:
        form.reset_expected_version(error.story.version, str(STORY_CHANGED_MESSAGE))
    except TransitionNotAllowed as error:
        form.add_refusal("", too_late_message(error.story))
    return FormResult(HTTPStatus.CONFLICT)


def _captions_message(error: InvalidCaptions) -> str:
    if not error.line:
        return error.problem
    return gettext("Line %(line)s: %(problem)s") % {"line": error.line, "problem": error.problem}


def too_late_message(story: Story) -> str:
    return gettext("The status of this story is now “%(state)s”, so you can no longer do this.") % {
        "state": story.state_label
    }


def run_post_action(
    request: AuthenticatedRequest, story: Story, action: Callable[[int], str]
) -> HttpResponse:
    """Run the action of a single button with the version its page showed, and show the message it returns."""
    form = VersionOnlyForm(request.POST)
    if not form.is_valid():
        raise SuspiciousOperation("missing or invalid field: seen")
    try:
        messages.info(request, action(form.expected_version))
    except StoryVersionConflict:
        messages.warning(request, str(STORY_CHANGED_TRY_AGAIN_MESSAGE))
    except TransitionNotAllowed as error:
        messages.warning(request, too_late_message(error.story))
    return redirect("web:my_story", story.pk)
