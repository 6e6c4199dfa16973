"""Writes the crisis page and the error pages to files, for the web server in front of the application."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import translation

from web.crisis import render_help_page
from web.error_pages import ERROR_PAGES, render_error_page


class Command(BaseCommand):
    help = (
        "Writes help-now.html and <status>.html for each error into a folder (default: STATIC_ROOT/pages) in the "
        "default language, and into a subfolder for each language."
    )
    # Runs while an image is built, without a database and without ffmpeg.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", nargs="?", type=Path, default=Path(settings.STATIC_ROOT) / "pages")

    def handle(self, *_args: Any, folder: Path, **_options: Any) -> None:
        languages = [code for code, _name in settings.LANGUAGES]
        written = _write_pages(folder, settings.LANGUAGE_CODE)
        for language in languages:
            written += _write_pages(folder / language, language)
        self.stdout.write(f"{written} pages in {folder}")


def _write_pages(folder: Path, language: str) -> int:
    """Return the number of pages written."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "help-now.html").write_text(render_help_page(language), encoding="utf-8")
    with translation.override(language):
        for error_page in ERROR_PAGES.values():
            (folder / f"{error_page.status}.html").write_text(render_error_page(error_page), encoding="utf-8")
    return 1 + len(ERROR_PAGES)
