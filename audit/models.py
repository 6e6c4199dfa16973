"""Append-only audit events, linked by a hash chain."""

from typing import Self

from django.db import models
from django.db.models.functions import Now


class EventQuerySet(models.QuerySet["Event"]):
    def for_subject(self, subject: models.Model) -> Self:
        return self.filter(subject_type=subject._meta.label_lower, subject_id=str(subject.pk))

    def oldest_first(self) -> Self:
        return self.order_by("pk")


class Event(models.Model):
    """An audited action. A trigger rejects updates and deletes (migration 0001)."""

    at = models.DateTimeField(db_default=Now(), editable=False)
    actor = models.CharField(max_length=64, help_text="id of the user, or the name of the automated process")
    verb = models.CharField(max_length=60)
    subject_type = models.CharField(max_length=60)
    subject_id = models.CharField(max_length=64)
    details = models.JSONField(default=dict)
    previous = models.CharField(max_length=64, blank=True)
    digest = models.CharField(max_length=64, unique=True)

    objects = EventQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["subject_type", "subject_id", "id"], name="events_by_subject")]

    def __str__(self) -> str:
        return f"{self.verb} {self.subject_type} {self.subject_id} by {self.actor}"
