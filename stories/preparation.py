"""Make a story's recording playable, and send the story on to review when that is done."""

from django.db import transaction
from django.db.models import CharField, Exists, OuterRef
from django.db.models.functions import Cast

from jobs import desk
from jobs.leasing import LeaseLost, Run
from jobs.models import Job, JobState, Queue
from media import erasing, processing
from media.models import Video
from stories import captioning, lifecycle
from stories.fingerprint import fingerprint
from stories.lifecycle import Move
from stories.models import Story, StoryState

PREPARE = "stories.prepare"
HEAL_AT_MOST = 50
COULD_NOT_PREPARE = (
    "We tried three times and could not prepare this recording. The fault may be ours: "
    "upload it once more, or export it again on your device and upload that."
)


def prepare(story: Story, run: Run) -> None:
    """Process the recording if it is not yet, then advance the story. Safe to run twice.

    Raises LeaseLost when another worker has taken over; whatever else it raises is worth another attempt.
    """
    video = story.video
    if video is None:
        return
    if video.status in {Video.Status.STORED, Video.Status.PROCESSING}:
        try:
            processing.process(video, report=run.report, cancelled=lambda: run.lost)
        except processing.ProcessingCancelled as stopped:
            raise LeaseLost(str(run.job_id)) from stopped
        except processing.VideoMovedOn:
            return
    with transaction.atomic():
        run.check()
        captioning.order(advance(lifecycle.lock(story)))


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


def heal() -> int:
    """Find recordings that nobody is preparing any more and see that they end; returns how many it touched.

    A job that was set aside leaves its recording marked unplayable, with a reason and the way out, and its
    story goes back to the teller. A job that is missing altogether is handed in again.
    """
    unfinished = Video.objects.filter(
        status__in=[Video.Status.STORED, Video.Status.PROCESSING], story__isnull=False
    ).exclude(
        Exists(
            Job.objects.unfinished().filter(kind=PREPARE, subject=Cast(OuterRef("story__pk"), CharField()))
        )
    )
    healed = 0
    for video in unfinished.select_related("story")[:HEAL_AT_MOST]:
        _heal(video.story)
        healed += 1
    return healed


def _heal(story: Story) -> None:
    with transaction.atomic():
        fresh = lifecycle.lock(story)
        last = Job.objects.about(fresh.pk).filter(kind=PREPARE).newest_first().first()
        if last is None or last.state != JobState.QUARANTINED:
            desk.enqueue(PREPARE, fresh.pk, queue=Queue.MEDIA)
            return
        if fresh.video is not None:
            processing.refuse(fresh.video, COULD_NOT_PREPARE)
            fresh.video.refresh_from_db()
            advance(fresh)


def erase_recording(video: Video) -> None:
    """Remove every byte of a recording and its row. Safe to run twice."""
    erasing.erase(video)
