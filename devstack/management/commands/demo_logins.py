from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from devstack.demo import cast


class Command(BaseCommand):
    help = "Prints one login for each role of the demonstration, with the codes that are good right now."

    def handle(self, *_args: object, **_options: object) -> None:
        if not settings.DEMO:
            raise CommandError("This is not a demonstration: SAMEBOAT_DEMO is false.")
        cast.create_demo_people()
        self.stdout.write(f"Logins, all with the password {cast.DEMO_PASSWORD}")
        for login in cast.DEMO_LOGINS:
            line = f"  {login.email:<22} {login.description}"
            if login.role is not None:
                person = User.objects.get(email=login.email)
                line += f" (code now: {cast.current_totp_code(person)})"
            self.stdout.write(line)
        self.stdout.write("A code is good for half a minute; `make code` prints fresh ones.")
