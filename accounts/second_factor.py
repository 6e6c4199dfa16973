"""Whether a user has a second factor, and whether it was used in a session."""

from dataclasses import dataclass

from allauth.account.authentication import get_authentication_records
from allauth.mfa.utils import is_mfa_enabled
from django.contrib.sessions.backends.base import SessionBase
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from domain_errors.categories import ForbiddenError


class SecondFactorRequired(ForbiddenError):
    """The user's role requires a second factor, and it was not used in this session."""

    code = "second_factor"
    message = _("This requires a second factor. Set one up, then sign in with it.")


@dataclass(frozen=True)
class _SessionHolder:
    """The part of a request that allauth reads the authentication records from."""

    session: SessionBase


def has_second_factor(user: User) -> bool:
    return bool(is_mfa_enabled(user))


def is_second_factor_verified(session: SessionBase, user: User) -> bool:
    records = get_authentication_records(_SessionHolder(session), user)
    return any(record.get("method") == "mfa" for record in records)
