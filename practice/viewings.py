"""Records viewings: when and how far a viewer watched a story, and how much the teller is like them."""

from datetime import datetime, timedelta

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from domain_errors.categories import ConflictError, FieldError, NotFoundError
from practice.models import MAX_LIKE_ME, SavedStory, Slate, Viewing
from stories.models import Story

RESUME_WINDOW = timedelta(minutes=30)


class NotYourViewing(NotFoundError):
    pass


class OwnStoryViewing(ConflictError):
    """Viewings of one's own story say nothing about whom it helps, so none are stored."""

    code = "own_story"
    message = _("Watching your own story does not count as a viewing.")


class InvalidViewingAnswer(FieldError):
    pass


def start_viewing(story: Story, *, by: User, slate: Slate | None, now: datetime) -> Viewing:
    """Start a viewing, or resume the viewer's last one of this story within RESUME_WINDOW. Raises OwnStoryViewing."""
    if story.teller_id == by.pk:
        raise OwnStoryViewing
    open_viewing = (
        Viewing.objects.by(by).filter(story=story, started_at__gte=now - RESUME_WINDOW).newest_first().first()
    )
    if open_viewing is not None:
        return open_viewing
    if slate is not None and slate.viewer_id != by.pk:
        slate = None
    return Viewing.objects.create(viewer=by, story=story, slate=slate, started_at=now)


def finish_viewing(
    viewing: Viewing, *, by: User, now: datetime, furthest_ms: int | None = None, like_me: int | None = None
) -> Viewing:
    """Store how far the viewer watched and their like-me answer (0 to 10); None leaves a value unchanged.

    Raises NotYourViewing, InvalidViewingAnswer.
    """
    if viewing.viewer_id != by.pk:
        raise NotYourViewing
    if like_me is not None:
        if not 0 <= like_me <= MAX_LIKE_ME:
            problem = gettext("%(value)s is not on the scale.") % {"value": like_me}
            fix = gettext("Use a number from 0 to %(highest)s.") % {"highest": MAX_LIKE_ME}
            raise InvalidViewingAnswer("like_me", problem, fix)
        viewing.like_me = like_me
    if furthest_ms is not None:
        if furthest_ms < 0:
            problem = gettext("A time cannot be negative.")
            raise InvalidViewingAnswer("furthest_ms", problem, gettext("Use milliseconds from the start."))
        viewing.furthest_ms = max(viewing.furthest_ms, min(furthest_ms, 2**31 - 1))
    viewing.finished_at = now
    viewing.save()
    return viewing


def save_story(story: Story, *, by: User, now: datetime) -> None:
    """Add a story to the viewer's saved stories. Idempotent."""
    SavedStory.objects.get_or_create(person=by, story=story, defaults={"saved_at": now})


def unsave_story(story: Story, *, by: User) -> None:
    SavedStory.objects.filter(person=by, story=story).delete()
