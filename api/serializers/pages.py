"""How lists are asked for."""

from rest_framework import serializers

from api.pagination import MOST, USUAL
from api.serializers.strict import Asked


class PageAsked(Asked):
    """Which page of a list; these come as a query, where everything is text."""

    limit = serializers.IntegerField(
        min_value=1, max_value=MOST, required=False, help_text=f"How many; {USUAL} if left out."
    )
    cursor = serializers.CharField(
        max_length=2000, required=False, help_text="`next` of the page before, for the same list and person."
    )


class NextPage(serializers.CharField):
    """The cursor of the next page."""

    def __init__(self) -> None:
        super().__init__(allow_null=True, help_text="Send it as `cursor`; null on the last page.")
