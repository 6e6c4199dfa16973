"""Find what an address or a body names; what one may not know of is as absent as what never was."""

import uuid

from django.shortcuts import get_object_or_404
from rest_framework.exceptions import ErrorDetail, ValidationError

from accounts.models import User
from challenges.models import Challenge
from stories.models import Stories, Story

# Most of a long list's time would go into columns that no card shows.
ON_A_CARD = (
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
ON_ONES_OWN_CARD = ("state", "version", "hidden", "held", "submitted_at")


def challenge_at(slug: str) -> Challenge:
    """Return the challenge that an address names, with its ladder. Raises Http404."""
    return get_object_or_404(Challenge.objects.offered().with_ladder(), slug=slug)


def challenge_of_list(slug: str) -> Challenge:
    """Return the challenge that the address of a list names, without its ladder. Raises Http404."""
    return get_object_or_404(Challenge.objects.offered(), slug=slug)


def challenge_named(slug: str) -> Challenge:
    """Return the challenge that a body or query names. Raises ValidationError."""
    found = Challenge.objects.offered().filter(slug=slug).first()
    if found is None:
        raise nothing_named("challenge", "There is no such challenge.")
    return found


def visible_story(story: uuid.UUID, *, to: User) -> Story:
    """Return a story that this person may see now, with its parts. Raises Http404."""
    return get_object_or_404(with_its_parts(Story.objects.visible_to(to)), pk=story)


def own_story(story: uuid.UUID, *, of: User) -> Story:
    """Return a story of one's own. Raises Http404."""
    return get_object_or_404(with_its_parts(Story.objects.visible_to(of).told_by(of)), pk=story)


def with_its_parts(stories: Stories) -> Stories:
    """Read with each story what its detail shows."""
    return stories.select_related("challenge", "teller", "video", "consent").prefetch_related(
        "chapters__barrier"
    )


def for_cards(stories: Stories, *more: str) -> Stories:
    """Read of each story what its card shows and `more`, in one query."""
    return stories.select_related("challenge", "teller", "video").only(*ON_A_CARD, *more)


def nothing_named(field: str, problem: str) -> ValidationError:
    """Return the refusal of a field that names nothing, or nothing that this person may know of."""
    return ValidationError({field: [ErrorDetail(problem, code="unknown_name")]})
