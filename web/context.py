"""What every page's frame shows about the house: whether this is a demonstration, and how far it is seeded."""

import time
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from stories.models import Story

ASK_AGAIN_AFTER = 5


@dataclass(frozen=True)
class Seeding:
    """How many demonstration stories there are, and how many of them can be watched."""

    begun: int
    ready: int

    @property
    def sentence(self) -> str:
        return f"{self.ready} of {self.begun} demonstration stories are ready; the others are on their way."


def house(_request: HttpRequest) -> dict[str, Any]:
    if not settings.DEMO:
        return {"demo": False}
    return {"demo": True, "seeding": _seeding(int(time.monotonic() // ASK_AGAIN_AFTER))}


@lru_cache(maxsize=1)
def _seeding(_period: int) -> Seeding | None:
    """Count at most once per period and process; None once every story is ready."""
    made_up = Story.objects.filter(made_up=True)
    seeding = Seeding(begun=made_up.count(), ready=made_up.open_to_members().count())
    return None if seeding.ready >= seeding.begun else seeding
