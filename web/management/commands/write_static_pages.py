"""Write the crisis page and the error pages as files, for a web server that answers when the application cannot."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from web.crisis import render_help_page
from web.error_pages import ERROR_PAGES, render_error_page


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
        (folder / "help-now.html").write_text(render_help_page(), encoding="utf-8")
        for trouble in ERROR_PAGES.values():
            (folder / f"{trouble.status}.html").write_text(render_error_page(trouble), encoding="utf-8")
        self.stdout.write(f"{1 + len(ERROR_PAGES)} pages in {folder}")
