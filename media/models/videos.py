"""Uploaded recordings and what is known of their renditions."""

import uuid
from datetime import timedelta

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from media.models.uploads import Upload


class Video(models.Model):
    """A completely uploaded recording and its playable renditions.

    `content_hash` is the SHA-256 over the names and SHA-256s of all derivatives, not of the upload. It identifies
    the bytes that a reviewer approved, so a viewer cannot get others. `prefix` is the key prefix of the derivatives;
    publishing a new version changes it in a single UPDATE.
    """

    class Status(models.TextChoices):
        STORED = "stored", _("Uploaded")
        PROCESSING = "processing", _("Processing")
        READY = "ready", _("Ready")
        DAMAGED = "damaged", _("May be damaged")
        UNPLAYABLE = "unplayable", _("Cannot be played")

    class Kind(models.TextChoices):
        VIDEO = "video", _("Video")
        AUDIO = "audio", _("Audio only")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="videos")
    upload = models.OneToOneField(Upload, on_delete=models.PROTECT, related_name="video")
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.STORED)
    kind = models.CharField(max_length=5, choices=Kind.choices, default=Kind.VIDEO)
    duration_ms = models.PositiveIntegerField(null=True, blank=True)
    width = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Pixels of the largest rendition, after rotation."
    )
    height = models.PositiveSmallIntegerField(null=True, blank=True)
    has_sound = models.BooleanField(default=False)
    content_hash = models.CharField(max_length=64, blank=True)
    prefix = models.CharField(max_length=120, blank=True)
    master = models.JSONField(
        default=dict, blank=True, help_text="Renditions; see media.playback.playlists.Manifest."
    )
    reason = models.CharField(
        max_length=400, blank=True, help_text="English sentence for the owner if the recording has a fault."
    )
    caption_languages = ArrayField(
        models.CharField(max_length=12),
        default=list,
        blank=True,
        help_text="Languages of the captions, sorted; denormalised so that lists of stories need no extra queries.",
    )
    hide_faces = models.BooleanField(default=False, help_text="In all renditions and images.")
    change_voice = models.BooleanField(default=False, help_text="In all renditions.")
    stage = models.CharField(max_length=20, blank=True)
    percent = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["stored", "processing", "ready", "damaged", "unplayable"]),
                name="video_status_is_a_known_one",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["video", "audio"]), name="video_kind_is_a_known_one"
            ),
            models.CheckConstraint(condition=Q(percent__lte=100), name="video_percent_is_at_most_100"),
            models.CheckConstraint(
                condition=~Q(status__in=["ready", "damaged"])
                | (Q(duration_ms__gt=0) & ~Q(prefix="") & ~Q(content_hash="") & ~Q(master={})),
                name="playable_video_has_its_derivatives",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["damaged", "unplayable"]) | ~Q(reason=""),
                name="unsound_video_says_why",
            ),
            models.CheckConstraint(
                condition=Q(kind="video")
                | Q(status__in=["stored", "processing", "unplayable"])
                | Q(has_sound=True),
                name="sound_only_has_sound",
            ),
        ]

    def __str__(self) -> str:
        return f"video {self.pk} ({self.status})"

    @property
    def translated_reason(self) -> str:
        """The reason in the active language; an empty message must not reach gettext."""
        return gettext(self.reason) if self.reason else ""

    @property
    def is_playable(self) -> bool:
        """Whether the whole recording can be played, possibly in its smallest size only.

        The owner must confirm a damaged recording before a reviewer sees it.
        """
        return self.is_processed or (self.is_partly_playable and not self.master.get("growing"))

    @property
    def can_be_watched(self) -> bool:
        """Whether at least the beginning can be played."""
        return self.is_processed or self.is_partly_playable

    @property
    def is_partly_playable(self) -> bool:
        return self.status == Video.Status.PROCESSING and self.prefix != ""

    @property
    def is_processed(self) -> bool:
        """Whether all renditions exist."""
        return self.status in {Video.Status.READY, Video.Status.DAMAGED}

    @property
    def seconds(self) -> float:
        """Duration; 0 while it is unknown."""
        return (self.duration_ms or 0) / 1000

    @property
    def duration(self) -> timedelta | None:
        return None if self.duration_ms is None else timedelta(milliseconds=self.duration_ms)
