import hashlib
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand

from config import npm_static


class Command(BaseCommand):
    help = "Collects static files unless none has changed."
    # Runs while the image is built, without ffmpeg sandbox or database.
    requires_system_checks = ()

    def handle(self, *_args: object, **_options: object) -> None:
        stamp = Path(settings.VAR) / "static-files.sha256"
        digest = static_files_digest()
        if stamp.exists() and stamp.read_text() == digest and Path(settings.STATIC_ROOT).is_dir():
            self.stdout.write("Static files are unchanged.")
            return
        call_command(
            "collectstatic",
            interactive=False,
            clear=True,
            ignore_patterns=npm_static.IGNORE_PATTERNS,
            verbosity=0,
        )
        stamp.write_text(digest)
        self.stdout.write("Collected static files.")


def static_files_digest() -> str:
    """SHA-256 over path, size and modification time of every static file."""
    lines = []
    for finder in get_finders():
        for path, storage in finder.list(npm_static.IGNORE_PATTERNS):
            file_stat = Path(storage.path(path)).stat()
            lines.append(f"{storage.path(path)} {file_stat.st_size} {file_stat.st_mtime_ns}")
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()
