"""Base classes of the request serializers: unknown fields and values of the wrong JSON type are rejected."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from api.examples import ExampleSerializer
from api.fields import StrictIntegerField


class BaseRequest(ExampleSerializer):
    """Validates types and lengths only; the rules of the domain are checked by the domain packages."""

    @classmethod
    def parse_body(cls, request: Request, *, partial: bool = False) -> dict[str, Any]:
        """Return the validated body; `partial` makes required fields optional. Raises ValidationError."""
        return cls(data=request.data, partial=partial).validated()

    @classmethod
    def parse_query(cls, request: Request) -> dict[str, Any]:
        """Return the validated query parameters. Raises ValidationError."""
        parameters = request.query_params
        repeated = [name for name, values in parameters.lists() if len(values) > 1]
        if repeated:
            error = serializers.ErrorDetail("This parameter is repeated.", code="repeated")
            raise ValidationError({name: [error] for name in repeated})
        # DRF treats an empty value in a QueryDict as missing, so it gets a plain dict.
        return cls(data=parameters.dict()).validated()

    def validated(self) -> dict[str, Any]:
        self.is_valid(raise_exception=True)
        validated_data: dict[str, Any] = self.validated_data
        return validated_data

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            unknown = {
                name: [serializers.ErrorDetail("This field does not exist.", code="unknown")]
                for name in data
                if name not in self.fields
            }
            if unknown:
                raise ValidationError(unknown)
        return super().to_internal_value(data)


class EmptyRequest(BaseRequest):
    """An empty JSON object."""


class VersionedRequest(BaseRequest):
    """A change to a known version, which is sent here or in the `If-Match` header."""

    expected_version = StrictIntegerField(min_value=1, required=False)
