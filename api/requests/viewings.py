"""Requests about viewings."""

from api.examples import STORY_ID_EXAMPLE
from api.fields import StrictIntegerField, StrictUUIDField
from api.requests.base import BaseRequest
from practice.models import MAX_LIKE_ME


class ViewingCreateRequest(BaseRequest):
    """The story that is watched, and the slate that it was chosen from."""

    story = StrictUUIDField()
    slate = StrictUUIDField(required=False, allow_null=True)
    example = {"story": STORY_ID_EXAMPLE, "slate": "c2f0a9d4-51cf-4d4d-bb1e-0a1c86a2a9f0"}


class ViewingUpdateRequest(BaseRequest):
    """How far the viewer watched, and how similar to the teller they feel (0 to 10)."""

    furthest_ms = StrictIntegerField(required=False)
    like_me = StrictIntegerField(max_value=MAX_LIKE_ME, required=False)
    example = {"furthest_ms": 41000, "like_me": 8}
