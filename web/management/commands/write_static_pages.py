"""Write the crisis page and the error pages as files, for a web server that answers when the application cannot."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from web.crisis import help_page
from web.errors import TROUBLES, page_for


class Command(BaseCommand):
    help = (
        "Writes help-now.html and an <status>.html for each error into a folder (default: STATIC_ROOT/pages)."
    )
    # An image is built where nothing can be decoded and no database answers; this needs neither.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", nargs="?", type=Path, default=Path(settings.STATIC_ROOT) / "pages")

    def handle(self, *_args: Any, folder: Path, **_options: Any) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "help-now.html").write_text(help_page(), encoding="utf-8")
        for trouble in TROUBLES.values():
            (folder / f"{trouble.status}.html").write_text(page_for(trouble), encoding="utf-8")
        self.stdout.write(f"{1 + len(TROUBLES)} pages in {folder}")
