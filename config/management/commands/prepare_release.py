from django.core.management import call_command
from django.core.management.base import BaseCommand

from media import canary


class Command(BaseCommand):
    help = "Updates database, catalogue and static files. Run it before each start; idempotent."

    def handle(self, *_args: object, **_options: object) -> None:
        # Before accepting uploads, check that validation passes a good recording and rejects a disguised playlist.
        call_command("check", deploy=True, tags=["media"], stdout=self.stdout)
        call_command("migrate", interactive=False, verbosity=1, stdout=self.stdout)
        call_command("load_reference_data", stdout=self.stdout)
        call_command("sync_search_table", stdout=self.stdout)
        call_command("collect_static_if_changed", stdout=self.stdout)
        call_command("write_static_pages", stdout=self.stdout)
        # The first worker runs the canary; until then /healthz reports media processing as "unknown".
        canary.enqueue_canary()
