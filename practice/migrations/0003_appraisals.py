from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("practice", "0002_learned_weights")]

    operations = [
        migrations.CreateModel(
            name="Appraisal",
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
            options={"ordering": ("-at", "-pk")},
        ),
    ]
