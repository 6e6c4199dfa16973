"""Processes a story's recording, and moves a submitted story to review when processing ends.

A long recording takes several jobs: PROCESS_STORY_JOB validates it and encodes the first version, one
ENCODE_CHUNK_JOB for each chunk encodes the larger renditions, and a second PROCESS_STORY_JOB joins the chunks.
"""

import logging

from django.db import transaction
from django.db.models import CharField, Exists, OuterRef
from django.db.models.functions import Cast
from django.utils.translation import gettext_noop

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
ENCODE_CHUNK_JOB = "stories.prepare_part"
MAX_RECOVERED_PER_RUN = 50
# Stored as `Video.reason` in English and translated when it is shown.
PROCESSING_FAILED_MESSAGE = gettext_noop(
    "We tried three times and could not prepare this recording. The fault may be ours: "
    "upload it once more, or export it again on your device and upload that."
)


def enqueue_processing(story: Story) -> None:
    queue.enqueue_job(PROCESS_STORY_JOB, story.pk, queue=Queue.MEDIA, owner_key=story.teller_id)


def process_story(story: Story, run: JobRun) -> None:
    """Process the recording unless it is processed, then advance the story. Idempotent.

    Raises LeaseLost if another worker took over; the job is retried after any other exception.
    """
    video = story.video
    if video is None:
        return
    if video.status in {Video.Status.STORED, Video.Status.PROCESSING}:
        try:
            _process_recording(video, run)
        except pipeline.ProcessingCancelled as error:
            raise LeaseLost(str(run.job_id)) from error
        except video_status.StaleVideo:
            return
    with transaction.atomic():
        # The story is locked before the job, as a withdrawal does; another order could deadlock.
        locked = lifecycle.lock_story(story)
        run.renew_lease()
        _enqueue_missing_chunks(locked)
        captioning.enqueue_captioning(advance_submitted_story(locked))


def _process_recording(video: Video, run: JobRun) -> None:
    """Process the upload, or join the chunks if all of them are encoded."""
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


def _enqueue_missing_chunks(story: Story) -> None:
    """Enqueue each pending chunk that has no job."""
    for chunk in split.pending_chunks(story.video):
        # Other stories' first versions come before the larger renditions of a long recording.
        queue.enqueue_job(
            ENCODE_CHUNK_JOB,
            chunk.pk,
            queue=Queue.MEDIA,
            owner_key=story.teller_id,
            urgency=Urgency.LOW,
        )


def encode_story_chunk(chunk: Chunk, run: JobRun) -> None:
    """Encode one chunk, and enqueue joining after the last one. Idempotent.

    Raises LeaseLost if another worker took over; the job is retried after any other exception.
    """
    if chunk.encoded or chunk.splitting.given_up:
        return
    try:
        encoded = encode.encode_chunk(chunk, report=run.report_progress, is_cancelled=lambda: run.lease_lost)
    except pipeline.ProcessingCancelled as error:
        raise LeaseLost(str(run.job_id)) from error
    except encode.ChunkMismatch:
        logger.warning("Video %s cannot be encoded in chunks", chunk.splitting.video_id, exc_info=True)
        encoded = None
    with transaction.atomic():
        story = Story.objects.select_for_update(of=("self",)).filter(video=chunk.splitting.video_id).first()
        run.renew_lease()
        splitting = split.lock_splitting(chunk)
        if splitting is None or story is None:
            return  # withdrawn during encoding
        if encoded is None:
            _cancel_chunk_jobs(story, except_for=chunk)
            split.abandon_splitting(splitting)
        else:
            split.save_encoded_chunk(chunk, encoded)
        if encoded is None or split.are_all_chunks_encoded(splitting):
            enqueue_processing(story)


def cancel_processing(story: Story) -> None:
    """Cancel all processing of the story's recording; running workers stop at their next lease check."""
    queue.cancel_jobs(PROCESS_STORY_JOB, story.pk)
    _cancel_chunk_jobs(story)


def _cancel_chunk_jobs(story: Story, *, except_for: Chunk | None = None) -> None:
    for chunk in split.pending_chunks(story.video):
        if chunk != except_for:
            queue.cancel_jobs(ENCODE_CHUNK_JOB, chunk.pk)


def advance_submitted_story(story: Story) -> Story:
    """Move a submitted story to review, or back to its teller, once its recording is processed."""
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
    """Recover unprocessed recordings that have no unfinished job; return how many were recovered.

    If its job is quarantined, the recording is marked unplayable and the story returns to its teller. If its job is
    missing, a new one is enqueued.
    """
    chunks = Chunk.objects.filter(splitting__video=OuterRef(OuterRef("pk")))
    unprocessed = Video.objects.filter(
        status__in=[Video.Status.STORED, Video.Status.PROCESSING], story__isnull=False
    )
    unfinished = Job.objects.unfinished()
    process_jobs = unfinished.filter(kind=PROCESS_STORY_JOB, subject=Cast(OuterRef("story__pk"), CharField()))
    chunk_jobs = unfinished.filter(
        kind=ENCODE_CHUNK_JOB, subject__in=chunks.values(text=Cast("pk", CharField()))
    )
    orphaned = unprocessed.exclude(Exists(process_jobs)).exclude(Exists(chunk_jobs))
    recovered = 0
    for video in orphaned.select_related("story")[:MAX_RECOVERED_PER_RUN]:
        _recover_recording(video.story)
        recovered += 1
    return recovered


def _recover_recording(story: Story) -> None:
    with transaction.atomic():
        locked = lifecycle.lock_story(story)
        quarantined = _quarantined_jobs(locked)
        if not quarantined:
            enqueue_processing(locked)
            return
        if all(job.kind == ENCODE_CHUNK_JOB for job in quarantined):
            # A retry processes the whole recording, so one job stands for all of its chunks.
            queue.merge_quarantined_jobs(quarantined, PROCESS_STORY_JOB, locked.pk)
        if locked.video is not None:
            video_status.mark_unplayable(locked.video, PROCESSING_FAILED_MESSAGE)
            locked.video.refresh_from_db()
            advance_submitted_story(locked)


def _quarantined_jobs(story: Story) -> list[Job]:
    """Return the latest jobs of the recording and of its pending chunks that are quarantined."""
    subjects = [
        (PROCESS_STORY_JOB, story.pk),
        *((ENCODE_CHUNK_JOB, chunk.pk) for chunk in split.pending_chunks(story.video)),
    ]
    latest_jobs = (
        Job.objects.for_subject(pk).filter(kind=kind).newest_first().first() for kind, pk in subjects
    )
    return [job for job in latest_jobs if job is not None and job.state == JobState.QUARANTINED]


def erase_recording(video: Video) -> None:
    """Delete a recording's files and its row. Idempotent."""
    erasure.erase_video(video)
