from django.core.management import call_command
from django.core.management.base import BaseCommand

from media import canary


class Command(BaseCommand):
    help = (
        "Brings database, catalogue and static files up to date; to be run before each start, safe to repeat."
    )

    def handle(self, *_args: object, **_options: object) -> None:
        # A good recording has to pass the gate and a disguised playlist must not, before anybody may upload.
        call_command("check", deploy=True, tags=["media"], stdout=self.stdout)
        call_command("migrate", interactive=False, verbosity=1, stdout=self.stdout)
        call_command("load_catalogue", stdout=self.stdout)
        call_command("enrol", stdout=self.stdout)
        call_command("collect", stdout=self.stdout)
        call_command("write_static_pages", stdout=self.stdout)
        # The first worker to come up shows whether recordings get through; until then /healthz says "unknown".
        canary.enqueue_canary()
