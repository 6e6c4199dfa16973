from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("stories", "0002_remember_the_poster"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="story",
            index=GinIndex(SearchVector("title", config="english"), name="stories_by_the_words_of_title"),
        ),
    ]
