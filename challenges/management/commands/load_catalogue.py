from django.core.management.base import BaseCommand

from challenges import loading


class Command(BaseCommand):
    help = "Loads the challenge catalogue from challenges/catalogue/*.toml; safe to run again."

    def handle(self, *_args: object, **_options: object) -> None:
        self.stdout.write(f"{loading.load()} challenges are offered.")
