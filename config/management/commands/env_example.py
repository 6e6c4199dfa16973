from django.core.management.base import BaseCommand

from config import env


class Command(BaseCommand):
    help = "Generates .env.example from the settings."

    def handle(self, *_args: object, **_options: object) -> None:
        self.stdout.write(env.render_env_example(), ending="")
