"""What workers do for stories."""

from jobs.celery_bridge import job_task, periodic_task
from jobs.leasing import Run
from media.models import Chunk, Video
from stories import captioning, preparation
from stories.captioning import CAPTION
from stories.models import Story
from stories.preparation import PREPARE, PREPARE_PART
from stories.telling import ERASE_RECORDING


@job_task(kind=PREPARE, soft_time_limit=115 * 60, time_limit=118 * 60)
def prepare_story_task(run: Run) -> None:
    preparation.prepare(Story.objects.get(pk=run.subject), run)


@job_task(kind=PREPARE_PART, soft_time_limit=75 * 60, time_limit=78 * 60)
def prepare_part_task(run: Run) -> None:
    for chunk in Chunk.objects.filter(pk=run.subject).select_related("splitting__video__upload"):
        preparation.prepare_part(chunk, run)


@job_task(kind=CAPTION, soft_time_limit=45 * 60, time_limit=48 * 60)
def caption_story_task(run: Run) -> None:
    captioning.write_down(Story.objects.get(pk=run.subject), run)


@job_task(kind=ERASE_RECORDING, soft_time_limit=5 * 60, time_limit=6 * 60)
def erase_recording_task(run: Run) -> None:
    for video in Video.objects.filter(pk=run.subject):
        preparation.erase_recording(video)


@periodic_task(name="stories.heal_task", soft_time_limit=60, time_limit=90)
def heal_task() -> None:
    preparation.heal()
