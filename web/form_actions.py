"""Let members change what is theirs through a form, and turn what the product refuses into words on the page."""

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect

from domain_errors.categories import FieldError
from media.captions.vtt import InvalidCaptions
from stories.lifecycle import StoryVersionConflict, TransitionNotAllowed
from stories.models import Story
from web.access import AuthenticatedRequest
from web.forms.base import VersionedForm
from web.forms.drafts import VersionOnlyForm

STORY_CHANGED_MESSAGE = (
    "This story was changed somewhere else meanwhile, perhaps in another window. What you filled in is still here: "
    "please look at it once more, then save again."
)


STORY_CHANGED_TRY_AGAIN_MESSAGE = (
    "This story has changed since you opened the page. This is how it stands now; please try again."
)


@dataclass(frozen=True)
class FormResult:
    """What came of a form: the story if it was done, and the status to answer with if the page is shown again."""

    status: HTTPStatus
    story: Story | None = None


NOT_SUBMITTED = FormResult(HTTPStatus.OK)


def get_own_story_or_404(request: AuthenticatedRequest, story_id: UUID) -> Story:
    """Return one's own story; to everybody else it is not there."""
    return get_object_or_404(Story.objects.by_teller(request.user).with_related(), pk=story_id)


def posted_data(request: HttpRequest) -> QueryDict | None:
    """Return what was posted, be it empty; None when the page is only looked at."""
    return request.POST if request.method == "POST" else None


def submit_form(form: VersionedForm, action: Callable[[], Story]) -> FormResult:
    """Do what a filled-in form asks for. What is refused goes into the form, beside the field it is about."""
    if not form.is_bound:
        return NOT_SUBMITTED
    if not form.is_valid():
        return FormResult(HTTPStatus.BAD_REQUEST)
    try:
        return FormResult(HTTPStatus.OK, action())
    except InvalidCaptions as error:
        form.add_refusal("captions", error.problem)
        return FormResult(HTTPStatus.BAD_REQUEST)
    except FieldError as error:
        form.add_refusal(error.field, str(error))
        return FormResult(HTTPStatus.BAD_REQUEST)
    except StoryVersionConflict as moved:
        form.reset_expected_version(moved.story.version, STORY_CHANGED_MESSAGE)
    except TransitionNotAllowed as late:
        form.add_refusal("", too_late_message(late.story))
    return FormResult(HTTPStatus.CONFLICT)


def too_late_message(story: Story) -> str:
    return f"This story is “{story.state_label}” by now, and this cannot be done any more."


def run_post_action(
    request: AuthenticatedRequest, story: Story, action: Callable[[int], str]
) -> HttpResponse:
    """Do what a single button asks for, given the version its page showed, and say what came of it."""
    form = VersionOnlyForm(request.POST)
    if not form.is_valid():
        raise SuspiciousOperation("a button came without the version that its page showed")
    try:
        messages.info(request, action(form.expected_version))
    except StoryVersionConflict:
        messages.warning(request, STORY_CHANGED_TRY_AGAIN_MESSAGE)
    except TransitionNotAllowed as late:
        messages.warning(request, too_late_message(late.story))
    return redirect("web:my_story", story.pk)
