"""Append-only events in a hash chain."""

from typing import Self

from django.db import models
from django.db.models.functions import Now


class EventQuerySet(models.QuerySet["Event"]):
    def for_subject(self, subject: models.Model) -> Self:
        return self.filter(subject_type=subject._meta.label_lower, subject_id=str(subject.pk))

    def oldest_first(self) -> Self:
        return self.order_by("pk")


class Event(models.Model):
    """Something that somebody did. A trigger refuses to change or delete a row (migration 0001)."""

    at = models.DateTimeField(db_default=Now(), editable=False)
    actor = models.CharField(
        max_length=64, help_text="id of the person, or the name of the machine's own act"
    )
    verb = models.CharField(max_length=60)
    subject_type = models.CharField(max_length=60)
    subject_id = models.CharField(max_length=64)
    details = models.JSONField(default=dict)
    previous = models.CharField(max_length=64, blank=True)
    digest = models.CharField(max_length=64, unique=True)

    objects = EventQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["subject_type", "subject_id", "id"], name="events_by_subject")]
