"""Lookups for views; a missing row and one that the user may not see both answer 404."""

from uuid import UUID

from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from challenges.models import Challenge
from practice.models import Slate
from stories.models import Story
from web.access import AuthenticatedRequest


def get_challenge_or_404(slug: str) -> Challenge:
    return get_object_or_404(
        Challenge.objects.offered().select_related("domain").prefetch_related("rungs"), slug=slug
    )


def get_own_story_or_404(request: AuthenticatedRequest, story_id: UUID) -> Story:
    return get_object_or_404(Story.objects.by_teller(request.user).with_related(), pk=story_id)


def get_visible_story_or_404(request: HttpRequest, story_id: UUID) -> Story:
    return get_object_or_404(Story.objects.visible_to(request.user).select_related("video"), pk=story_id)


def find_own_slate(request: AuthenticatedRequest, slate_id: str) -> Slate | None:
    """Return the viewer's slate by the id in the query string; None if it is invalid or someone else's."""
    try:
        return Slate.objects.filter(pk=UUID(slate_id), viewer=request.user).first()
    except ValueError:
        return None
