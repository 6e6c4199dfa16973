from django.core.management.base import BaseCommand

from accounts import consenting
from challenges import loading


class Command(BaseCommand):
    help = "Loads the challenge catalogue and the consent texts from their files; safe to run again."

    def handle(self, *_args: object, **_options: object) -> None:
        self.stdout.write(f"{loading.load()} challenges are offered.")
        self.stdout.write(f"Consent text {consenting.load()} is the current one.")
