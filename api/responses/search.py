from rest_framework import serializers

from api.examples import STORY_CARD_EXAMPLE, STORY_ID_EXAMPLE
from api.responses.base import BaseResponse
from api.responses.stories import StoryCardResponse


class MatchedLineResponse(BaseResponse):
    """A caption line that matches, and the page that plays the story from there."""

    start_ms = serializers.IntegerField()
    text = serializers.CharField()
    language = serializers.CharField()
    url = serializers.CharField()


class SearchResultResponse(BaseResponse):
    """A story with its matching lines in order of time; empty if only the title matches."""

    story = StoryCardResponse()
    lines = MatchedLineResponse(many=True)


class SearchResponse(BaseResponse):
    """The best matches first."""

    items = SearchResultResponse(many=True)
    example = {
        "items": [
            {
                "story": STORY_CARD_EXAMPLE,
                "lines": [
                    {
                        "start_ms": 12000,
                        "text": "Then I wrote down the first sentence.",
                        "language": "en",
                        "url": f"/stories/{STORY_ID_EXAMPLE}/#t=12",
                    }
                ],
            }
        ]
    }
