from uuid import UUID

from accounts.models import User
from jobs import queue
from jobs.models import Urgency

ERASE_RECORDING_JOB = "stories.erase_recording"


def enqueue_erasure(video_id: UUID, *, owner: User) -> None:
    queue.enqueue_job(ERASE_RECORDING_JOB, video_id, owner_key=owner.pk, urgency=Urgency.URGENT)
