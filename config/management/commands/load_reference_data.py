from django.core.management.base import BaseCommand

from accounts import consent_text_loading
from challenges import loading


class Command(BaseCommand):
    help = "Loads the challenge catalogue and the consent texts from files; idempotent."

    def handle(self, *_args: object, **_options: object) -> None:
        self.stdout.write(f"Challenges offered: {loading.load_catalogue()}.")
        self.stdout.write(f"Current consent text: {consent_text_loading.load_consent_texts()}.")
