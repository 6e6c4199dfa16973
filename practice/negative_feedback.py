"""What a viewer does not want to be shown: a teller, or stories like one they saw. Told to nobody, and taken back at will."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Profile, User
from domain_errors.categories import ConflictError
from practice.models import HiddenTeller, LessLike
from stories.models import Story


class FeedbackOnOwnStory(ConflictError):
    code = "own_story"
    message = _("Your own stories are never suggested to you.")


def hide_teller(teller: User, *, by: User, now: datetime) -> None:
    """Never show anything by this teller again; twice is the same as once. Raises NothingToWish."""
    if teller.pk == by.pk:
        raise FeedbackOnOwnStory
    with transaction.atomic():
        HiddenTeller.objects.get_or_create(person=by, teller=teller, defaults={"hidden_at": now})
        _invalidate_slates(by)


def unhide_teller(teller: User, *, by: User) -> None:
    with transaction.atomic():
        HiddenTeller.objects.filter(person=by, teller=teller).delete()
        _invalidate_slates(by)


def add_less_like(story: Story, *, by: User, now: datetime) -> None:
    """Leave this story out and let what resembles it come later; twice is the same as once. Raises NothingToWish."""
    if story.teller_id == by.pk:
        raise FeedbackOnOwnStory
    with transaction.atomic():
        LessLike.objects.get_or_create(person=by, story=story, defaults={"said_at": now})
        _invalidate_slates(by)


def remove_less_like(story: Story, *, by: User) -> None:
    with transaction.atomic():
        LessLike.objects.filter(person=by, story=story).delete()
        _invalidate_slates(by)


def _invalidate_slates(person: User) -> None:
    """Slates rest on the profile as it stands; saving it, changed or not, lets the next one be composed afresh."""
    profile, _ = Profile.objects.get_or_create(person=person)
    profile.save(update_fields=["updated_at"])
