import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Takes over tables that migrations of practice created; changes no table."""

    initial = True

    dependencies = [
        ("practice", "0009_move_learned_figures"),
        ("stories", "0004_hidden_faces_and_changed_voices"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name="EvaluationRun",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("at", models.DateTimeField()),
                        ("since", models.DateTimeField()),
                        ("figures", models.JSONField()),
                    ],
                    options={
                        "db_table": "practice_appraisal",
                        "ordering": ("-at", "-pk"),
                    },
                ),
                migrations.CreateModel(
                    name="SearchTableState",
                    fields=[
                        ("name", models.CharField(max_length=40, primary_key=True, serialize=False)),
                        (
                            "enrolled",
                            models.BigIntegerField(
                                help_text="the newest change of the catalogue that is on it"
                            ),
                        ),
                    ],
                    options={
                        "db_table": "practice_roll",
                    },
                ),
                migrations.CreateModel(
                    name="StoryTextIndex",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("data", models.BinaryField()),
                        ("made_at", models.DateTimeField()),
                    ],
                    options={
                        "db_table": "practice_storytexts",
                    },
                ),
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
                        "db_table": "practice_weightset",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("verdict__in", ["too_few", "not_better", "better"])),
                                name="verdict_on_weights_is_a_known_one",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("promoted_at", None), ("verdict", "better"), _connector="OR"
                                ),
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
                migrations.CreateModel(
                    name="StoryEffect",
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
                        "db_table": "practice_benefit",
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("story", "present_rung"), name="one_benefit_per_rung"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("viewers__gt", 0)), name="benefit_rests_on_somebody"
                            ),
                        ],
                    },
                ),
            ],
        ),
    ]
