from django.db import migrations, models


class Migration(migrations.Migration):
    """Changes labels and removes help texts in the state only; the tables stay as they are."""

    dependencies = [
        ("moderation", "0001_claims_decisions_and_notices"),
    ]

    operations = [
        migrations.AlterField(
            model_name="claim",
            name="ending",
            field=models.CharField(
                blank=True,
                choices=[
                    ("decided", "Decided"),
                    ("released", "Released"),
                    ("skipped", "Skipped"),
                    ("expired", "Expired"),
                ],
                editable=False,
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="decision",
            name="rubric",
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.AlterField(
            model_name="decision",
            name="verdict",
            field=models.CharField(
                choices=[
                    ("approve", "Approve"),
                    ("changes", "Ask for changes"),
                    ("decline", "Decline"),
                    ("escalate", "Escalate"),
                ],
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="decision",
            name="version",
            field=models.PositiveIntegerField(),
        ),
    ]
