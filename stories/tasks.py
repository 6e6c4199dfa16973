"""Celery tasks for stories."""

from jobs.dispatch import job_task, periodic_task
from jobs.leasing import JobRun
from media.models import Chunk, Video
from stories import captioning, processing
from stories.captioning import CAPTION_STORY_JOB
from stories.erasure import ERASE_RECORDING_JOB
from stories.models import Story
from stories.processing import ENCODE_CHUNK_JOB, PROCESS_STORY_JOB


@job_task(kind=PROCESS_STORY_JOB, soft_time_limit=115 * 60, time_limit=118 * 60)
def process_story_task(run: JobRun) -> None:
    processing.process_story(Story.objects.get(pk=run.subject), run)


@job_task(kind=ENCODE_CHUNK_JOB, soft_time_limit=75 * 60, time_limit=78 * 60)
def encode_story_chunk_task(run: JobRun) -> None:
    for chunk in Chunk.objects.filter(pk=run.subject).select_related("splitting__video__upload"):
        processing.encode_story_chunk(chunk, run)


@job_task(kind=CAPTION_STORY_JOB, soft_time_limit=45 * 60, time_limit=48 * 60)
def caption_story_task(run: JobRun) -> None:
    captioning.generate_captions(Story.objects.get(pk=run.subject), run)


@job_task(kind=ERASE_RECORDING_JOB, soft_time_limit=5 * 60, time_limit=6 * 60)
def erase_recording_task(run: JobRun) -> None:
    for video in Video.objects.filter(pk=run.subject):
        processing.erase_recording(video)


@periodic_task(name="stories.recover_orphaned_recordings_task", soft_time_limit=60, time_limit=90)
def recover_orphaned_recordings_task() -> None:
    processing.recover_orphaned_recordings()
