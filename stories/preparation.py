"""Make a story's recording playable, and send the story on to review when that is done."""

from django.db import transaction

from jobs.leasing import Run
from media import erasing, processing
from media.models import Video
from stories import lifecycle
from stories.fingerprint import fingerprint
from stories.lifecycle import Move
from stories.models import Story, StoryState


def prepare(story: Story, run: Run) -> None:
    """Process the recording if it is not yet, then advance the story. Safe to run twice.

    Raises LeaseLost when another worker has taken over; whatever else it raises is worth another attempt.
    """
    video = story.video
    if video is None:
        return
    if video.status in {Video.Status.STORED, Video.Status.PROCESSING}:
        processing.process(video, report=run.report, cancelled=lambda: run.lost)
    with transaction.atomic():
        run.check()
        advance(lifecycle.lock(story))


def advance(story: Story) -> Story:
    """Move a submitted story on as far as its recording allows: to review, back to its teller, or nowhere yet."""
    if story.state != StoryState.PREPARING or story.video is None:
        return story
    status = story.video.status
    if status in {Video.Status.STORED, Video.Status.PROCESSING}:
        return story
    if status == Video.Status.UNPLAYABLE or (
        status == Video.Status.DAMAGED and not story.may_be_damaged_confirmed
    ):
        return lifecycle.transition(story, Move(StoryState.CHANGES_REQUESTED, story.video.reason), by=None)
    return lifecycle.transition(
        story, Move(StoryState.IN_REVIEW, facts={"content_hash": fingerprint(story)}), by=None
    )


def give_back(story: Story, reason: str) -> None:
    """Hand a story back to its teller when its recording could not be prepared at all."""
    with transaction.atomic():
        fresh = lifecycle.lock(story)
        if fresh.state == StoryState.PREPARING:
            lifecycle.transition(fresh, Move(StoryState.CHANGES_REQUESTED, reason), by=None)


def erase_recording(video: Video) -> None:
    """Remove every byte of a recording and its row. Safe to run twice."""
    erasing.erase(video)
