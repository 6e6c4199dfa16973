"""What was said, and in which story."""

from rest_framework import serializers

from api.examples import STORY_CARD_EXAMPLE, STORY_ID_EXAMPLE
from api.responses.base import BaseResponse
from api.responses.stories import StoryCardResponse


class MatchedLineResponse(BaseResponse):
    """One line that is said in a story, and the page that plays it from there."""

    start_ms = serializers.IntegerField()
    text = serializers.CharField()
    language = serializers.CharField()
    url = serializers.CharField()


class SearchResultResponse(BaseResponse):
    """A story, and the lines in it that were looked for, in order of time; none if its title was."""

    story = StoryCardResponse()
    lines = MatchedLineResponse(many=True)


class SearchResponse(BaseResponse):
    """The closest stories first."""

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
