import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("practice", "0005_less_like_this"),
    ]

    operations = [
        migrations.CreateModel(
            name="Benefit",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("present_rung", models.PositiveSmallIntegerField()),
                ("gain", models.FloatField()),
                ("viewers", models.PositiveIntegerField()),
                (
                    "story",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="benefits",
                        to="stories.story",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("story", "present_rung"), name="one_benefit_per_rung"),
                    models.CheckConstraint(
                        condition=models.Q(("viewers__gt", 0)), name="benefit_rests_on_somebody"
                    ),
                ],
            },
        ),
    ]
