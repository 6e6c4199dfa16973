"""Find what an address or a body names; what one may not know of is as absent as what never was."""

import uuid

from django.shortcuts import get_object_or_404
from rest_framework.exceptions import ErrorDetail, ValidationError

from accounts.models import User
from challenges.models import Challenge
from stories.models import Story, StoryQuerySet

# Most of a long list's time would go into columns that no card shows.
STORY_CARD_FIELDS = (
    "title",
    "summary",
    "language",
    "model_kind",
    "outcome",
    "start_rung",
    "end_rung",
    "strategies",
    "content_notes",
    "traits_then",
    "shown_traits",
    "made_up",
    "published_at",
    "created_at",
    "challenge__slug",
    "teller__handle",
    "video__kind",
    "video__duration_ms",
    "video__caption_languages",
)
OWN_STORY_CARD_FIELDS = ("state", "version", "hidden", "held", "submitted_at")


def get_challenge_with_ladder_or_404(slug: str) -> Challenge:
    """Return the challenge that an address names, with its ladder. Raises Http404."""
    return get_object_or_404(Challenge.objects.offered().with_ladder(), slug=slug)


def get_challenge_or_404(slug: str) -> Challenge:
    """Return the challenge that the address of a list names, without its ladder. Raises Http404."""
    return get_object_or_404(Challenge.objects.offered(), slug=slug)


def resolve_challenge_slug(slug: str) -> Challenge:
    """Return the challenge that a body or query names. Raises ValidationError."""
    found = Challenge.objects.offered().filter(slug=slug).first()
    if found is None:
        raise unknown_reference_error("challenge", "There is no such challenge.")
    return found


def get_visible_story_or_404(story: uuid.UUID, *, viewer: User) -> Story:
    """Return a story that this person may see now, with its parts. Raises Http404."""
    return get_object_or_404(with_story_details(Story.objects.visible_to(viewer)), pk=story)


def get_own_story_or_404(story: uuid.UUID, *, teller: User) -> Story:
    """Return a story of one's own. Raises Http404."""
    return get_object_or_404(with_story_details(Story.objects.visible_to(teller).by_teller(teller)), pk=story)


def with_story_details(stories: StoryQuerySet) -> StoryQuerySet:
    """Read with each story what its detail shows."""
    return stories.select_related("challenge", "teller", "video", "consent").prefetch_related(
        "chapters__barrier"
    )


def for_story_cards(stories: StoryQuerySet, *more: str) -> StoryQuerySet:
    """Read of each story what its card shows and `more`, in one query."""
    return stories.select_related("challenge", "teller", "video").only(*STORY_CARD_FIELDS, *more)


def unknown_reference_error(field: str, problem: str) -> ValidationError:
    """Return the refusal of a field that names nothing, or nothing that this person may know of."""
    return ValidationError({field: [ErrorDetail(problem, code="unknown_name")]})
