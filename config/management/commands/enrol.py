from django.core.management.base import BaseCommand

from recommendations.index import search_table


class Command(BaseCommand):
    help = (
        "Brings the roll from which stories are chosen up to date, so that no viewer waits for it, and drops those"
        " that earlier releases left."
    )

    def handle(self, *_args: object, **_options: object) -> None:
        search_table.sync_search_table()
        search_table.drop_old_tables()
