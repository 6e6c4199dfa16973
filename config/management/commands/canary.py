import time

from django.core.management.base import BaseCommand, CommandError, CommandParser

from jobs.models import JobState
from media import canary

POLL_SECONDS = 0.25


class Command(BaseCommand):
    help = "Processes a small test recording with the running workers and reports whether it succeeded."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--patience", type=float, default=180, help="timeout in seconds (180)")

    def handle(self, *_args: object, patience: float, **_options: object) -> None:
        started_at = time.monotonic()
        job = canary.enqueue_canary()
        while not job.is_finished:
            if time.monotonic() - started_at > patience:
                raise CommandError(f"Not finished after {patience:g} s; stage: {job.stage or 'not started'}.")
            time.sleep(POLL_SECONDS)
            job.refresh_from_db()
        if job.state != JobState.DONE:
            raise CommandError(f"The canary failed: {job.reason}")
        self.stdout.write(f"The canary succeeded in {time.monotonic() - started_at:.1f} s.")
