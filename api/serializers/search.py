"""What was said, and in which story."""

from rest_framework import serializers

from api.serializers.stories import CARD, STORY_ID, StoryCard
from api.serializers.strict import Asked, Text, Told
from stories.search import LONGEST, MOST_STORIES


class SearchAsked(Asked):
    """What to look for."""

    q = Text(
        max_length=LONGEST,
        help_text='All words are wanted, "words in quotes" side by side, and -words not at all.',
    )
    limit = serializers.IntegerField(
        min_value=1,
        max_value=MOST_STORIES,
        required=False,
        help_text=f"How many stories; {MOST_STORIES} if left out.",
    )


class LineTold(Told):
    """One line that is said in a story, and the page that plays it from there."""

    start_ms = serializers.IntegerField()
    words = serializers.CharField()
    language = serializers.CharField()
    address = serializers.CharField()


class FoundTold(Told):
    """A story, and the lines in it that were looked for, in order of time; none if its title was."""

    story = StoryCard()
    lines = LineTold(many=True)


class FoundList(Told):
    """The closest stories first."""

    items = FoundTold(many=True)
    example = {
        "items": [
            {
                "story": CARD,
                "lines": [
                    {
                        "start_ms": 12000,
                        "words": "Then I wrote down the first sentence.",
                        "language": "en",
                        "address": f"/stories/{STORY_ID}/#t=12",
                    }
                ],
            }
        ]
    }
