"""What the API has to remember itself: the answers it gave under an idempotency key."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone

MAX_KEY_LENGTH = 200


class IdempotentResponseQuerySet(models.QuerySet["KeptAnswer"]):
    def for_person(self, person: models.Model) -> Self:
        return self.filter(person=person)

    def stored_before(self, moment: datetime) -> Self:
        return self.filter(kept_at__lt=moment)


class KeptAnswer(models.Model):
    """The answer to one request, kept in the transaction that did what was asked.

    `asked` is the SHA-256 of method, path and body, so that a key cannot be used for something else.
    """

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="kept_answers"
    )
    key = models.CharField(max_length=MAX_KEY_LENGTH)
    asked = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    body = models.TextField(blank=True)
    headers = models.JSONField(default=dict, blank=True)
    kept_at = models.DateTimeField(default=timezone.now)

    objects = IdempotentResponseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "key"], name="one_answer_per_person_and_key"),
        ]
