"""Caption tracks and their full-text index."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from media.models.videos import Video


class Captions(models.Model):
    """A caption track in one language, as WebVTT that we generated from the parsed upload."""

    class Source(models.TextChoices):
        UPLOADED = "uploaded", _("Uploaded")
        AUTOMATIC = "automatic", _("Automatic")
        EDITED = "edited", _("Edited")

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

    def __str__(self) -> str:
        return f"{self.language} captions of video {self.video_id}"


class CaptionLine(models.Model):
    """A cue in the full-text index; replaced together with its captions.

    Sentences often continue in the next cue, so its text (`next_text`) also matches, with a lower weight. English
    matches by stem, every language by whole word.
    """

    captions = models.ForeignKey(Captions, on_delete=models.CASCADE, related_name="lines")
    start_ms = models.PositiveIntegerField()
    text = models.TextField(db_column="words")
    next_text = models.TextField(blank=True, db_column="following")
    search_vector = models.GeneratedField(
        expression=SearchVector("text", config="english", weight="A")
        + SearchVector("text", config="simple", weight="A")
        + SearchVector("next_text", config="english", weight="D")
        + SearchVector("next_text", config="simple", weight="D"),
        output_field=SearchVectorField(),
        db_column="found_by",
        db_persist=True,
    )

    class Meta:
        indexes = [GinIndex(fields=["search_vector"], name="caption_lines_by_their_words")]

    def __str__(self) -> str:
        return f"caption line {self.pk} at {self.start_ms} ms"
