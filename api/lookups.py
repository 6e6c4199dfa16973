"""Object lookups that raise Http404 alike for missing objects and for those the user may not see."""

import uuid

from django.shortcuts import get_object_or_404
from rest_framework.exceptions import ErrorDetail, ValidationError

from accounts.models import User
from challenges.models import Challenge
from stories.models import Story, StoryQuerySet

# Loading only these columns makes long lists much faster.
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
    return get_object_or_404(Challenge.objects.offered().with_ladder(), slug=slug)


def get_challenge_or_404(slug: str) -> Challenge:
    """Returns the challenge without its ladder."""
    return get_object_or_404(Challenge.objects.offered(), slug=slug)


def resolve_challenge_slug(slug: str) -> Challenge:
    """Return the challenge of a body or query. Raises ValidationError."""
    challenge = Challenge.objects.offered().filter(slug=slug).first()
    if challenge is None:
        raise unknown_reference_error("challenge", "There is no such challenge.")
    return challenge


def get_visible_story_or_404(story_id: uuid.UUID, *, viewer: User) -> Story:
    """Return a story that the viewer may see, with its details."""
    return get_object_or_404(with_story_details(Story.objects.visible_to(viewer)), pk=story_id)


def get_own_story_or_404(story_id: uuid.UUID, *, teller: User) -> Story:
    return get_object_or_404(
        with_story_details(Story.objects.visible_to(teller).by_teller(teller)), pk=story_id
    )


def with_story_details(stories: StoryQuerySet) -> StoryQuerySet:
    """Load all related objects of the detail view."""
    return stories.select_related("challenge", "teller", "video", "consent").prefetch_related(
        "chapters__barrier"
    )


def for_story_cards(stories: StoryQuerySet, *more: str) -> StoryQuerySet:
    """Load only the columns that a card shows, and `more`, in one query."""
    return stories.select_related("challenge", "teller", "video").only(*STORY_CARD_FIELDS, *more)


def unknown_reference_error(field: str, problem: str) -> ValidationError:
    """Return the error for a field that refers to a missing or invisible object."""
    return ValidationError({field: [ErrorDetail(problem, code="unknown_name")]})
