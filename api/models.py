from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone

MAX_KEY_LENGTH = 200


class IdempotentResponseQuerySet(models.QuerySet["IdempotentResponse"]):
    def for_person(self, person: models.Model) -> Self:
        return self.filter(person=person)

    def stored_before(self, moment: datetime) -> Self:
        return self.filter(stored_at__lt=moment)


class IdempotentResponse(models.Model):
    """The response to the first request with an idempotency key, stored in the same transaction as its change.

    `fingerprint` is the SHA-256 of method, path and body; a request with another fingerprint may not reuse the key.
    """

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="idempotent_responses"
    )
    key = models.CharField(max_length=MAX_KEY_LENGTH)
    fingerprint = models.CharField(max_length=64, db_column="asked")
    status = models.PositiveSmallIntegerField(null=True)
    body = models.TextField(blank=True)
    headers = models.JSONField(default=dict, blank=True)
    stored_at = models.DateTimeField(default=timezone.now, db_column="kept_at")

    objects = IdempotentResponseQuerySet.as_manager()

    class Meta:
        db_table = "api_keptanswer"
        constraints = [
            models.UniqueConstraint(fields=["person", "key"], name="one_answer_per_person_and_key"),
        ]

    def __str__(self) -> str:
        return f"{self.key}: {self.status or 'in progress'}"
