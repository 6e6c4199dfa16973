import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    """Changes labels and removes help texts in the state only; the tables stay as they are."""

    dependencies = [
        ("stories", "0004_hidden_faces_and_changed_voices"),
    ]

    operations = [
        migrations.AlterField(
            model_name="story",
            name="change_voice",
            field=models.BooleanField(default=False),
        ),
        migrations.AlterField(
            model_name="story",
            name="held",
            field=models.BooleanField(default=False, editable=False),
        ),
        migrations.AlterField(
            model_name="story",
            name="hidden",
            field=models.BooleanField(default=False),
        ),
        migrations.AlterField(
            model_name="story",
            name="hide_faces",
            field=models.BooleanField(default=False),
        ),
        migrations.AlterField(
            model_name="story",
            name="made_up",
            field=models.BooleanField(default=False),
        ),
        migrations.AlterField(
            model_name="story",
            name="outcome",
            field=models.CharField(
                choices=[
                    ("unresolved", "Not there yet"),
                    ("partial", "Part of the way"),
                    ("reached", "Got there"),
                ],
                default="reached",
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="story",
            name="poster",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AlterField(
            model_name="story",
            name="state",
            field=models.CharField(
                choices=[
                    ("draft", "Draft"),
                    ("preparing", "Being prepared"),
                    ("in_review", "Waiting for review"),
                    ("changes_requested", "Changes requested"),
                    ("published", "Published"),
                    ("declined", "Declined"),
                    ("withdrawn", "Withdrawn"),
                    ("removed", "Removed"),
                ],
                default="draft",
                editable=False,
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="story",
            name="strategies",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[
                        ("small_steps", "Smaller steps"),
                        ("rehearse", "Rehearsing"),
                        ("write_it_down", "Writing it down"),
                        ("ask_someone", "Asking someone"),
                        ("change_the_place", "Changing the place"),
                        ("set_a_time", "Setting a time"),
                        ("notice_the_body", "Noticing my body"),
                        ("forgive_a_slip", "Forgiving a slip"),
                        ("get_information", "Getting information"),
                        ("reward", "A small reward"),
                    ],
                    max_length=30,
                ),
                blank=True,
                default=list,
                size=None,
            ),
        ),
        migrations.AlterField(
            model_name="storyevent",
            name="new",
            field=models.CharField(
                choices=[
                    ("draft", "Draft"),
                    ("preparing", "Being prepared"),
                    ("in_review", "Waiting for review"),
                    ("changes_requested", "Changes requested"),
                    ("published", "Published"),
                    ("declined", "Declined"),
                    ("withdrawn", "Withdrawn"),
                    ("removed", "Removed"),
                ],
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="storyevent",
            name="old",
            field=models.CharField(
                choices=[
                    ("draft", "Draft"),
                    ("preparing", "Being prepared"),
                    ("in_review", "Waiting for review"),
                    ("changes_requested", "Changes requested"),
                    ("published", "Published"),
                    ("declined", "Declined"),
                    ("withdrawn", "Withdrawn"),
                    ("removed", "Removed"),
                ],
                max_length=20,
            ),
        ),
    ]
