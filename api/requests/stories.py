"""Stories as members see them, and as their own teller does."""

from rest_framework import serializers

from api.fields import StrictBooleanField
from api.requests.base import BaseRequest
from api.requests.pages import PageRequest


class StoryListRequest(PageRequest):
    """Which stories."""

    challenge = serializers.SlugField(max_length=60, required=False, help_text="Slug of a challenge.")


class SavedStoryRequest(BaseRequest):
    """Whether to keep the story for later."""

    saved = StrictBooleanField()
    example = {"saved": True}
