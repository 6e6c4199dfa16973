"""RFC 9457 problem details with additional members."""

from rest_framework import serializers

from api.responses.base import BaseResponse


class FieldProblemResponse(BaseResponse):
    """What is wrong with one field, and how to fix it."""

    field = serializers.CharField(help_text="Path of the field in the request, such as `ratings.3`.")
    problem = serializers.CharField(help_text="What is wrong.")
    fix = serializers.CharField(help_text="How to fix it.")


class CurrentStoryResponse(BaseResponse):
    """The current state of a story whose change conflicted."""

    id = serializers.UUIDField()
    state = serializers.CharField()
    state_label = serializers.CharField()
    version = serializers.IntegerField()
    editable = serializers.BooleanField(source="may_be_edited")
    content_hash = serializers.CharField(allow_blank=True)


class ProblemResponse(BaseResponse):
    """Why a request failed: `code` for programs, `detail` for people."""

    type = serializers.CharField(help_text="Always `about:blank`; use `code` to distinguish problems.")
    title = serializers.CharField(help_text="The reason phrase of the HTTP status.")
    status = serializers.IntegerField()
    code = serializers.CharField(help_text="A stable identifier of this type of problem.")
    detail = serializers.CharField(help_text="What happened and what to do about it.")
    crisis_help_url = serializers.CharField(help_text="A page with help for people in crisis.")
    errors = FieldProblemResponse(many=True)  # type: ignore[assignment]  # a declared field hides DRF's attribute
    current = CurrentStoryResponse(
        allow_null=True, help_text="After a conflict about a story: its current state."
    )
