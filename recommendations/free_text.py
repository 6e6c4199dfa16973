"""Stores a viewer's own words about a challenge, and computes their similarity to each story.

The text is optional and private. It is stored because a day's slate depends on it. No person reads it, no log or report
contains it, and it is deleted with the account or when the viewer empties the field.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache

import numpy as np
from django.db import transaction
from django.db.models import Prefetch

from accounts.models import User
from challenges.models import Challenge
from matching.engine_contract import Floats
from matching.text_similarity import MAX_TEXT_SHARE, TextIndex
from media.captions.vtt import parse_captions
from media.models import Captions
from practice.models import OwnWords
from recommendations.models import StoryTextIndex
from stories.models import Story

FREE_TEXT_SHARE = MAX_TEXT_SHARE
MAX_FREE_TEXT_LENGTH = 500


def save_free_text(challenge: Challenge, text: str, *, by: User) -> None:
    """Store the text, truncated to MAX_FREE_TEXT_LENGTH; empty text deletes what was stored."""
    stripped = text.strip()[:MAX_FREE_TEXT_LENGTH]
    if stripped:
        OwnWords.objects.update_or_create(person=by, challenge=challenge, defaults={"text": stripped})
    else:
        OwnWords.objects.filter(person=by, challenge=challenge).delete()


def get_free_text(challenge: Challenge, *, by: User) -> str:
    return (
        OwnWords.objects.filter(person=by, challenge=challenge).values_list("text", flat=True).first() or ""
    )


def text_similarity(text: str, stories: Sequence[uuid.UUID]) -> Floats:
    """Return the similarity (0 to 1) of a text to each story; 0 for empty text and for stories not yet indexed."""
    newest = StoryTextIndex.objects.order_by("-pk").values_list("pk", flat=True).first() if text else None
    if newest is None:
        return np.zeros(len(stories))
    try:
        return _load_text_index(newest).text_similarities(text, among=[str(key) for key in stories])
    except StoryTextIndex.DoesNotExist:  # replaced during this request
        return np.zeros(len(stories))


def rebuild_text_index(*, now: datetime) -> int:
    """Index the text of all open stories and return how many there are. Takes seconds, so it runs in a worker."""
    texts = {str(key): text for key, text in _story_texts().items()}
    index = TextIndex.fit(texts)
    with transaction.atomic():
        StoryTextIndex.objects.all().delete()
        if index is not None:
            StoryTextIndex.objects.create(data=index.to_bytes(), made_at=now)
    return 0 if index is None else len(texts)


def _story_texts() -> dict[uuid.UUID, str]:
    """Return title, summary, chapters and captions of each open story."""
    captions = Prefetch("video__captions", Captions.objects.only("video_id", "vtt"))
    stories = Story.objects.open_to_members().select_related("video").prefetch_related("chapters", captions)
    return {
        story.pk: " ".join(
            [
                story.title,
                story.summary,
                *(chapter.text for chapter in story.chapters.all()),
                *(
                    cue.text
                    for track in (story.video.captions.all() if story.video else [])
                    for cue in parse_captions(track.vtt)
                ),
            ]
        )
        for story in stories.iterator(chunk_size=200)
    }


@lru_cache(maxsize=1)
def _load_text_index(pk: int) -> TextIndex:
    """Load an index once per process; rows are never updated."""
    return TextIndex.from_bytes(bytes(StoryTextIndex.objects.values_list("data", flat=True).get(pk=pk)))
