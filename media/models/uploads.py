"""Resumable uploads."""

import uuid
from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class UploadQuerySet(models.QuerySet["Upload"]):
    def in_progress(self) -> Self:
        return self.filter(state=Upload.State.OPEN)

    def owned_by(self, owner_id: uuid.UUID) -> Self:
        return self.filter(owner_id=owner_id)

    def created_before(self, cutoff: datetime) -> Self:
        return self.filter(created_at__lt=cutoff)


class Upload(models.Model):
    """A file that a browser sends in parts directly to the bucket."""

    class State(models.TextChoices):
        OPEN = "open", _("In progress")
        COMPLETE = "complete", _("Complete")
        ABORTED = "aborted", _("Cancelled")
        EXPIRED = "expired", _("Expired")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # Protected: cascading would leave the bytes in the bucket, so erase them first.
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="uploads")
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    file_name = models.CharField(
        max_length=255, blank=True, help_text="Shown only to the owner; never part of a key."
    )
    content_type = models.CharField(max_length=40)
    size = models.BigIntegerField(help_text="Bytes, as declared at the start of the upload.")
    sha256 = models.CharField(max_length=64, blank=True)
    key = models.CharField(max_length=80, unique=True)
    multipart_id = models.CharField(max_length=255, blank=True)
    verifies_part_checksums = models.BooleanField(
        db_column="checks_parts",
        default=False,
        help_text="The store accepts a part only if it matches the SHA-256 in its URL.",
    )
    part_checksums = models.JSONField(
        db_column="part_sums",
        default=dict,
        blank=True,
        help_text="SHA-256 in the newest URL of each part, by part number.",
    )
    part_size = models.PositiveIntegerField()
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    completed_at = models.DateTimeField(null=True, blank=True)

    objects = UploadQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["state", "created_at"], name="uploads_by_state_and_age")]
        constraints = [
            models.CheckConstraint(condition=Q(size__gt=0), name="upload_is_not_empty"),
            models.CheckConstraint(condition=Q(part_size__gt=0), name="upload_parts_are_not_empty"),
            models.CheckConstraint(
                condition=Q(state__in=["open", "complete", "aborted", "expired"]),
                name="upload_state_is_a_known_one",
            ),
            models.CheckConstraint(
                condition=Q(state="complete", completed_at__isnull=False)
                | (~Q(state="complete") & Q(completed_at__isnull=True)),
                name="upload_is_dated_exactly_when_complete",
            ),
        ]

    def __str__(self) -> str:
        return f"upload {self.pk} ({self.state})"

    @property
    def part_checksums_by_number(self) -> dict[int, str]:
        """Hexadecimal SHA-256 by part number; empty if the upload does not verify its parts."""
        return {int(number): checksum for number, checksum in self.part_checksums.items()}

    @property
    def part_count(self) -> int:
        return -(-self.size // self.part_size)

    def size_of_part(self, number: int) -> int:
        """Return the required size in bytes of part `number` (one-based)."""
        return min(self.part_size, self.size - (number - 1) * self.part_size)
