"""Durable jobs: the row is authoritative; the broker only wakes workers."""

import uuid
from typing import Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class JobState(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    QUARANTINED = "quarantined", _("Failed too often")
    CANCELLED = "cancelled", _("Cancelled")


UNFINISHED_STATES = (JobState.WAITING, JobState.RUNNING)


class Queue(models.TextChoices):
    """Separate queues, so that long jobs never delay short ones."""

    MEDIA = "media", _("Encoding")
    QUICK = "quick", _("Captions, deletions and notices")
    INDEX = "index", _("Search and matching")


class Urgency(models.IntegerChoices):
    """Priority within a queue; takes precedence over fairness between owners."""

    URGENT = 0, _("Urgent: withdrawals and health checks")
    NORMAL = 1, _("Normal")
    LOW = 2, _("Low: when no other job is waiting")


class JobQuerySet(models.QuerySet["Job"]):
    def unfinished(self) -> Self:
        return self.filter(state__in=UNFINISHED_STATES)

    def for_subject(self, subject_id: object) -> Self:
        return self.filter(subject=str(subject_id))

    def leasable(self) -> Self:
        """Jobs that a worker may lease: due, or running with an expired lease."""
        return self.filter(
            Q(state=JobState.WAITING, not_before__lte=Now())
            | Q(state=JobState.RUNNING, lease_until__lt=Now())
        )

    def due(self) -> Self:
        return self.filter(state=JobState.WAITING, not_before__lte=Now())

    def running(self) -> Self:
        """Jobs with a valid lease."""
        return self.filter(state=JobState.RUNNING, lease_until__gte=Now())

    def quarantined_and_not_retried(self) -> Self:
        newer_jobs = Job.objects.filter(
            kind=OuterRef("kind"), subject=OuterRef("subject"), created_at__gt=OuterRef("created_at")
        )
        return self.filter(state=JobState.QUARANTINED).exclude(Exists(newer_jobs))

    def held_with_token(self, job_id: uuid.UUID, token: int) -> Self:
        return self.filter(pk=job_id, state=JobState.RUNNING, token=token)

    def newest_first(self) -> Self:
        return self.order_by("-created_at")


class Job(models.Model):
    """`token` is a fencing token: it increases with every lease, and writes with an older token affect no row.

    `owner_key` identifies the user the job is for, in a format the caller chooses; it is empty for system jobs. Workers
    share their time fairly between owner keys. `taken_at` is the start of the latest lease.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=60)
    subject = models.CharField(max_length=64, help_text="id of the object to work on")
    queue = models.CharField(max_length=10, choices=Queue.choices)
    owner_key = models.CharField(
        max_length=64, blank=True, db_column="whose", help_text="id of the user the job is for"
    )
    urgency = models.PositiveSmallIntegerField(choices=Urgency.choices, default=Urgency.NORMAL)
    state = models.CharField(max_length=12, choices=JobState.choices, default=JobState.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    token = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    not_before = models.DateTimeField(db_default=Now())
    taken_at = models.DateTimeField(null=True, blank=True)
    dispatched_at = models.DateTimeField(null=True, blank=True, db_column="rung_at")
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

    def __str__(self) -> str:
        return f"{self.kind} for {self.subject} ({self.state})"

    @property
    def is_finished(self) -> bool:
        return self.state not in UNFINISHED_STATES
