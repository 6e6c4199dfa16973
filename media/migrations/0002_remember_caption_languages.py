import django.contrib.postgres.fields
from django.contrib.postgres.expressions import ArraySubquery
from django.db import migrations, models
from django.db.models import OuterRef


def note_what_is_there(apps, schema_editor):
    captions = apps.get_model("media", "Captions")
    languages = captions.objects.filter(video=OuterRef("pk")).order_by("language").values("language")
    apps.get_model("media", "Video").objects.update(caption_languages=ArraySubquery(languages))


class Migration(migrations.Migration):
    dependencies = [
        ("media", "0001_uploads_videos_and_captions"),
    ]

    operations = [
        migrations.AddField(
            model_name="video",
            name="caption_languages",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=12),
                blank=True,
                default=list,
                help_text="Of its captions, in order; kept here so that a list of cards need not ask for each.",
                size=None,
            ),
        ),
        migrations.RunPython(note_what_is_there, migrations.RunPython.noop),
    ]
