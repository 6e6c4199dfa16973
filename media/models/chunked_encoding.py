"""The state of chunked encodes."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone

from media.models.videos import Video


class Splitting(models.Model):
    """Chunked encode of the larger renditions of a long recording; deleted once its chunks are joined.

    `prefix` is the key prefix of the first version and of the final output; `video_plan` is the encoding plan of the video. A row
    that was given up stays to prevent another attempt: the recording is then encoded in one pass.
    """

    video = models.OneToOneField(Video, on_delete=models.CASCADE, related_name="splitting")
    prefix = models.CharField(max_length=120)
    is_intact = models.BooleanField(db_column="sound", help_text="Whether the recording is free of faults.")
    source_sha256 = models.CharField(max_length=64)
    track = models.PositiveSmallIntegerField(help_text="Index of the video stream in the recording.")
    video_plan = models.JSONField(db_column="picture", help_text="See media.encoding.plan.VideoPlan.")
    first_files = models.JSONField(help_text="SHA-256 of each file of the first version, by name.")
    given_up = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    def __str__(self) -> str:
        return f"chunked encode of video {self.video_id}"


class Chunk(models.Model):
    """A run of consecutive segments, with zero-based positions; `encoded` is empty until the chunk is encoded."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    splitting = models.ForeignKey(Splitting, on_delete=models.CASCADE, related_name="chunks")
    first_segment = models.PositiveIntegerField(db_column="first_piece")
    segment_count = models.PositiveIntegerField(db_column="pieces")
    first_frame = models.PositiveIntegerField()
    frame_count = models.PositiveIntegerField(db_column="frames")
    percent = models.PositiveSmallIntegerField(default=0)
    encoded = models.JSONField(
        default=dict,
        blank=True,
        db_column="made",
        help_text="See media.chunked_encoding.chunk_storage.EncodedChunk.",
    )

    class Meta:
        ordering = ("first_segment",)
        constraints = [
            models.UniqueConstraint(
                fields=["splitting", "first_segment"], name="one_chunk_begins_at_a_piece"
            ),
            models.CheckConstraint(
                condition=Q(segment_count__gt=0, frame_count__gt=0), name="chunk_is_not_empty"
            ),
            models.CheckConstraint(condition=Q(percent__lte=100), name="chunk_percent_is_at_most_100"),
        ]

    def __str__(self) -> str:
        return f"chunk {self.pk}: {self.segment_count} segments from segment {self.first_segment}"
