from datetime import timedelta

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from practice import evaluating, figures


class Command(BaseCommand):
    help = "Judges by the log how stories were chosen, keeps the figures and prints them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--days", type=int, default=365, help="how far to look back (365)")

    def handle(self, *_args: object, days: int, **_options: object) -> None:
        now = timezone.now()
        appraisal = evaluating.appraise(now=now, since=now - timedelta(days=days))
        for section in figures.sections(appraisal):
            self.stdout.write(f"{section.title}\n  {section.words}")
            for row in section.rows:
                self.stdout.write(f"    {row.name}: {row.value}")
