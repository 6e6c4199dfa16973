"""Shared steps of these tests: fill in a review, let a lease expire, run two acts concurrently."""

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
from moderation.rubric import RubricAnswer, RubricItem
from moderation.submission import ReviewSubmission
from stories.models import Story

ALL_YES_RUBRIC = {item.value: RubricAnswer.YES.value for item in RubricItem}

Action = Callable[[], object]


def claim_for_reviewer(story: Story, *, by: User) -> Claim:
    return queue.claim_story(story, by=by, now=timezone.now())


def approving_submission(claim: Claim, **changes: Any) -> ReviewSubmission:
    """Return an approving review of the claimed story as it stands, with changes to it."""
    story = Story.objects.get(pk=claim.story_id)
    review = ReviewSubmission(claim.token, story.version, story.content_hash, rubric=ALL_YES_RUBRIC)
    return replace(review, **changes)


def escalate_story(story: Story, *, by: User) -> Decision:
    review = approving_submission(claim_for_reviewer(story, by=by), note_to_colleagues="Please look at 0:12.")
    return decisions.escalate_story(story, review, by=by)


def expire_lease(claim: Claim) -> None:
    """Let one claim's lease expire by the database's clock."""
    Claim.objects.filter(pk=claim.pk).update(lease_until=Now() - timedelta(seconds=1))


def result_or_conflict(act: Action) -> object:
    """Return the result or the exception, so that an unexpected one, such as a deadlock, fails the test's assertion."""
    try:
        return act()
    except Exception as raised:  # noqa: BLE001  # whatever it is, the test's assertion shows it
        return raised


@contextmanager
def run_concurrently() -> Iterator[Callable[[Action, Action], list[object]]]:
    """Give a function that runs two acts on two connections, started together, and returns both outcomes."""
    start = threading.Barrier(2)

    def run(act: Action) -> object:
        start.wait(timeout=10)
        return result_or_conflict(act)

    with ThreadPoolExecutor(max_workers=2) as pool:
        try:
            yield lambda one, other: list(pool.map(run, [one, other]))
        finally:
            # Open connections would make the database's clean-up an error, which hides the failed assertion.
            list(pool.map(_close_connection, [start, start]))


def _close_connection(start: threading.Barrier) -> None:
    """Close this thread's connection; the barrier makes sure that each of the two threads gets here once."""
    start.wait(timeout=10)
    connection.close()
