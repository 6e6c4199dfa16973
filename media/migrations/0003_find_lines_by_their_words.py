import html
import re
from itertools import pairwise

import django.contrib.postgres.indexes
import django.db.models.deletion
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import migrations, models

# Captions are kept as we wrote them ourselves, so this is all that has to be understood of WebVTT.
CUE = re.compile(r"(\d+):(\d\d):(\d\d)\.(\d{3}) --> \S+\n(.+)", flags=re.DOTALL)


def keep_the_lines_that_are_there(apps, schema_editor):
    line = apps.get_model("media", "CaptionLine")
    for captions in apps.get_model("media", "Captions").objects.only("pk", "vtt").iterator(chunk_size=100):
        cues = [found for block in captions.vtt.split("\n\n") if (found := CUE.fullmatch(block.strip()))]
        said = [(_milliseconds(cue.groups()[:4]), html.unescape(cue[5])) for cue in cues]
        line.objects.bulk_create(
            line(captions_id=captions.pk, start_ms=start, words=words, following=following)
            for (start, words), (_, following) in pairwise([*said, (0, "")])
        )


def _milliseconds(parts):
    hours, minutes, seconds, rest = (int(part) for part in parts)
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + rest


class Migration(migrations.Migration):
    dependencies = [
        ("media", "0002_remember_caption_languages"),
    ]

    operations = [
        migrations.CreateModel(
            name="CaptionLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("start_ms", models.PositiveIntegerField()),
                ("words", models.TextField()),
                ("following", models.TextField(blank=True)),
                (
                    "found_by",
                    models.GeneratedField(
                        db_persist=True,
                        expression=SearchVector("words", config="english", weight="A")
                        + SearchVector("words", config="simple", weight="A")
                        + SearchVector("following", config="english", weight="D")
                        + SearchVector("following", config="simple", weight="D"),
                        output_field=SearchVectorField(),
                    ),
                ),
                (
                    "captions",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="lines", to="media.captions"
                    ),
                ),
            ],
            options={
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["found_by"], name="caption_lines_by_their_words"
                    )
                ],
            },
        ),
        migrations.RunPython(keep_the_lines_that_are_there, migrations.RunPython.noop),
    ]
