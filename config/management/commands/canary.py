import time

from django.core.management.base import BaseCommand, CommandError, CommandParser

from jobs.models import JobState
from media import canary

POLL_SECONDS = 0.25  # seconds


class Command(BaseCommand):
    help = "Sends a small recording all the way through the running workers and says whether it arrived."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--patience", type=float, default=180, help="seconds to wait for it (180)")

    def handle(self, *_args: object, patience: float, **_options: object) -> None:
        began = time.monotonic()
        job = canary.enqueue_canary()
        while not job.is_finished:
            if time.monotonic() - began > patience:
                raise CommandError(f"It is still under way after {patience:g} s: {job.stage or 'not begun'}.")
            time.sleep(POLL_SECONDS)
            job.refresh_from_db()
        if job.state != JobState.DONE:
            raise CommandError(f"It did not arrive: {job.reason}")
        self.stdout.write(f"It arrived after {time.monotonic() - began:.1f} s.")
