"""Template context of every page: whether this is a demonstration, and how much of it is seeded."""

import time
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.translation import ngettext

from stories.models import Story

REFRESH_SECONDS = 5
PLANNED_STORIES_CACHE_KEY = "demonstration-stories-planned"


@dataclass(frozen=True)
class DemoProgress:
    """How many demonstration stories are planned, and how many can be watched already."""

    planned: int
    ready: int

    @property
    def sentence(self) -> str:
        return ngettext(
            "%(ready)s of %(planned)s demonstration story is ready. The rest will appear soon.",
            "%(ready)s of %(planned)s demonstration stories are ready. The rest will appear soon.",
            self.planned,
        ) % {"ready": self.ready, "planned": self.planned}


def announce_planned_demo_stories(planned: int) -> None:
    """Show on every page how many demonstration stories are being seeded; 0 hides the line."""
    cache.set(PLANNED_STORIES_CACHE_KEY, planned, timeout=None)


def demo_status(_request: HttpRequest) -> dict[str, Any]:
    if not settings.DEMO:
        return {"demo": False}
    return {"demo": True, "demo_progress": _demo_progress(int(time.monotonic() // REFRESH_SECONDS))}


@lru_cache(maxsize=1)
def _demo_progress(_period: int) -> DemoProgress | None:
    """Count stories at most once per period and process."""
    planned = cache.get(PLANNED_STORIES_CACHE_KEY)
    if not planned:
        return None
    return DemoProgress(planned=planned, ready=Story.objects.filter(made_up=True).open_to_members().count())
