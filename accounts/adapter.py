"""Hooks of django-allauth."""

from allauth.account.adapter import DefaultAccountAdapter


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth carries no types
    """Accounts consist of an email address and a password."""

    def populate_username(self, request: object, user: object) -> None:
        """Do nothing: users have no user name."""
