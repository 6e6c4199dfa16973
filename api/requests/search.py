"""What was said, and in which story."""

from rest_framework import serializers

from api.fields import StrictCharField
from api.requests.base import BaseRequest
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
