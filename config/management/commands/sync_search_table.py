from django.core.management.base import BaseCommand

from recommendations.index import search_table


class Command(BaseCommand):
    help = "Updates the search table before the first request, and drops the tables of earlier releases."

    def handle(self, *_args: object, **_options: object) -> None:
        search_table.sync_search_table()
        search_table.drop_old_tables()
