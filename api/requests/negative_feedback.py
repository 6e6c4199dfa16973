"""What somebody does not want to be shown."""

from api.fields import StrictBooleanField
from api.requests.base import BaseRequest


class LessLikeThisRequest(BaseRequest):
    """Whether to choose fewer stories like this one."""

    less_like_this = StrictBooleanField()
    example = {"less_like_this": True}


class HiddenTellerRequest(BaseRequest):
    """Whether to be shown nothing more by the teller of this story."""

    hidden = StrictBooleanField()
    example = {"hidden": True}
