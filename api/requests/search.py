from rest_framework import serializers

from api.fields import StrictCharField
from api.requests.base import BaseRequest
from stories.search import MAX_QUERY_LENGTH, MAX_RESULTS


class SearchRequest(BaseRequest):
    """A full-text search."""

    q = StrictCharField(
        max_length=MAX_QUERY_LENGTH,
        help_text='Matches all words; "quoted words" match as a phrase, and -words are excluded.',
    )
    limit = serializers.IntegerField(
        min_value=1,
        max_value=MAX_RESULTS,
        required=False,
        help_text=f"Maximum number of stories; the default is {MAX_RESULTS}.",
    )
