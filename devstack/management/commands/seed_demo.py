import logging

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from devstack.demo import seeding


class Command(BaseCommand):
    help = (
        "Fills the demonstration through the real pipeline; needs a running worker; goes on where it stopped."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--at-most", type=int, help="tell only so many stories")

    def handle(self, *_args: object, at_most: int | None = None, **_options: object) -> None:
        if not settings.DEMO:
            raise CommandError("This is not a demonstration: SAMEBOAT_DEMO is false.")
        logging.getLogger("devstack.demo").setLevel(logging.INFO)
        seeding.seed_demo_stories(at_most=at_most)
        self.stdout.write("The demonstration is filled.")
