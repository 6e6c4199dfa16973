"""Renames model fields only: the columns keep their names, so no table changes."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("media", "0007_relabel_choices")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RemoveConstraint("chunk", "one_chunk_begins_at_a_piece"),
                migrations.RemoveConstraint("chunk", "chunk_is_not_empty"),
                migrations.AlterModelOptions("chunk", options={"ordering": ("first_segment",)}),
                migrations.RenameField("splitting", "sound", "is_intact"),
                migrations.AlterField(
                    "splitting",
                    "is_intact",
                    models.BooleanField(
                        db_column="sound", help_text="Whether the recording is free of faults."
                    ),
                ),
                migrations.RenameField("splitting", "picture", "video_plan"),
                migrations.AlterField(
                    "splitting",
                    "video_plan",
                    models.JSONField(db_column="picture", help_text="See media.encoding.plan.VideoPlan."),
                ),
                migrations.RenameField("chunk", "first_piece", "first_segment"),
                migrations.AlterField(
                    "chunk", "first_segment", models.PositiveIntegerField(db_column="first_piece")
                ),
                migrations.RenameField("chunk", "pieces", "segment_count"),
                migrations.AlterField(
                    "chunk", "segment_count", models.PositiveIntegerField(db_column="pieces")
                ),
                migrations.RenameField("chunk", "frames", "frame_count"),
                migrations.AlterField(
                    "chunk", "frame_count", models.PositiveIntegerField(db_column="frames")
                ),
                migrations.RenameField("chunk", "made", "encoded"),
                migrations.AlterField(
                    "chunk",
                    "encoded",
                    models.JSONField(
                        blank=True,
                        db_column="made",
                        default=dict,
                        help_text="See media.chunked_encoding.chunk_storage.EncodedChunk.",
                    ),
                ),
                migrations.AddConstraint(
                    "chunk",
                    models.UniqueConstraint(
                        fields=["splitting", "first_segment"], name="one_chunk_begins_at_a_piece"
                    ),
                ),
                migrations.AddConstraint(
                    "chunk",
                    models.CheckConstraint(
                        condition=Q(segment_count__gt=0, frame_count__gt=0), name="chunk_is_not_empty"
                    ),
                ),
            ],
        )
    ]
