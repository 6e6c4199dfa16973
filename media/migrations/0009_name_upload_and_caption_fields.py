"""Renames model fields only: the columns keep their names, so no table changes."""

import django.contrib.postgres.indexes
import django.contrib.postgres.search
from django.contrib.postgres.search import SearchVector
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("media", "0008_name_chunk_fields_in_segments")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RenameField("upload", "checks_parts", "verifies_part_checksums"),
                migrations.AlterField(
                    "upload",
                    "verifies_part_checksums",
                    models.BooleanField(
                        db_column="checks_parts",
                        default=False,
                        help_text="The store accepts a part only if it matches the SHA-256 in its URL.",
                    ),
                ),
                migrations.RenameField("upload", "part_sums", "part_checksums"),
                migrations.AlterField(
                    "upload",
                    "part_checksums",
                    models.JSONField(
                        blank=True,
                        db_column="part_sums",
                        default=dict,
                        help_text="SHA-256 in the newest URL of each part, by part number.",
                    ),
                ),
                migrations.RemoveIndex("captionline", "caption_lines_by_their_words"),
                migrations.RemoveField("captionline", "found_by"),
                migrations.RenameField("captionline", "words", "text"),
                migrations.AlterField("captionline", "text", models.TextField(db_column="words")),
                migrations.RenameField("captionline", "following", "next_text"),
                migrations.AlterField(
                    "captionline", "next_text", models.TextField(blank=True, db_column="following")
                ),
                migrations.AddField(
                    "captionline",
                    "search_vector",
                    models.GeneratedField(
                        db_column="found_by",
                        db_persist=True,
                        expression=SearchVector("text", config="english", weight="A")
                        + SearchVector("text", config="simple", weight="A")
                        + SearchVector("next_text", config="english", weight="D")
                        + SearchVector("next_text", config="simple", weight="D"),
                        output_field=django.contrib.postgres.search.SearchVectorField(),
                    ),
                ),
                migrations.AddIndex(
                    "captionline",
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["search_vector"], name="caption_lines_by_their_words"
                    ),
                ),
            ],
        )
    ]
