"""Requests to see less of a story or a teller."""

from api.fields import StrictBooleanField
from api.requests.base import BaseRequest


class LessLikeThisRequest(BaseRequest):
    """Whether to suggest fewer stories like this one."""

    less_like_this = StrictBooleanField()
    example = {"less_like_this": True}


class HiddenTellerRequest(BaseRequest):
    """Whether to hide all stories of this teller from the user."""

    hidden = StrictBooleanField()
    example = {"hidden": True}
