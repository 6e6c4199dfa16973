from django.core.management.base import BaseCommand

from practice import enrolling, warming


class Command(BaseCommand):
    help = (
        "Brings the roll from which stories are chosen up to date, drops what earlier releases left, and compiles"
        " the search, so that no web process has to."
    )

    def handle(self, *_args: object, **_options: object) -> None:
        enrolling.catch_up()
        enrolling.forget_old()
        warming.compile_search()
