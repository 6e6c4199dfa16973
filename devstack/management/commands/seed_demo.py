import logging

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from devstack.demo import seeding


class Command(BaseCommand):
    help = "Creates the demonstration stories through the real pipeline. Needs a running worker; resumes after an interruption."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--at-most", type=int, help="maximum number of stories")

    def handle(self, *_args: object, at_most: int | None = None, **_options: object) -> None:
        if not settings.DEMO:
            raise CommandError("Demonstration mode is off: SAMEBOAT_DEMO is false.")
        logging.getLogger("devstack.demo").setLevel(logging.INFO)
        seeding.seed_demo_stories(at_most=at_most)
        self.stdout.write("The demonstration stories are complete.")
