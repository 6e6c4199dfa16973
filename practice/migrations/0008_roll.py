from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("practice", "0007_slates_that_go_nearer")]

    operations = [
        migrations.CreateModel(
            name="Roll",
            fields=[
                ("name", models.CharField(max_length=40, primary_key=True, serialize=False)),
                (
                    "enrolled",
                    models.BigIntegerField(help_text="the newest change of the catalogue that is on it"),
                ),
            ],
        ),
    ]
