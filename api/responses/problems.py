"""The shape of every refusal: RFC 9457 problem details with fields of our own."""

from rest_framework import serializers

from api.responses.base import BaseResponse


class FieldProblemResponse(BaseResponse):
    """What is wrong with one field, and what to do about it."""

    field = serializers.CharField(help_text="Path of the field in what was sent, like `ratings.3`.")
    problem = serializers.CharField(help_text="What is wrong, in a sentence.")
    fix = serializers.CharField(help_text="What to do about it, in a sentence.")


class CurrentStoryResponse(BaseResponse):
    """A story as it stands by now, for somebody whose change came too late."""

    id = serializers.UUIDField()
    state = serializers.CharField()
    state_label = serializers.CharField()
    version = serializers.IntegerField()
    editable = serializers.BooleanField(source="may_be_edited")
    content_hash = serializers.CharField(allow_blank=True)


class ProblemResponse(BaseResponse):
    """Why something was refused, for programs (`code`) and for people (`detail`)."""

    type = serializers.CharField(help_text="Always `about:blank`: `code` tells kinds apart.")
    title = serializers.CharField(help_text="The phrase of the HTTP status.")
    status = serializers.IntegerField()
    code = serializers.CharField(help_text="A stable word for this kind of refusal.")
    detail = serializers.CharField(help_text="What happened and what to do, in plain words.")
    crisis_help_url = serializers.CharField(help_text="Where somebody in danger finds help now.")
    errors = FieldProblemResponse(many=True)  # type: ignore[assignment]  # a declared field; DRF keeps its own `errors`
    current = CurrentStoryResponse(
        allow_null=True, help_text="On a conflict about a story: the story as it stands now."
    )
