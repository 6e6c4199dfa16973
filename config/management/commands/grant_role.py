from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import roles
from accounts.models import Role, User


class Command(BaseCommand):
    help = "Grants a role to a user, or revokes it with --revoke; recorded in the audit trail."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("role", choices=Role.values)
        parser.add_argument("--revoke", action="store_true")

    def handle(self, *_args: object, email: str, role: str, revoke: bool, **_options: object) -> None:
        person = User.objects.filter(email=email.lower()).first()
        if person is None:
            raise CommandError(f"No account with the address {email}.")
        update_role = roles.revoke_role if revoke else roles.grant_role
        changed = update_role(person, Role(role), by="grant_role")
        self.stdout.write("Done." if changed else "No change needed.")
