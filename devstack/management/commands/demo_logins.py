from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from devstack.demo import cast


class Command(BaseCommand):
    help = "Prints the demonstration logins, one per role, with their current second-factor codes."

    def handle(self, *_args: object, **_options: object) -> None:
        if not settings.DEMO:
            raise CommandError("Demonstration mode is off: SAMEBOAT_DEMO is false.")
        cast.create_demo_people()
        self.stdout.write(f"Logins (the password is always {cast.DEMO_PASSWORD})")
        for login in cast.DEMO_LOGINS:
            line = f"  {login.email:<22} {login.description}"
            if login.role is not None:
                person = User.objects.get(email=login.email)
                line += f" (code now: {cast.current_totp_code(person)})"
            self.stdout.write(line)
        self.stdout.write("Codes are valid for 30 seconds; `make code` prints new ones.")
