"""How far the preparation of a story's recording is, in words, per cent and the time that is left."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Avg, ExpressionWrapper, F, Subquery, fields
from django.db.models.functions import Now

from jobs.leasing import LEASE
from jobs.models import Job, JobState
from media.models import Splitting, Video
from stories.models import Story
from stories.preparation import PREPARE

# A worker lets hear from itself every two seconds.
QUIET_AFTER = timedelta(seconds=9)
# Before that the time that is left would be a guess from next to nothing.
TELLS_FROM_PERCENT = 8
TELLS_AFTER = timedelta(seconds=5)
STAGES: Mapping[str, str] = {
    "fetching": "We are fetching it",
    "checking": "We are checking that it plays to the end",
    "encoding": "We are making it playable on every device",
    "storing": "We are putting it away",
}
ARRIVED = "Your recording has arrived and waits for its turn"
STOPPED = (
    "The machine that was preparing your recording has stopped answering. Another one takes over by itself, "
    "within a minute; your recording is safe"
)
ONCE_MORE = "Something went wrong on our side. We try again by ourselves in a moment; your recording is safe"


@dataclass(frozen=True)
class Attempt:
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
    silent_for: timedelta | None = None
    running_for: timedelta | None = None
    parts: float | None = None
    parts_for: timedelta | None = None


@dataclass(frozen=True)
class Progress:
    """`over` says that nothing more will happen by itself."""

    stage: str
    percent: int
    words: str
    seconds_left: int | None = None
    over: bool = False


def progress_of(story: Story) -> Progress:
    """Return how far the recording of the story is, at the database's time."""
    if story.video is None:
        return Progress("", 0, "There is no recording yet.", over=True)
    return describe(story.video, _attempt(story))


def describe(video: Video, attempt: Attempt | None) -> Progress:
    """Say it from the recording as it stands and the last attempt at it."""
    if video.status not in {Video.Status.STORED, Video.Status.PROCESSING}:
        return Progress(video.stage, 100, video.reason or "Your recording is ready.", over=True)
    if attempt is None or attempt.state == JobState.WAITING:
        tried = attempt is not None and attempt.number > 0
        return Progress(video.stage, video.percent, f"{ONCE_MORE if tried else ARRIVED}.")
    if attempt.state == JobState.DONE:  # what is long goes on in parts, at several workers
        left = None if attempt.parts is None else seconds_left(attempt.parts, attempt.parts_for)
    elif attempt.silent_for is not None and attempt.silent_for > QUIET_AFTER:
        return Progress(video.stage, video.percent, f"{STOPPED}.")
    else:
        left = seconds_left(video.percent, attempt.running_for)
    doing = STAGES.get(video.stage, ARRIVED)
    return Progress(
        video.stage, video.percent, f"{doing}: {video.percent} %.{_in_words(left)}", seconds_left=left
    )


def seconds_left(percent: float, running_for: timedelta | None) -> int | None:
    """Guess from the time that it took so far; None while that says too little."""
    if running_for is None or percent < TELLS_FROM_PERCENT or running_for < TELLS_AFTER:
        return None
    return round(running_for.total_seconds() * (100 - percent) / percent)


def _in_words(seconds: int | None) -> str:
    if seconds is None:
        return ""
    minutes = round(seconds / 60)
    if minutes < 1:
        return " Less than a minute to go."
    return f" About {minutes} minute{'s' if minutes > 1 else ''} to go."


def _attempt(story: Story) -> Attempt | None:
    span = fields.DurationField()
    parted = Splitting.objects.filter(video=story.video_id, given_up=False)
    together = parted.annotate(mean=Avg("chunks__percent"))
    facts = (
        Job.objects.about(story.pk)
        .filter(kind=PREPARE)
        .newest_first()
        .values_list(
            "state",
            "attempts",
            ExpressionWrapper(Now() + LEASE - F("lease_until"), output_field=span),
            ExpressionWrapper(Now() - F("taken_at"), output_field=span),
            Subquery(together.values("mean")),
            ExpressionWrapper(Now() - Subquery(parted.values("created_at")), output_field=span),
        )
        .first()
    )
    if facts is None:
        return None
    state, *known = facts
    return Attempt(JobState(state), *known)
