"""Hashes the content of a story, so that a decision applies to exactly the content that was seen."""

import hashlib
import json
from typing import Any

from stories.models import Story


def compute_content_hash(story: Story) -> str:
    """Return the SHA-256 (64 hexadecimal digits) of everything that viewers see and hear."""
    return hashlib.sha256(json.dumps(_reviewed_content(story), sort_keys=True).encode()).hexdigest()


def _reviewed_content(story: Story) -> dict[str, Any]:
    captions = story.video.captions.order_by("language").values_list("language", "vtt") if story.video else []
    return {
        "challenge": story.challenge_id,
        "title": story.title,
        "summary": story.summary,
        "language": story.language,
        "kind": [story.model_kind, story.outcome, story.start_rung, story.end_rung],
        "strategies": sorted(story.strategies),
        "notes": sorted(story.content_notes),
        "traits": story.traits_then,
        "shown": sorted(story.shown_traits),
        "chapters": [
            [chapter.kind, chapter.start_ms, chapter.text, chapter.barrier_id, chapter.rung]
            for chapter in story.chapters.all()
        ],
        "recording": story.video.content_hash if story.video else "",
        "poster": story.poster,
        "captions": [list(row) for row in captions],
    }
