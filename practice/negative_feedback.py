"""Lets viewers hide a teller, or ask for fewer stories like one. It is private and can be undone."""

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
    """Stop showing stories by this teller. Idempotent. Raises FeedbackOnOwnStory."""
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
    """Stop showing this story and rank similar ones lower. Idempotent. Raises FeedbackOnOwnStory."""
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
    """Change the profile's `updated_at`, which is one of the inputs of a slate."""
    profile, _ = Profile.objects.get_or_create(person=person)
    profile.save(update_fields=["updated_at"])
