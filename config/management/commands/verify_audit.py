from django.core.management.base import BaseCommand, CommandError

from audit import trail
from audit.models import Event


class Command(BaseCommand):
    help = "Reads the whole audit trail and says whether any event was changed or removed."

    def handle(self, *_args: object, **_options: object) -> None:
        broken = next(iter(trail.find_chain_breaks()), None)
        if broken is not None:
            raise CommandError(f"Event {broken.event_id}: {broken.problem}.")
        self.stdout.write(f"All {Event.objects.count()} events hold.")
