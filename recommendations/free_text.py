"""A viewer's own words about a challenge: keep them, take them back, and see how near each story comes to them.

They are optional and private. They are kept, because a slate stays the same all day and rests on them; they are read by
no person, stand in no log and no report, and leave with the account or when the field is emptied.
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


def save_free_text(challenge: Challenge, words: str, *, by: User) -> None:
    """Keep what somebody wrote, cut at 500 characters; empty words take back what was there."""
    text = words.strip()[:MAX_FREE_TEXT_LENGTH]
    if text:
        OwnWords.objects.update_or_create(person=by, challenge=challenge, defaults={"text": text})
    else:
        OwnWords.objects.filter(person=by, challenge=challenge).delete()


def get_free_text(challenge: Challenge, *, by: User) -> str:
    return (
        OwnWords.objects.filter(person=by, challenge=challenge).values_list("text", flat=True).first() or ""
    )


def text_similarity(words: str, stories: Sequence[uuid.UUID]) -> Floats:
    """Return how near each story comes to some words, from 0 to 1; 0 without words, or before stories were read.

    A story published since they were last read stands at 0, as one that has nothing to do with the words.
    """
    newest = StoryTextIndex.objects.order_by("-pk").values_list("pk", flat=True).first() if words else None
    if newest is None:
        return np.zeros(len(stories))
    try:
        return _load_text_index(newest).text_similarities(words, among=[str(key) for key in stories])
    except StoryTextIndex.DoesNotExist:  # stories are being read anew at this moment
        return np.zeros(len(stories))


def rebuild_text_index(*, now: datetime) -> int:
    """Learn anew what open stories say; return how many. Takes seconds: for workers."""
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
                    for one in (story.video.captions.all() if story.video else [])
                    for cue in parse_captions(one.vtt)
                ),
            ]
        )
        for story in stories.iterator(chunk_size=200)
    }


@lru_cache(maxsize=1)
def _load_text_index(pk: int) -> TextIndex:
    """Read an index once per process: rows are never edited."""
    return TextIndex.from_bytes(bytes(StoryTextIndex.objects.values_list("data", flat=True).get(pk=pk)))
