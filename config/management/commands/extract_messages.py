from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Prints the translatable messages of a domain as a .pot file; needs the development packages."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("domain", choices=["django", "djangojs"])

    def handle(self, *_args: Any, domain: str, **_options: Any) -> None:
        from config.message_extraction import catalogue_text  # Babel is installed for development only

        self.stdout.write(catalogue_text(domain), ending="")
