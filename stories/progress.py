"""How far the preparation of a story's recording is, in words, per cent and the time that is left."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Avg, ExpressionWrapper, F, Subquery, fields
from django.db.models.functions import Now

from jobs.leasing import LEASE_DURATION
from jobs.models import Job, JobState
from media.models import Splitting, Video
from stories.models import Story
from stories.processing import PROCESS_STORY_JOB

# A worker lets hear from itself every two seconds.
HEARTBEAT_TIMEOUT = timedelta(seconds=9)
# Before that the time that is left would be a guess from next to nothing.
MIN_PERCENT_FOR_ESTIMATE = 8
MIN_ELAPSED_FOR_ESTIMATE = timedelta(seconds=5)
STAGE_LABELS: Mapping[str, str] = {
    "fetching": "We are fetching it",
    "checking": "We are checking that it plays to the end",
    "encoding": "We are making it playable on every device",
    "storing": "We are putting it away",
}
QUEUED_MESSAGE = "Your recording has arrived and waits for its turn"
WORKER_LOST_MESSAGE = (
    "The machine that was preparing your recording has stopped answering. Another one takes over by itself, "
    "within a minute; your recording is safe"
)
RETRYING_MESSAGE = (
    "Something went wrong on our side. We try again by ourselves in a moment; your recording is safe"
)


@dataclass(frozen=True)
class ProcessingAttempt:
    """What is known of the work.

    Attributes
    ----------
    silent_for, running_for
        Since its worker was last heard of, and since it began.
    parts, parts_for
        How far all parts of a long recording are together, in per cent, and since when they are made.
    """

    state: JobState
    number: int
    since_heartbeat: timedelta | None = None
    running_for: timedelta | None = None
    segments_percent: float | None = None
    segments_running_for: timedelta | None = None


@dataclass(frozen=True)
class ProcessingProgress:
    """`over` says that nothing more will happen by itself."""

    stage: str
    percent: int
    words: str
    seconds_left: int | None = None
    over: bool = False


def processing_progress(story: Story) -> ProcessingProgress:
    """Return how far the recording of the story is, at the database's time."""
    if story.video is None:
        return ProcessingProgress("", 0, "There is no recording yet.", over=True)
    return describe_progress(story.video, _latest_attempt(story))


def describe_progress(video: Video, attempt: ProcessingAttempt | None) -> ProcessingProgress:
    """Say it from the recording as it stands and the last attempt at it."""
    if video.status not in {Video.Status.STORED, Video.Status.PROCESSING}:
        return ProcessingProgress(
            video.stage, 100, video.translated_reason or "Your recording is ready.", over=True
        )
    if attempt is None or attempt.state == JobState.WAITING:
        tried = attempt is not None and attempt.number > 0
        return ProcessingProgress(
            video.stage, video.percent, f"{RETRYING_MESSAGE if tried else QUEUED_MESSAGE}."
        )
    if attempt.state == JobState.DONE:  # what is long goes on in parts, at several workers
        left = (
            None
            if attempt.segments_percent is None
            else estimate_seconds_left(attempt.segments_percent, attempt.segments_running_for)
        )
    elif attempt.since_heartbeat is not None and attempt.since_heartbeat > HEARTBEAT_TIMEOUT:
        return ProcessingProgress(video.stage, video.percent, f"{WORKER_LOST_MESSAGE}.")
    else:
        left = estimate_seconds_left(video.percent, attempt.running_for)
    doing = STAGE_LABELS.get(video.stage, QUEUED_MESSAGE)
    return ProcessingProgress(
        video.stage,
        video.percent,
        f"{doing}: {video.percent} %.{_time_left_sentence(left)}",
        seconds_left=left,
    )


def estimate_seconds_left(percent: float, running_for: timedelta | None) -> int | None:
    """Guess from the time that it took so far; None while that says too little."""
    if running_for is None or percent < MIN_PERCENT_FOR_ESTIMATE or running_for < MIN_ELAPSED_FOR_ESTIMATE:
        return None
    return round(running_for.total_seconds() * (100 - percent) / percent)


def _time_left_sentence(seconds: int | None) -> str:
    if seconds is None:
        return ""
    minutes = round(seconds / 60)
    if minutes < 1:
        return " Less than a minute to go."
    return f" About {minutes} minute{'s' if minutes > 1 else ''} to go."


def _latest_attempt(story: Story) -> ProcessingAttempt | None:
    span = fields.DurationField()
    parted = Splitting.objects.filter(video=story.video_id, given_up=False)
    together = parted.annotate(mean=Avg("chunks__percent"))
    facts = (
        Job.objects.for_subject(story.pk)
        .filter(kind=PROCESS_STORY_JOB)
        .newest_first()
        .values_list(
            "state",
            "attempts",
            ExpressionWrapper(Now() + LEASE_DURATION - F("lease_until"), output_field=span),
            ExpressionWrapper(Now() - F("taken_at"), output_field=span),
            Subquery(together.values("mean")),
            ExpressionWrapper(Now() - Subquery(parted.values("created_at")), output_field=span),
        )
        .first()
    )
    if facts is None:
        return None
    state, *known = facts
    return ProcessingAttempt(JobState(state), *known)
