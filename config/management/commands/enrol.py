from django.core.management.base import BaseCommand

from practice import enrolling


class Command(BaseCommand):
    help = (
        "Brings the roll from which stories are chosen up to date, so that no viewer waits for it, and drops those"
        " that earlier releases left."
    )

    def handle(self, *_args: object, **_options: object) -> None:
        enrolling.catch_up()
        enrolling.forget_old()
