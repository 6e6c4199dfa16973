from rest_framework import serializers

from api.fields import StrictBooleanField
from api.requests.base import BaseRequest
from api.requests.pages import PageRequest


class StoryListRequest(PageRequest):
    """Filters of the story list."""

    challenge = serializers.SlugField(max_length=60, required=False, help_text="The slug of a challenge.")


class SavedStoryRequest(BaseRequest):
    """Whether to save the story for later."""

    saved = StrictBooleanField()
    example = {"saved": True}
