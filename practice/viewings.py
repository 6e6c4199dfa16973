"""Somebody watches a story: keep when, how far, and how much they saw themselves in it."""

from datetime import datetime, timedelta

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


class BadViewingAnswer(FieldError):
    pass


def start_viewing(story: Story, *, by: User, slate: Slate | None, now: datetime) -> Viewing:
    """Note that somebody begins to watch; coming back within half an hour goes on with the same viewing.

    Raises OwnViewing.
    """
    if story.teller_id == by.pk:
        raise OwnStoryViewing
    recent = (
        Viewing.objects.by(by).filter(story=story, started_at__gte=now - RESUME_WINDOW).newest_first().first()
    )
    if recent is not None:
        return recent
    if slate is not None and slate.viewer_id != by.pk:
        slate = None
    return Viewing.objects.create(viewer=by, story=story, slate=slate, started_at=now)


def finish_viewing(
    viewing: Viewing, *, by: User, now: datetime, furthest_ms: int | None = None, like_me: int | None = None
) -> Viewing:
    """Keep how far somebody watched and their like-me answer (0-10); what is None stays as it was.

    Raises NotYourViewing, BadAnswer.
    """
    if viewing.viewer_id != by.pk:
        raise NotYourViewing
    if like_me is not None:
        if not 0 <= like_me <= MAX_LIKE_ME:
            raise BadViewingAnswer("like_me", f"{like_me} is not on the scale.", "Use 0 to 10.")
        viewing.like_me = like_me
    if furthest_ms is not None:
        if furthest_ms < 0:
            raise BadViewingAnswer(
                "furthest_ms", "A time cannot be negative.", "Use milliseconds from the start."
            )
        viewing.furthest_ms = max(viewing.furthest_ms, min(furthest_ms, 2**31 - 1))
    viewing.finished_at = now
    viewing.save()
    return viewing


def save_story(story: Story, *, by: User, now: datetime) -> None:
    """Keep a story so that it can be found again; twice is the same as once."""
    SavedStory.objects.get_or_create(person=by, story=story, defaults={"saved_at": now})


def unsave_story(story: Story, *, by: User) -> None:
    SavedStory.objects.filter(person=by, story=story).delete()
