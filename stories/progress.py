"""Reports the progress of processing a story's recording: stage, percentage and time left."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Avg, ExpressionWrapper, F, Subquery, fields
from django.db.models.functions import Now
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from jobs.leasing import LEASE_DURATION
from jobs.models import Job, JobState
from media.models import Splitting, Video
from stories.models import Story
from stories.processing import PROCESS_STORY_JOB

# Workers send a heartbeat every two seconds.
HEARTBEAT_TIMEOUT = timedelta(seconds=9)
# Estimates from less progress than this are unreliable.
MIN_PERCENT_FOR_ESTIMATE = 8
MIN_ELAPSED_FOR_ESTIMATE = timedelta(seconds=5)
STAGE_MESSAGES: Mapping[str, Promise] = {
    "fetching": _("We are downloading your recording: %(percent)s%%."),
    "checking": _("We are checking that your recording plays to the end: %(percent)s%%."),
    "encoding": _("We are making your recording playable on every device: %(percent)s%%."),
    "storing": _("We are storing your recording: %(percent)s%%."),
}
QUEUED_STAGE_MESSAGE = _("Your recording has arrived and is waiting in the queue: %(percent)s%%.")
QUEUED_MESSAGE = _("Your recording has arrived and is waiting in the queue.")
WORKER_LOST_MESSAGE = _(
    "The machine that was processing your recording has stopped answering. Another one will take over within a "
    "minute. Your recording is safe."
)
RETRYING_MESSAGE = _(
    "Something went wrong on our side. We will try again in a moment. Your recording is safe."
)


@dataclass(frozen=True)
class ProcessingAttempt:
    """The latest job that processes a recording.

    Attributes
    ----------
    since_heartbeat, running_for
        Time since the last heartbeat of its worker, and since it started.
    chunks_percent, chunks_running_for
        Mean progress of all chunks of a long recording (0 to 100), and time since their encoding started.
    """

    state: JobState
    number: int
    since_heartbeat: timedelta | None = None
    running_for: timedelta | None = None
    chunks_percent: float | None = None
    chunks_running_for: timedelta | None = None


@dataclass(frozen=True)
class ProcessingProgress:
    """`over` is True if the progress cannot change without an action of the teller."""

    stage: str
    percent: int
    words: str
    seconds_left: int | None = None
    over: bool = False


def processing_progress(story: Story) -> ProcessingProgress:
    """Return the progress of the story's recording, by the database clock."""
    if story.video is None:
        return ProcessingProgress("", 0, gettext("There is no recording yet."), over=True)
    return describe_progress(story.video, _latest_attempt(story))


def describe_progress(video: Video, attempt: ProcessingAttempt | None) -> ProcessingProgress:
    """Return the progress from the recording's status and its latest attempt."""
    if video.status not in {Video.Status.STORED, Video.Status.PROCESSING}:
        message = video.translated_reason or gettext("Your recording is ready.")
        return ProcessingProgress(video.stage, 100, message, over=True)
    if attempt is None or attempt.state == JobState.WAITING:
        is_retry = attempt is not None and attempt.number > 0
        message = str(RETRYING_MESSAGE if is_retry else QUEUED_MESSAGE)
        return ProcessingProgress(video.stage, video.percent, message)
    if attempt.state == JobState.DONE:  # workers are encoding the chunks of a long recording
        seconds_left = (
            None
            if attempt.chunks_percent is None
            else estimate_seconds_left(attempt.chunks_percent, attempt.chunks_running_for)
        )
    elif attempt.since_heartbeat is not None and attempt.since_heartbeat > HEARTBEAT_TIMEOUT:
        return ProcessingProgress(video.stage, video.percent, str(WORKER_LOST_MESSAGE))
    else:
        seconds_left = estimate_seconds_left(video.percent, attempt.running_for)
    stage_message = str(STAGE_MESSAGES.get(video.stage, QUEUED_STAGE_MESSAGE)) % {"percent": video.percent}
    sentences = [stage_message, *_time_left_sentences(seconds_left)]
    return ProcessingProgress(video.stage, video.percent, " ".join(sentences), seconds_left=seconds_left)


def estimate_seconds_left(percent: float, running_for: timedelta | None) -> int | None:
    """Extrapolate from the time so far; None while there is too little progress."""
    if running_for is None or percent < MIN_PERCENT_FOR_ESTIMATE or running_for < MIN_ELAPSED_FOR_ESTIMATE:
        return None
    return round(running_for.total_seconds() * (100 - percent) / percent)


def _time_left_sentences(seconds: int | None) -> list[str]:
    if seconds is None:
        return []
    minutes = round(seconds / 60)
    if minutes < 1:
        return [gettext("Less than a minute left.")]
    sentence = ngettext("About %(minutes)s minute left.", "About %(minutes)s minutes left.", minutes)
    return [sentence % {"minutes": minutes}]


def _latest_attempt(story: Story) -> ProcessingAttempt | None:
    duration = fields.DurationField()
    splitting = Splitting.objects.filter(video=story.video_id, given_up=False)
    with_mean_percent = splitting.annotate(mean=Avg("chunks__percent"))
    row = (
        Job.objects.for_subject(story.pk)
        .filter(kind=PROCESS_STORY_JOB)
        .newest_first()
        .values_list(
            "state",
            "attempts",
            ExpressionWrapper(Now() + LEASE_DURATION - F("lease_until"), output_field=duration),
            ExpressionWrapper(Now() - F("taken_at"), output_field=duration),
            Subquery(with_mean_percent.values("mean")),
            ExpressionWrapper(Now() - Subquery(splitting.values("created_at")), output_field=duration),
        )
        .first()
    )
    if row is None:
        return None
    state, *values = row
    return ProcessingAttempt(JobState(state), *values)
