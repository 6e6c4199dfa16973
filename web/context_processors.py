"""What every page's frame shows about the house: whether this is a demonstration, and how far it is seeded."""

import time
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest

from stories.models import Story

REFRESH_SECONDS = 5
PLANNED_STORIES_CACHE_KEY = "demonstration-stories-planned"


@dataclass(frozen=True)
class DemoProgress:
    """How many demonstration stories there will be, and how many of them can be watched."""

    planned: int
    ready: int

    @property
    def sentence(self) -> str:
        return f"{self.ready} of {self.planned} demonstration stories are ready; the others are on their way."


def announce_planned_demo_stories(planned: int) -> None:
    """Let the pages say that so many demonstration stories are on their way; 0 once there is no more to come."""
    cache.set(PLANNED_STORIES_CACHE_KEY, planned, timeout=None)


def demo_status(_request: HttpRequest) -> dict[str, Any]:
    if not settings.DEMO:
        return {"demo": False}
    return {"demo": True, "seeding": _demo_progress(int(time.monotonic() // REFRESH_SECONDS))}


@lru_cache(maxsize=1)
def _demo_progress(_period: int) -> DemoProgress | None:
    """Look at most once per period and process."""
    planned = cache.get(PLANNED_STORIES_CACHE_KEY)
    if not planned:
        return None
    return DemoProgress(planned=planned, ready=Story.objects.filter(made_up=True).open_to_members().count())
