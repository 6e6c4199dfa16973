"""Work that has to be done once, whatever dies: the row is the truth, the broker only rings."""

import uuid
from typing import Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Now


class JobState(models.TextChoices):
    WAITING = "waiting", "Waiting"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    QUARANTINED = "quarantined", "Set aside after too many failures"
    CANCELLED = "cancelled", "Cancelled"


UNFINISHED_STATES = (JobState.WAITING, JobState.RUNNING)


class Queue(models.TextChoices):
    """Long work must never stand in front of short work, so each has its own queue."""

    MEDIA = "media", "Encoding"
    QUICK = "quick", "Captions, deletions, notices"
    INDEX = "index", "Search and matching"


class Urgency(models.IntegerChoices):
    """What goes first within a queue, whoever handed it in."""

    AT_ONCE = 0, "At once: what somebody took back, and whether we work at all"
    USUAL = 1, "In turn"
    LATER = 2, "When nothing else waits"


class JobQuerySet(models.QuerySet["Job"]):
    def unfinished(self) -> Self:
        return self.filter(state__in=UNFINISHED_STATES)

    def for_subject(self, subject_id: object) -> Self:
        return self.filter(subject=str(subject_id))

    def leasable(self) -> Self:
        """Return jobs nobody holds: due and waiting, or running under a lease that ran out."""
        return self.filter(
            Q(state=JobState.WAITING, not_before__lte=Now())
            | Q(state=JobState.RUNNING, lease_until__lt=Now())
        )

    def due(self) -> Self:
        """Return jobs that wait and whose time has come."""
        return self.filter(state=JobState.WAITING, not_before__lte=Now())

    def running(self) -> Self:
        """Return jobs that somebody holds under a lease that stands."""
        return self.filter(state=JobState.RUNNING, lease_until__gte=Now())

    def quarantined_and_not_retried(self) -> Self:
        """Return jobs that were set aside and not handed in again since."""
        again = Job.objects.filter(
            kind=OuterRef("kind"), subject=OuterRef("subject"), created_at__gt=OuterRef("created_at")
        )
        return self.filter(state=JobState.QUARANTINED).exclude(Exists(again))

    def held_with_token(self, job_id: uuid.UUID, token: int) -> Self:
        return self.filter(pk=job_id, state=JobState.RUNNING, token=token)

    def newest_first(self) -> Self:
        return self.order_by("-created_at")


class Job(models.Model):
    """One piece of work. `token` is the fence: it grows with every lease, and an older holder can write no more.

    `whose` names the person on whose behalf it is done, in whatever form the caller uses; work of the house itself has
    none. People take turns by it. `taken_at` is when the latest lease began.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=60)
    subject = models.CharField(max_length=64, help_text="id of the thing the work is about")
    queue = models.CharField(max_length=10, choices=Queue.choices)
    whose = models.CharField(max_length=64, blank=True, help_text="id of the person it is done for")
    urgency = models.PositiveSmallIntegerField(choices=Urgency.choices, default=Urgency.USUAL)
    state = models.CharField(max_length=12, choices=JobState.choices, default=JobState.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    token = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    not_before = models.DateTimeField(db_default=Now())
    taken_at = models.DateTimeField(null=True, blank=True)
    rung_at = models.DateTimeField(null=True, blank=True)
    stage = models.CharField(max_length=40, blank=True)
    percent = models.PositiveSmallIntegerField(default=0)
    reason = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject"],
                condition=Q(state__in=UNFINISHED_STATES),
                name="one_unfinished_job_per_subject",
            ),
            models.CheckConstraint(
                condition=~Q(state=JobState.RUNNING) | Q(lease_until__isnull=False),
                name="a_running_job_has_a_lease",
            ),
            models.CheckConstraint(condition=Q(percent__lte=100), name="percent_is_at_most_100"),
            models.CheckConstraint(
                condition=Q(urgency__in=Urgency.values), name="job_urgency_is_a_known_one"
            ),
        ]
        indexes = [
            models.Index(F("not_before"), name="unfinished_jobs", condition=Q(state__in=UNFINISHED_STATES)),
            models.Index(fields=["subject"], name="jobs_by_subject"),
            models.Index(fields=["queue", "taken_at"], name="jobs_by_turn"),
        ]

    @property
    def is_finished(self) -> bool:
        return self.state not in UNFINISHED_STATES
