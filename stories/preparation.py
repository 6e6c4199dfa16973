"""Make a story's recording playable, and send the story on to review when that is done.

A long recording takes several jobs: one that checks it and makes its first version, one for each part of the larger
sizes, and the first kind once more, which puts the parts together.
"""

import logging

from django.db import transaction
from django.db.models import CharField, Exists, OuterRef
from django.db.models.functions import Cast

from jobs import desk
from jobs.leasing import LeaseLost, Run
from jobs.models import Job, JobState, Queue, Urgency
from media import chunking, erasing, processing, versions
from media.models import Chunk, Splitting, Video
from stories import captioning, lifecycle
from stories.fingerprint import fingerprint
from stories.lifecycle import Move
from stories.models import Story, StoryState

logger = logging.getLogger(__name__)

PREPARE = "stories.prepare"
PREPARE_PART = "stories.prepare_part"
HEAL_AT_MOST = 50
COULD_NOT_PREPARE = (
    "We tried three times and could not prepare this recording. The fault may be ours: "
    "upload it once more, or export it again on your device and upload that."
)


def order(story: Story) -> None:
    """Have the story's recording prepared, in its teller's turn."""
    desk.enqueue(PREPARE, story.pk, queue=Queue.MEDIA, whose=story.teller_id)


def prepare(story: Story, run: Run) -> None:
    """Process the recording if it is not yet, then advance the story. Safe to run twice.

    Raises LeaseLost when another worker has taken over; whatever else it raises is worth another attempt.
    """
    video = story.video
    if video is None:
        return
    if video.status in {Video.Status.STORED, Video.Status.PROCESSING}:
        try:
            _process(video, run)
        except processing.ProcessingCancelled as stopped:
            raise LeaseLost(str(run.job_id)) from stopped
        except versions.VideoMovedOn:
            return
    with transaction.atomic():
        # The story first, as whoever takes it back does: two who wait for each other would both wait in vain.
        fresh = lifecycle.lock(story)
        run.check()
        _order_parts(fresh)
        captioning.order(advance(fresh))


def _process(video: Video, run: Run) -> None:
    """Go on from where the recording is: from its upload, or from its parts once all of them are made."""
    splitting = Splitting.objects.filter(video=video, given_up=False).first()
    if splitting is None:
        processing.process(video, report=run.report, cancelled=lambda: run.lost)
    elif chunking.is_made(splitting):
        try:
            chunking.join(splitting, report=run.report, cancelled=lambda: run.lost)
        except chunking.DoesNotFit:
            run.check()
            chunking.give_up(splitting)
            processing.process(video, report=run.report, cancelled=lambda: run.lost)


def _order_parts(story: Story) -> None:
    """Hand in each part that is not made and that nobody is making."""
    for part in chunking.unmade(story.video):
        # Others see the first version of theirs before anybody sees the larger sizes of what is long.
        desk.enqueue(PREPARE_PART, part.pk, queue=Queue.MEDIA, whose=story.teller_id, urgency=Urgency.LATER)


def prepare_part(chunk: Chunk, run: Run) -> None:
    """Make one part; whoever makes the last one has the whole put together. Safe to run twice.

    Raises LeaseLost when another worker has taken over; whatever else it raises is worth another attempt.
    """
    if chunk.made or chunk.splitting.given_up:
        return
    try:
        made = chunking.make(chunk, report=run.report, cancelled=lambda: run.lost)
    except processing.ProcessingCancelled as stopped:
        raise LeaseLost(str(run.job_id)) from stopped
    except chunking.DoesNotFit:
        logger.warning("video %s cannot be made in parts", chunk.splitting.video_id, exc_info=True)
        made = None
    with transaction.atomic():
        story = Story.objects.select_for_update(of=("self",)).filter(video=chunk.splitting.video_id).first()
        run.check()
        splitting = chunking.lock(chunk)
        if splitting is None or story is None:
            return  # taken back meanwhile
        if made is None:
            _cancel_parts(story, but=chunk)
            chunking.give_up(splitting)
        else:
            chunking.keep(chunk, made)
        if made is None or chunking.is_made(splitting):
            order(story)


def call_off(story: Story) -> None:
    """Stop everything that is done to prepare the story's recording; whoever is in the middle of it notices."""
    desk.cancel(PREPARE, story.pk)
    _cancel_parts(story)


def _cancel_parts(story: Story, *, but: Chunk | None = None) -> None:
    for part in chunking.unmade(story.video):
        if part != but:
            desk.cancel(PREPARE_PART, part.pk)


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
    parts = Chunk.objects.filter(splitting__video=OuterRef(OuterRef("pk")))
    unprepared = Video.objects.filter(
        status__in=[Video.Status.STORED, Video.Status.PROCESSING], story__isnull=False
    )
    going_on = Job.objects.unfinished()
    of_all = going_on.filter(kind=PREPARE, subject=Cast(OuterRef("story__pk"), CharField()))
    of_parts = going_on.filter(kind=PREPARE_PART, subject__in=parts.values(text=Cast("pk", CharField())))
    forgotten = unprepared.exclude(Exists(of_all)).exclude(Exists(of_parts))
    healed = 0
    for video in forgotten.select_related("story")[:HEAL_AT_MOST]:
        _heal(video.story)
        healed += 1
    return healed


def _heal(story: Story) -> None:
    with transaction.atomic():
        fresh = lifecycle.lock(story)
        aside = _set_aside(fresh)
        if not aside:
            order(fresh)
            return
        if all(job.kind == PREPARE_PART for job in aside):
            # Parts go with the recording that is given up; whoever tries again tries the whole.
            desk.let_one_stand_for(aside, PREPARE, fresh.pk)
        if fresh.video is not None:
            versions.refuse(fresh.video, COULD_NOT_PREPARE)
            fresh.video.refresh_from_db()
            advance(fresh)


def _set_aside(story: Story) -> list[Job]:
    """Return the latest tries at the recording, and at parts of it that are still missing, that failed for good."""
    tries = [(PREPARE, story.pk), *((PREPARE_PART, part.pk) for part in chunking.unmade(story.video))]
    latest = (Job.objects.about(pk).filter(kind=kind).newest_first().first() for kind, pk in tries)
    return [job for job in latest if job is not None and job.state == JobState.QUARANTINED]


def erase_recording(video: Video) -> None:
    """Remove every byte of a recording and its row. Safe to run twice."""
    erasing.erase(video)
