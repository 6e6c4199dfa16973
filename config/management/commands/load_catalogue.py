from django.core.management.base import BaseCommand

from accounts import consent_texts
from challenges import loading


class Command(BaseCommand):
    help = "Loads the challenge catalogue and the consent texts from their files; safe to run again."

    def handle(self, *_args: object, **_options: object) -> None:
        self.stdout.write(f"{loading.load_catalogue()} challenges are offered.")
        self.stdout.write(f"Consent text {consent_texts.load_consent_texts()} is the current one.")
