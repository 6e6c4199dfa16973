from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from recommendations.evaluation import weight_report
from recommendations.learning import training, weights
from recommendations.models import WeightSet


class Command(BaseCommand):
    help = "Learns from what viewers reported how much each trait counts, and uses it if it proves better."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--only-try", action="store_true", help="keep the outcome, but change nothing")
        parser.add_argument("--roll-back", action="store_true", help="go back to what was in use before")

    def handle(self, *_args: object, only_try: bool, roll_back: bool, **_options: object) -> None:
        if roll_back:
            self._roll_back()
            return
        learned = training.train_weights(now=timezone.now(), promote=not only_try)
        for line in weight_report.report_lines(learned):
            self.stdout.write(line)

    def _roll_back(self) -> None:
        using = WeightSet.objects.in_use().first()
        if using is None:
            raise CommandError("The prior is in use; there is nothing behind it.")
        weights.roll_back_weights(using, by="learn_weights", now=timezone.now())
        left = WeightSet.objects.in_use().values_list("pk", flat=True).first()
        self.stdout.write(f"{using.version} is rolled back; {weights.weights_version(left)} is in use.")
