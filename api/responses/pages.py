from rest_framework import serializers


class NextCursorField(serializers.CharField):
    def __init__(self) -> None:
        super().__init__(
            source="next_cursor",
            allow_null=True,
            help_text="Send this as `cursor` to get the next page; null on the last page.",
        )
