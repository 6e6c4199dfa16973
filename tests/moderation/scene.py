"""What happens again and again in these tests: fill in a review, let a lease run out, act at the same moment."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.db import connection
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import User
from moderation import decisions, queue
from moderation.models import Claim, Decision
from moderation.review import Review
from moderation.rubric import Answer, Item
from stories import lifecycle
from stories.models import Story

ALL_WELL = {item.value: Answer.YES.value for item in Item}

REFUSALS = (queue.StaleClaim, queue.HeldBySomebodyElse, lifecycle.StoryMoved, lifecycle.NotPossibleNow)

Act = Callable[[], object]


def take(story: Story, *, by: User) -> Claim:
    return queue.claim(story, by=by, now=timezone.now())


def review_under(claim: Claim, **changes: Any) -> Review:
    """Return an approving review of the claimed story as it stands, with changes to it."""
    story = Story.objects.get(pk=claim.story_id)
    review = Review(claim.token, story.version, story.content_hash, rubric=ALL_WELL)
    return replace(review, **changes)


def escalated(story: Story, *, by: User) -> Decision:
    review = review_under(take(story, by=by), note_to_colleagues="Please look at 0:12.")
    return decisions.escalate(story, review, by=by)


def run_out(claim: Claim) -> None:
    """Let ten minutes pass for one claim, on the clock that counts."""
    Claim.objects.filter(pk=claim.pk).update(lease_until=Now() - timedelta(seconds=1))


def outcome_of(act: Act) -> object:
    """Return what the act gave, or the refusal; anything else, a deadlock for one, fails the test."""
    try:
        return act()
    except REFUSALS as refused:
        return refused


@contextmanager
def at_the_same_moment() -> Iterator[Callable[[Act, Act], list[object]]]:
    """Give a function that runs two acts on two connections, begun together, and returns both outcomes."""
    start = threading.Barrier(2)

    def run(act: Act) -> object:
        start.wait(timeout=10)
        return outcome_of(act)

    with ThreadPoolExecutor(max_workers=2) as pool:
        yield lambda one, other: list(pool.map(run, [one, other]))
        list(pool.map(_leave, [start, start]))


def _leave(start: threading.Barrier) -> None:
    """Close the thread's own connection; the barrier makes sure that each thread gets here once."""
    start.wait(timeout=10)
    connection.close()
