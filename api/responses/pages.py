"""TODO"""

from rest_framework import serializers


class NextCursorField(serializers.CharField):
    """The cursor of the next page."""

    def __init__(self) -> None:
        super().__init__(
            source="next_cursor", allow_null=True, help_text="Send it as `cursor`; null on the last page."
        )
