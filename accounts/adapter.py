"""How people come in: the hooks that django-allauth offers for our rules."""

from allauth.account.adapter import DefaultAccountAdapter


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth carries no types
    """Accounts are an address and a password; no name is asked for or kept."""

    def populate_username(self, request: object, user: object) -> None:
        """Leave the user name alone: there is none."""
