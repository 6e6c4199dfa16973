"""Let members change what is theirs through a form, and turn what the product refuses into words on the page."""

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect

from accounts.traits import BadTrait
from media.captions import BadCaptions
from stories.lifecycle import NotPossibleNow, StoryMoved
from stories.models import Story
from stories.telling import BadStory
from web.doors import Visit
from web.forms.tell import SeenForm
from web.forms.versions import VersionedForm

MOVED = (
    "This story was changed somewhere else meanwhile, perhaps in another window. What you filled in is still here: "
    "please look at it once more, then save again."
)


MOVED_BUTTON = (
    "This story has changed since you opened the page. This is how it stands now; please try again."
)


@dataclass(frozen=True)
class Attempt:
    """What came of a form: the story if it was done, and the status to answer with if the page is shown again."""

    status: HTTPStatus
    story: Story | None = None


NOT_YET = Attempt(HTTPStatus.OK)


def own_story(request: Visit, story_id: UUID) -> Story:
    """Return one's own story; to everybody else it is not there."""
    return get_object_or_404(Story.objects.told_by(request.user).with_its_parts(), pk=story_id)


def sent(request: HttpRequest) -> QueryDict | None:
    """Return what was posted, be it empty; None when the page is only looked at."""
    return request.POST if request.method == "POST" else None


def attempt(form: VersionedForm, act: Callable[[], Story]) -> Attempt:
    """Do what a filled-in form asks for. What is refused goes into the form, beside the field it is about."""
    if not form.is_bound:
        return NOT_YET
    if not form.is_valid():
        return Attempt(HTTPStatus.BAD_REQUEST)
    try:
        return Attempt(HTTPStatus.OK, act())
    except (BadStory, BadTrait) as refused:
        form.refuse(refused.field, f"{refused.problem} {refused.fix}")
        return Attempt(HTTPStatus.BAD_REQUEST)
    except BadCaptions as bad:
        form.refuse("captions", f"Line {bad.line}: {bad.problem}" if bad.line else bad.problem)
        return Attempt(HTTPStatus.BAD_REQUEST)
    except StoryMoved as moved:
        form.start_over_from(moved.story.version, MOVED)
    except NotPossibleNow as late:
        form.refuse("", too_late(late.story))
    return Attempt(HTTPStatus.CONFLICT)


def too_late(story: Story) -> str:
    return f"This story is “{story.said_state}” by now, and this cannot be done any more."


def press(request: Visit, story: Story, act: Callable[[int], str]) -> HttpResponse:
    """Do what a single button asks for, given the version its page showed, and say what came of it."""
    form = SeenForm(request.POST)
    if not form.is_valid():
        raise SuspiciousOperation("a button came without the version that its page showed")
    try:
        messages.info(request, act(form.seen_version))
    except StoryMoved:
        messages.warning(request, MOVED_BUTTON)
    except NotPossibleNow as late:
        messages.warning(request, too_late(late.story))
    return redirect("web:my_story", story.pk)
