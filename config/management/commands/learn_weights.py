from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from recommendations.evaluation import weight_report
from recommendations.learning import training, weights
from recommendations.models import WeightSet


class Command(BaseCommand):
    help = "Learns trait weights from viewers' reports and promotes them if they perform better."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--only-try", action="store_true", help="store the result without promoting it")
        parser.add_argument("--roll-back", action="store_true", help="return to the previous weights")

    def handle(self, *_args: object, only_try: bool, roll_back: bool, **_options: object) -> None:
        if roll_back:
            self._roll_back()
            return
        learned = training.train_weights(now=timezone.now(), promote=not only_try)
        for line in weight_report.report_lines(learned):
            self.stdout.write(line)

    def _roll_back(self) -> None:
        current = WeightSet.objects.in_use().first()
        if current is None:
            raise CommandError("Already on the prior; nothing to roll back to.")
        weights.roll_back_weights(current, by="learn_weights", now=timezone.now())
        previous_pk = WeightSet.objects.in_use().values_list("pk", flat=True).first()
        self.stdout.write(f"Rolled back {current.version}; now using {weights.weights_version(previous_pk)}.")
