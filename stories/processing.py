"""Make a story's recording playable, and send the story on to review when that is done.

A long recording takes several jobs: one that checks it and makes its first version, one for each part of the larger
sizes, and the first kind once more, which puts the parts together.
"""

import logging

from django.db import transaction
from django.db.models import CharField, Exists, OuterRef
from django.db.models.functions import Cast

from jobs import queue
from jobs.leasing import JobRun, LeaseLost
from jobs.models import Job, JobState, Queue, Urgency
from media import erasure, pipeline, video_status
from media.chunked_encoding import encode, join, split
from media.models import Chunk, Splitting, Video
from stories import captioning, lifecycle
from stories.content_hash import compute_content_hash
from stories.lifecycle import StoryTransition
from stories.models import Story, StoryState

logger = logging.getLogger(__name__)

PROCESS_STORY_JOB = "stories.prepare"
ENCODE_SEGMENT_JOB = "stories.prepare_part"
MAX_RECOVERED_PER_RUN = 50
PROCESSING_FAILED_MESSAGE = (
    "We tried three times and could not prepare this recording. The fault may be ours: "
    "upload it once more, or export it again on your device and upload that."
)


def enqueue_processing(story: Story) -> None:
    """Have the story's recording prepared, in its teller's turn."""
    queue.enqueue_job(PROCESS_STORY_JOB, story.pk, queue=Queue.MEDIA, owner_key=story.teller_id)


def process_story(story: Story, run: JobRun) -> None:
    """Process the recording if it is not yet, then advance the story. Safe to run twice.

    Raises LeaseLost when another worker has taken over; whatever else it raises is worth another attempt.
    """
    video = story.video
    if video is None:
        return
    if video.status in {Video.Status.STORED, Video.Status.PROCESSING}:
        try:
            _process_recording(video, run)
        except pipeline.ProcessingCancelled as stopped:
            raise LeaseLost(str(run.job_id)) from stopped
        except video_status.StaleVideo:
            return
    with transaction.atomic():
        # The story first, as whoever takes it back does: two who wait for each other would both wait in vain.
        fresh = lifecycle.lock_story(story)
        run.renew_lease()
        _enqueue_missing_segments(fresh)
        captioning.enqueue_captioning(advance_submitted_story(fresh))


def _process_recording(video: Video, run: JobRun) -> None:
    """Go on from where the recording is: from its upload, or from its parts once all of them are made."""
    splitting = Splitting.objects.filter(video=video, given_up=False).first()
    if splitting is None:
        pipeline.process_video(video, report=run.report_progress, is_cancelled=lambda: run.lease_lost)
    elif split.are_all_chunks_encoded(splitting):
        try:
            join.join_chunks(splitting, report=run.report_progress, is_cancelled=lambda: run.lease_lost)
        except encode.ChunkMismatch:
            run.renew_lease()
            split.abandon_splitting(splitting)
            pipeline.process_video(video, report=run.report_progress, is_cancelled=lambda: run.lease_lost)


def _enqueue_missing_segments(story: Story) -> None:
    """Hand in each part that is not made and that nobody is making."""
    for part in split.pending_chunks(story.video):
        # Others see the first version of theirs before anybody sees the larger sizes of what is long.
        queue.enqueue_job(
            ENCODE_SEGMENT_JOB, part.pk, queue=Queue.MEDIA, owner_key=story.teller_id, urgency=Urgency.LOW
        )


def encode_segment(chunk: Chunk, run: JobRun) -> None:
    """Make one part; whoever makes the last one has the whole put together. Safe to run twice.

    Raises LeaseLost when another worker has taken over; whatever else it raises is worth another attempt.
    """
    if chunk.encoded or chunk.splitting.given_up:
        return
    try:
        made = encode.encode_chunk(chunk, report=run.report_progress, is_cancelled=lambda: run.lease_lost)
    except pipeline.ProcessingCancelled as stopped:
        raise LeaseLost(str(run.job_id)) from stopped
    except encode.ChunkMismatch:
        logger.warning("video %s cannot be made in parts", chunk.splitting.video_id, exc_info=True)
        made = None
    with transaction.atomic():
        story = Story.objects.select_for_update(of=("self",)).filter(video=chunk.splitting.video_id).first()
        run.renew_lease()
        splitting = split.lock_splitting(chunk)
        if splitting is None or story is None:
            return  # taken back meanwhile
        if made is None:
            _cancel_segment_jobs(story, except_for=chunk)
            split.abandon_splitting(splitting)
        else:
            split.save_encoded_chunk(chunk, made)
        if made is None or split.are_all_chunks_encoded(splitting):
            enqueue_processing(story)


def cancel_processing(story: Story) -> None:
    """Stop everything that is done to prepare the story's recording; whoever is in the middle of it notices."""
    queue.cancel_jobs(PROCESS_STORY_JOB, story.pk)
    _cancel_segment_jobs(story)


def _cancel_segment_jobs(story: Story, *, except_for: Chunk | None = None) -> None:
    for part in split.pending_chunks(story.video):
        if part != except_for:
            queue.cancel_jobs(ENCODE_SEGMENT_JOB, part.pk)


def advance_submitted_story(story: Story) -> Story:
    """Move a submitted story on as far as its recording allows: to review, back to its teller, or nowhere yet."""
    if story.state != StoryState.PREPARING or story.video is None:
        return story
    status = story.video.status
    if status in {Video.Status.STORED, Video.Status.PROCESSING}:
        return story
    if status == Video.Status.UNPLAYABLE or (
        status == Video.Status.DAMAGED and not story.may_be_damaged_confirmed
    ):
        return lifecycle.transition_story(
            story, StoryTransition(StoryState.CHANGES_REQUESTED, story.video.reason), by=None
        )
    return lifecycle.transition_story(
        story,
        StoryTransition(StoryState.IN_REVIEW, field_changes={"content_hash": compute_content_hash(story)}),
        by=None,
    )


def recover_orphaned_recordings() -> int:
    """Find recordings that nobody is preparing any more and see that they end; returns how many it touched.

    A job that was set aside leaves its recording marked unplayable, with a reason and the way out, and its
    story goes back to the teller. A job that is missing altogether is handed in again.
    """
    parts = Chunk.objects.filter(splitting__video=OuterRef(OuterRef("pk")))
    unprepared = Video.objects.filter(
        status__in=[Video.Status.STORED, Video.Status.PROCESSING], story__isnull=False
    )
    going_on = Job.objects.unfinished()
    of_all = going_on.filter(kind=PROCESS_STORY_JOB, subject=Cast(OuterRef("story__pk"), CharField()))
    of_parts = going_on.filter(
        kind=ENCODE_SEGMENT_JOB, subject__in=parts.values(text=Cast("pk", CharField()))
    )
    forgotten = unprepared.exclude(Exists(of_all)).exclude(Exists(of_parts))
    healed = 0
    for video in forgotten.select_related("story")[:MAX_RECOVERED_PER_RUN]:
        _recover_recording(video.story)
        healed += 1
    return healed


def _recover_recording(story: Story) -> None:
    with transaction.atomic():
        fresh = lifecycle.lock_story(story)
        aside = _quarantined_jobs(fresh)
        if not aside:
            enqueue_processing(fresh)
            return
        if all(job.kind == ENCODE_SEGMENT_JOB for job in aside):
            # Parts go with the recording that is given up; whoever tries again tries the whole.
            queue.merge_quarantined_jobs(aside, PROCESS_STORY_JOB, fresh.pk)
        if fresh.video is not None:
            video_status.mark_unplayable(fresh.video, PROCESSING_FAILED_MESSAGE)
            fresh.video.refresh_from_db()
            advance_submitted_story(fresh)


def _quarantined_jobs(story: Story) -> list[Job]:
    """Return the latest tries at the recording, and at parts of it that are still missing, that failed for good."""
    tries = [
        (PROCESS_STORY_JOB, story.pk),
        *((ENCODE_SEGMENT_JOB, part.pk) for part in split.pending_chunks(story.video)),
    ]
    latest = (Job.objects.for_subject(pk).filter(kind=kind).newest_first().first() for kind, pk in tries)
    return [job for job in latest if job is not None and job.state == JobState.QUARANTINED]


def erase_recording(video: Video) -> None:
    """Remove every byte of a recording and its row. Safe to run twice."""
    erasure.erase_video(video)
