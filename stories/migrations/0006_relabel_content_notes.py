import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("stories", "0005_relabel_choices"),
    ]

    operations = [
        migrations.AlterField(
            model_name="story",
            name="content_notes",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[
                        ("violence", "Violence"),
                        ("sex", "Sex"),
                        ("stigma", "Stigma and discrimination"),
                        ("disturbing", "Disturbing scenes"),
                        ("language", "Strong language"),
                        ("risky_behaviour", "Risky behaviour"),
                        ("mental_health", "Mental ill health"),
                        ("death", "Death and grief"),
                        ("parental_guidance", "Not for children"),
                        ("crime", "Crime"),
                        ("abuse", "Abuse"),
                        ("socio_political", "Politics and conflict"),
                        ("flashing_lights", "Flashing lights"),
                        ("objects", "Needles, blood and other common fears"),
                    ],
                    max_length=30,
                ),
                blank=True,
                default=list,
                size=None,
            ),
        ),
    ]
