"""What was said, and in which story."""

from rest_framework import serializers

from api.requests.base import BaseRequest, BaseResponse, StrictCharField
from api.responses.stories import STORY_CARD_EXAMPLE, STORY_ID_EXAMPLE, StoryCardResponse
from stories.search import MAX_QUERY_LENGTH, MAX_RESULTS


class SearchRequest(BaseRequest):
    """What to look for."""

    q = StrictCharField(
        max_length=MAX_QUERY_LENGTH,
        help_text='All words are wanted, "words in quotes" side by side, and -words not at all.',
    )
    limit = serializers.IntegerField(
        min_value=1,
        max_value=MAX_RESULTS,
        required=False,
        help_text=f"How many stories; {MAX_RESULTS} if left out.",
    )


class MatchedLineResponse(BaseResponse):
    """One line that is said in a story, and the page that plays it from there."""

    start_ms = serializers.IntegerField()
    words = serializers.CharField()
    language = serializers.CharField()
    address = serializers.CharField()


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
                        "words": "Then I wrote down the first sentence.",
                        "language": "en",
                        "address": f"/stories/{STORY_ID_EXAMPLE}/#t=12",
                    }
                ],
            }
        ]
    }
