import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Changes labels, names and help texts in the state only; the tables stay as they are."""

    dependencies = [("recommendations", "0001_learned_figures")]

    operations = [
        migrations.AlterField(
            model_name="weightset",
            name="verdict",
            field=models.CharField(
                choices=[
                    ("too_few", "Too few viewers to tell"),
                    ("not_better", "Not shown to be better"),
                    ("better", "Better for held-out viewers"),
                ],
                max_length=12,
            ),
        ),
        migrations.AlterField(
            model_name="storyeffect",
            name="story",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="effects", to="stories.story"
            ),
        ),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RenameField(
                    model_name="searchtablestate", old_name="enrolled", new_name="catalogue_version"
                ),
                migrations.AlterField(
                    model_name="searchtablestate",
                    name="catalogue_version",
                    field=models.BigIntegerField(db_column="enrolled"),
                ),
            ],
            database_operations=[],
        ),
    ]
