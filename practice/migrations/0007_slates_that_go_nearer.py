from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("practice", "0006_benefit_by_rung"),
    ]

    operations = [
        migrations.AddField(
            model_name="slate",
            name="nearer",
            field=models.BooleanField(
                default=False, help_text="confidence had fallen twice: coping stories a step ahead only"
            ),
        ),
    ]
