"""Helpers: claim a story, fill in a review, expire a lease, run two actions concurrently."""

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
    """Return an approving review of the claimed story, with the given changes."""
    story = Story.objects.get(pk=claim.story_id)
    review = ReviewSubmission(claim.token, story.version, story.content_hash, rubric=ALL_YES_RUBRIC)
    return replace(review, **changes)


def escalate_story(story: Story, *, by: User) -> Decision:
    review = approving_submission(claim_for_reviewer(story, by=by), note_to_colleagues="Please look at 0:12.")
    return decisions.escalate_story(story, review, by=by)


def expire_lease(claim: Claim) -> None:
    """Expire the lease of a claim, by the database clock."""
    Claim.objects.filter(pk=claim.pk).update(lease_until=Now() - timedelta(seconds=1))


def result_or_conflict(action: Action) -> object:
    """Return the result or the exception, so that an unexpected one, such as a deadlock, fails the test's assertion."""
    try:
        return action()
    except Exception as error:  # noqa: BLE001  # the assertion of the test shows it
        return error


@contextmanager
def run_concurrently() -> Iterator[Callable[[Action, Action], list[object]]]:
    """Yield a function that starts two actions on two connections together, and returns both results."""
    start = threading.Barrier(2)

    def run(action: Action) -> object:
        start.wait(timeout=10)
        return result_or_conflict(action)

    with ThreadPoolExecutor(max_workers=2) as pool:
        try:
            yield lambda first, second: list(pool.map(run, [first, second]))
        finally:
            # Open connections make the clean-up of the database fail, which hides a failed assertion.
            list(pool.map(_close_connection, [start, start]))


def _close_connection(start: threading.Barrier) -> None:
    """Close the connection of this thread; because of the barrier, each of the two threads runs this once."""
    start.wait(timeout=10)
    connection.close()
