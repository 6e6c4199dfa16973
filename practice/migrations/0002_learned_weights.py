from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("practice", "0001_slates_viewings_and_steps")]

    operations = [
        migrations.CreateModel(
            name="WeightSet",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("weights", models.JSONField()),
                (
                    "verdict",
                    models.CharField(
                        choices=[
                            ("too_few", "Too few viewers to say"),
                            ("not_better", "Not shown to be better"),
                            ("better", "Better on viewers left out"),
                        ],
                        max_length=12,
                    ),
                ),
                ("report", models.JSONField()),
                ("learned_at", models.DateTimeField()),
                ("promoted_at", models.DateTimeField(blank=True, null=True)),
                ("rolled_back_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("verdict__in", ["too_few", "not_better", "better"])),
                        name="verdict_on_weights_is_a_known_one",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("promoted_at", None), ("verdict", "better"), _connector="OR"),
                        name="only_weights_found_better_are_promoted",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("rolled_back_at", None), ("promoted_at__isnull", False), _connector="OR"
                        ),
                        name="only_promoted_weights_are_rolled_back",
                    ),
                ],
            },
        ),
    ]
