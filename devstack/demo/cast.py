"""Accounts of the demonstration: one login per role, and the fictional tellers.

TOTP secrets are derived from SECRET_KEY: stable across restarts, different on every installation.
"""

import base64
import hashlib
import hmac
import time
from dataclasses import dataclass
from functools import cache

from allauth.account.models import EmailAddress
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction

from accounts import profiles
from accounts.models import Role, RoleGrant, User
from accounts.profiles import ProfileChange

DEMO_PASSWORD = "a-quiet-harbour"  # noqa: S105  # public: printed at every start
TOTP_PERIOD_SECONDS = 30


@dataclass(frozen=True)
class DemoLogin:
    """A login with a role also needs a second factor."""

    handle: str
    description: str
    role: Role | None = None

    @property
    def email(self) -> str:
        return f"{self.handle.lower()}@demo.localhost"


DEMO_LOGINS = (
    DemoLogin("Ana", "looks for stories"),
    DemoLogin("Bo", "tells a story"),
    DemoLogin("Mo", "moderates", Role.MODERATOR),
    DemoLogin("Mia", "moderates, second person", Role.MODERATOR),
    DemoLogin("Sen", "senior moderator, handles escalated stories", Role.SENIOR),
    DemoLogin("Gus", "safeguarding lead", Role.SAFEGUARDING),
    DemoLogin("Opal", "operator", Role.OPERATOR),
)
VIEWER_TRAITS = {
    "age": 34,
    "living": "partner",
    "work_pattern": "nights",
    "has_children": "young",
    "support": "one",
    "energy": "low",
    "anxiety": "often",
    "outgoing": "quiet",
    "years_avoiding": 2,
    "tried_before": "few",
    "obstacles": ["fear_of_judgement", "time"],
    "learns_by": ["watching", "doing"],
}


@transaction.atomic
def create_demo_people() -> None:
    """Idempotent."""
    for login in DEMO_LOGINS:
        person = get_or_create_demo_person(login.handle)
        if not person.has_usable_password():
            person.password = _hashed_demo_password()
            person.save(update_fields=["password"])
        if login.role is not None:
            RoleGrant.objects.get_or_create(person=person, role=login.role)
            _enrol_second_factor(person)
    viewer = User.objects.get(email=DEMO_LOGINS[0].email)
    if not profiles.get_profile(viewer).traits:
        profiles.update_profile(
            viewer, ProfileChange(traits=VIEWER_TRAITS, matters={"work_pattern": 4, "obstacles": 2})
        )


def get_or_create_demo_person(name: str, *, display_name: str = "") -> User:
    """Return the user with a verified e-mail address; other people see `display_name`.

    Fictional tellers have no password, so these accounts cannot be used to sign in.
    """
    email = f"{name.lower()}@demo.localhost"
    person = User.objects.filter(email=email).first()
    if person is None:
        person = User.objects.create_user(email, handle=display_name or name)
        EmailAddress.objects.create(user=person, email=email, verified=True, primary=True)
    return person


@cache
def _hashed_demo_password() -> str:
    """Cached because password hashing is slow by design."""
    return make_password(DEMO_PASSWORD)


def totp_secret_for(person: User) -> str:
    """TOTP secret in base32, 160 bits."""
    key = hmac.new(settings.SECRET_KEY.encode(), f"demo-totp-{person.email}".encode(), hashlib.sha1)
    return base64.b32encode(key.digest()).decode()


def current_totp_code(person: User) -> str:
    return str(
        format_hotp_value(hotp_value(totp_secret_for(person), int(time.time()) // TOTP_PERIOD_SECONDS))
    )


def _enrol_second_factor(person: User) -> None:
    secret = get_adapter().encrypt(totp_secret_for(person))
    Authenticator.objects.get_or_create(
        user=person, type=Authenticator.Type.TOTP, defaults={"data": {"secret": secret}}
    )
