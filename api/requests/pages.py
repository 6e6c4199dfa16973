"""How lists are asked for."""

from rest_framework import serializers

from api.pagination import DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE
from api.requests.base import BaseRequest


class PageRequest(BaseRequest):
    """Which page of a list; these come as a query, where everything is text."""

    limit = serializers.IntegerField(
        min_value=1,
        max_value=MAX_PAGE_SIZE,
        required=False,
        help_text=f"How many; {DEFAULT_PAGE_SIZE} if left out.",
    )
    cursor = serializers.CharField(
        max_length=2000, required=False, help_text="`next` of the page before, for the same list and person."
    )
