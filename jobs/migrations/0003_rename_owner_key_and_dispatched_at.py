from django.db import migrations, models


class Migration(migrations.Migration):
    """Renames two fields; the columns keep their names, so no SQL runs."""

    dependencies = [
        ("jobs", "0002_turns_by_person"),
    ]

    operations = [
        migrations.AlterField(
            model_name="job",
            name="whose",
            field=models.CharField(
                blank=True, db_column="whose", help_text="id of the user the job is for", max_length=64
            ),
        ),
        migrations.RenameField(model_name="job", old_name="whose", new_name="owner_key"),
        migrations.AlterField(
            model_name="job",
            name="rung_at",
            field=models.DateTimeField(blank=True, db_column="rung_at", null=True),
        ),
        migrations.RenameField(model_name="job", old_name="rung_at", new_name="dispatched_at"),
    ]
