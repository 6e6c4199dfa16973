from django.core.management.base import BaseCommand, CommandError

from audit import trail
from audit.models import Event


class Command(BaseCommand):
    help = "Verifies the hash chain of the audit trail."

    def handle(self, *_args: object, **_options: object) -> None:
        chain_break = next(iter(trail.find_chain_breaks()), None)
        if chain_break is not None:
            raise CommandError(f"Event {chain_break.event_id}: {chain_break.problem}.")
        self.stdout.write(f"Audit trail intact: {Event.objects.count()} events verified.")
