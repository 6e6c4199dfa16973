from django.db import migrations


class Migration(migrations.Migration):
    """Hands the tables of the learned figures to the recommendations app; changes no table."""

    dependencies = [("practice", "0008_roll")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.DeleteModel("WeightSet"),
                migrations.DeleteModel("Appraisal"),
                migrations.DeleteModel("Benefit"),
                migrations.DeleteModel("StoryTexts"),
                migrations.DeleteModel("Roll"),
            ],
        ),
    ]
