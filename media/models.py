"""What a person sent, what we made of it, and its captions. The bytes themselves are in the bucket."""

import uuid
from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models import Q
from django.utils import timezone


class UploadQuerySet(models.QuerySet["Upload"]):
    def in_progress(self) -> Self:
        return self.filter(state=Upload.State.OPEN)

    def owned_by(self, owner_id: uuid.UUID) -> Self:
        return self.filter(owner_id=owner_id)

    def created_before(self, moment: datetime) -> Self:
        return self.filter(created_at__lt=moment)


class Upload(models.Model):
    """One file on its way from a person's browser to the bucket, in parts that never pass through us."""

    class State(models.TextChoices):
        OPEN = "open", "Open"
        COMPLETE = "complete", "Complete"
        ABORTED = "aborted", "Cancelled"
        EXPIRED = "expired", "Abandoned"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # Protected, because a row that vanished with its owner would leave its bytes behind: erase first.
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="uploads")
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    file_name = models.CharField(
        max_length=255, blank=True, help_text="Shown to its owner only, never part of a key."
    )
    content_type = models.CharField(max_length=40)
    size = models.BigIntegerField(help_text="Bytes, as announced before the first one was sent.")
    sha256 = models.CharField(max_length=64, blank=True)
    key = models.CharField(max_length=80, unique=True)
    multipart_id = models.CharField(max_length=255, blank=True)
    checks_parts = models.BooleanField(
        default=False,
        help_text="The store takes a part only if it has the SHA-256 that its address was given for.",
    )
    part_sums = models.JSONField(
        default=dict,
        blank=True,
        help_text="By number, the SHA-256 for which a part's newest address was given.",
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

    @property
    def part_checksums(self) -> dict[int, str]:
        """By number, the SHA-256 of the parts; empty for an upload that does not check them."""
        return {int(number): sum_ for number, sum_ in self.part_sums.items()}

    @property
    def part_count(self) -> int:
        return -(-self.size // self.part_size)

    def size_of_part(self, number: int) -> int:
        """Return the bytes that part `number` (counted from 1) has to have."""
        return min(self.part_size, self.size - (number - 1) * self.part_size)


class Video(models.Model):
    """A recording that arrived whole, and the playable form of it once there is one.

    `content_hash` is the SHA-256 over the names and SHA-256s of every derivative, not of the upload: it names
    exactly the bytes that a reviewer saw and a viewer gets, so nothing can be exchanged between the two.
    `prefix` points at those derivatives; publishing new ones changes it in a single UPDATE.
    """

    class Status(models.TextChoices):
        STORED = "stored", "Stored"
        PROCESSING = "processing", "Being prepared"
        READY = "ready", "Ready"
        DAMAGED = "damaged", "May be damaged"
        UNPLAYABLE = "unplayable", "Cannot be played"

    class Kind(models.TextChoices):
        VIDEO = "video", "Video"
        AUDIO = "audio", "Sound only"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="videos")
    upload = models.OneToOneField(Upload, on_delete=models.PROTECT, related_name="video")
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.STORED)
    kind = models.CharField(max_length=5, choices=Kind.choices, default=Kind.VIDEO)
    duration_ms = models.PositiveIntegerField(null=True, blank=True)
    width = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Of the largest rendition, upright."
    )
    height = models.PositiveSmallIntegerField(null=True, blank=True)
    has_sound = models.BooleanField(default=False)
    content_hash = models.CharField(max_length=64, blank=True)
    prefix = models.CharField(max_length=120, blank=True)
    master = models.JSONField(
        default=dict, blank=True, help_text="Renditions; see media.playback.playlists.Manifest."
    )
    reason = models.CharField(
        max_length=400, blank=True, help_text="In words for the owner, when something is wrong."
    )
    caption_languages = ArrayField(
        models.CharField(max_length=12),
        default=list,
        blank=True,
        help_text="Of its captions, in order; kept here so that a list of cards need not ask for each.",
    )
    hide_faces = models.BooleanField(default=False, help_text="in everything that is made of it")
    change_voice = models.BooleanField(default=False, help_text="in everything that is made of it")
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

    @property
    def is_playable(self) -> bool:
        """Whether all of it can be played; damaged ones need their owner's word before anyone else sees them.

        While the larger sizes are being made the smallest one is there already. Nobody but the owner meets it then:
        a story goes to review only when its recording is ready.
        """
        return self.is_processed or (self.is_partly_playable and not self.master.get("growing"))

    @property
    def can_be_watched(self) -> bool:
        """Whether there is something to play, be it the beginning of what is still being checked."""
        return self.is_processed or self.is_partly_playable

    @property
    def is_partly_playable(self) -> bool:
        """Whether some of it can be watched while the rest is being prepared."""
        return self.status == Video.Status.PROCESSING and self.prefix != ""

    @property
    def is_processed(self) -> bool:
        """Whether everything that will be made of it has been made."""
        return self.status in {Video.Status.READY, Video.Status.DAMAGED}

    @property
    def seconds(self) -> float:
        """How long it is, as far as that is known."""
        return (self.duration_ms or 0) / 1000

    @property
    def duration(self) -> timedelta | None:
        return None if self.duration_ms is None else timedelta(milliseconds=self.duration_ms)


class Splitting(models.Model):
    """How the larger sizes of a long recording are made in parts; gone once they are put together.

    `prefix` is where the first version lies and all of it will; `picture` is what to make, as planned. One that was
    given up stays, so that it is not tried again: the recording is encoded in one go.
    """

    video = models.OneToOneField(Video, on_delete=models.CASCADE, related_name="splitting")
    prefix = models.CharField(max_length=120)
    sound = models.BooleanField(help_text="Whether no fault was found in the recording.")
    source_sha256 = models.CharField(max_length=64)
    track = models.PositiveSmallIntegerField(help_text="Index of the picture in the recording.")
    picture = models.JSONField(help_text="See media.encoding.plan.VideoPlan.")
    first_files = models.JSONField(help_text="SHA-256 of each file of the first version, by name.")
    given_up = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)


class Chunk(models.Model):
    """One part of a recording: some pieces in a row, counted from its beginning.

    `made` is empty until they are; then it says where they lie and what they are.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    splitting = models.ForeignKey(Splitting, on_delete=models.CASCADE, related_name="chunks")
    first_piece = models.PositiveIntegerField()
    pieces = models.PositiveIntegerField()
    first_frame = models.PositiveIntegerField()
    frames = models.PositiveIntegerField()
    percent = models.PositiveSmallIntegerField(default=0)
    made = models.JSONField(
        default=dict, blank=True, help_text="See media.chunked_encoding.encode.EncodedChunk."
    )

    class Meta:
        ordering = ("first_piece",)
        constraints = [
            models.UniqueConstraint(fields=["splitting", "first_piece"], name="one_chunk_begins_at_a_piece"),
            models.CheckConstraint(condition=Q(pieces__gt=0, frames__gt=0), name="chunk_is_not_empty"),
            models.CheckConstraint(condition=Q(percent__lte=100), name="chunk_percent_is_at_most_100"),
        ]


class Captions(models.Model):
    """The words of one video in one language, as WebVTT that we wrote ourselves from what was uploaded."""

    class Source(models.TextChoices):
        UPLOADED = "uploaded", "Uploaded"
        AUTOMATIC = "automatic", "Recognised automatically"
        EDITED = "edited", "Edited by hand"

    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="captions")
    language = models.CharField(max_length=12)
    vtt = models.TextField()
    cues = models.PositiveIntegerField()
    source = models.CharField(max_length=10, choices=Source.choices, default=Source.UPLOADED)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name_plural = "captions"
        constraints = [
            models.UniqueConstraint(fields=["video", "language"], name="one_captions_per_video_and_language"),
            models.CheckConstraint(condition=Q(cues__gt=0), name="captions_have_cues"),
            models.CheckConstraint(
                condition=Q(source__in=["uploaded", "automatic", "edited"]),
                name="captions_source_is_a_known_one",
            ),
        ]


class CaptionLine(models.Model):
    """One line of some captions, to be found by its words; written anew whenever the captions are.

    A sentence often runs over into the next line, so that one counts a little, too. English is found by its stems, and
    every language by whole words.
    """

    captions = models.ForeignKey(Captions, on_delete=models.CASCADE, related_name="lines")
    start_ms = models.PositiveIntegerField()
    words = models.TextField()
    following = models.TextField(blank=True)
    found_by = models.GeneratedField(
        expression=SearchVector("words", config="english", weight="A")
        + SearchVector("words", config="simple", weight="A")
        + SearchVector("following", config="english", weight="D")
        + SearchVector("following", config="simple", weight="D"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    class Meta:
        indexes = [GinIndex(fields=["found_by"], name="caption_lines_by_their_words")]
