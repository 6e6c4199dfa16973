from rest_framework import serializers

from api.pagination import DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE
from api.requests.base import BaseRequest


class PageRequest(BaseRequest):
    """Selects a page of a list. Query parameters are strings, so the fields are not strict."""

    limit = serializers.IntegerField(
        min_value=1,
        max_value=MAX_PAGE_SIZE,
        required=False,
        help_text=f"Page size; the default is {DEFAULT_PAGE_SIZE}.",
    )
    cursor = serializers.CharField(
        max_length=2000, required=False, help_text="`next` of the previous page of the same list."
    )
