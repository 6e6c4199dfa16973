import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Renames the model and two fields in Django's state only; the table and its columns keep their names."""

    dependencies = [
        ("api", "0001_kept_answers"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RenameModel(old_name="KeptAnswer", new_name="IdempotentResponse"),
                migrations.AlterModelTable(name="idempotentresponse", table="api_keptanswer"),
                migrations.RenameField(
                    model_name="idempotentresponse", old_name="asked", new_name="fingerprint"
                ),
                migrations.AlterField(
                    model_name="idempotentresponse",
                    name="fingerprint",
                    field=models.CharField(db_column="asked", max_length=64),
                ),
                migrations.RenameField(
                    model_name="idempotentresponse", old_name="kept_at", new_name="stored_at"
                ),
                migrations.AlterField(
                    model_name="idempotentresponse",
                    name="stored_at",
                    field=models.DateTimeField(db_column="kept_at", default=django.utils.timezone.now),
                ),
                migrations.AlterField(
                    model_name="idempotentresponse",
                    name="person",
                    field=models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="idempotent_responses",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
    ]
