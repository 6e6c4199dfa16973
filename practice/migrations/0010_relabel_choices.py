from django.db import migrations, models


class Migration(migrations.Migration):
    """Changes labels and removes help texts in the state only; the tables stay as they are."""

    dependencies = [
        ("practice", "0009_move_learned_figures"),
    ]

    operations = [
        migrations.AlterField(
            model_name="attempt",
            name="attribution",
            field=models.CharField(
                blank=True,
                choices=[
                    ("strategy", "The way I went about it"),
                    ("effort", "How much effort I put in"),
                    ("circumstances", "What was going on around me"),
                    ("ability", "What I am able to do"),
                ],
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="attempt",
            name="went",
            field=models.CharField(
                choices=[
                    ("done", "I did it"),
                    ("partly", "I did part of it"),
                    ("not_yet", "Not yet"),
                    ("did_not_work", "I tried, but it did not work"),
                ],
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="slate",
            name="arm",
            field=models.CharField(
                choices=[
                    ("matched", "Selected by similarity"),
                    ("random", "Selected at random from the eligible stories"),
                    ("scarce", "All eligible stories, from fewer than three tellers"),
                ],
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="slate",
            name="eligible",
            field=models.PositiveIntegerField(),
        ),
        migrations.AlterField(
            model_name="slate",
            name="nearer",
            field=models.BooleanField(default=False),
        ),
        migrations.AlterField(
            model_name="slate",
            name="refused",
            field=models.JSONField(default=dict),
        ),
        migrations.AlterField(
            model_name="slateitem",
            name="differs",
            field=models.JSONField(default=list),
        ),
        migrations.AlterField(
            model_name="slateitem",
            name="shared",
            field=models.JSONField(default=list),
        ),
        migrations.AlterField(
            model_name="viewing",
            name="like_me",
            field=models.PositiveSmallIntegerField(blank=True, null=True),
        ),
    ]
