from datetime import timedelta

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from recommendations.evaluation import evaluate, evaluation_report


class Command(BaseCommand):
    help = "Evaluates the recommendations from the impression log, stores the report and prints it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--days", type=int, default=365, help="number of days to evaluate (365)")

    def handle(self, *_args: object, days: int, **_options: object) -> None:
        now = timezone.now()
        report = evaluate.run_evaluation(now=now, since=now - timedelta(days=days))
        for section in evaluation_report.report_sections(report):
            self.stdout.write(f"{section.title}\n  {section.description}")
            for row in section.rows:
                self.stdout.write(f"    {row.name}: {row.value}")
