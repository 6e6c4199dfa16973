import hashlib
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand

from config import npm_static


class Command(BaseCommand):
    help = "Collects the static files that pages use; does nothing when none of them changed."
    # An image is built where nothing can be decoded and no database answers; this needs neither.
    requires_system_checks = ()

    def handle(self, *_args: object, **_options: object) -> None:
        stamp = Path(settings.VAR) / "static-files.sha256"
        now = static_files_digest()
        if stamp.exists() and stamp.read_text() == now and Path(settings.STATIC_ROOT).is_dir():
            self.stdout.write("Static files are as they were.")
            return
        call_command(
            "collectstatic",
            interactive=False,
            clear=True,
            ignore_patterns=npm_static.IGNORE_PATTERNS,
            verbosity=0,
        )
        stamp.write_text(now)
        self.stdout.write("Static files are collected.")


def static_files_digest() -> str:
    """Return a digest that changes when a static file comes, goes or is edited."""
    facts = []
    for finder in get_finders():
        for path, storage in finder.list(npm_static.IGNORE_PATTERNS):
            found = Path(storage.path(path)).stat()
            facts.append(f"{storage.path(path)} {found.st_size} {found.st_mtime_ns}")
    return hashlib.sha256("\n".join(sorted(facts)).encode()).hexdigest()
