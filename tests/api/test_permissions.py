"""The second factor counts in the session in which it was shown, and the door is allauth's own."""

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from rest_framework.test import APIClient

from accounts.models import User
from tests.people import PASSWORD, NamedPeople

LOGIN = "/_allauth/app/v1/auth/login"
SECRET = "JBSWY3DPEHPK3PXP"


def enrol_second_factor(person: User) -> None:
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    TOTP.activate(person, SECRET)


def current_code() -> str:
    return str(format_hotp_value(hotp_value(SECRET, next(iter(yield_hotp_counters_from_time())))))


@pytest.fixture
def token(people: NamedPeople) -> str:
    """The session token of mo, who logged in with password and authenticator app."""
    enrol_second_factor(people.mo)
    client = APIClient()
    first = client.post(LOGIN, {"email": people.mo.email, "password": PASSWORD}, format="json")
    assert first.status_code == 401
    half: str = first.json()["meta"]["session_token"]
    second = client.post(
        "/_allauth/app/v1/auth/2fa/authenticate",
        {"code": current_code()},
        format="json",
        headers={"X-Session-Token": half},
    )
    assert second.status_code == 200, second.content
    whole: str = second.json()["meta"].get("session_token", half)
    return whole


def test_a_program_reviews_with_the_token_of_a_full_log_in(as_nobody: APIClient, token: str) -> None:
    assert Authenticator.objects.count() == 1
    assert get_adapter() is not None
    assert as_nobody.get("/api/v1/review", headers={"X-Session-Token": token}).status_code == 200


def test_a_token_of_another_session_does_not_carry_the_factor(
    as_nobody: APIClient, people: NamedPeople, token: str
) -> None:
    plain = APIClient()
    plain.force_login(people.mo)
    answer = plain.get("/api/v1/review")
    assert (answer.status_code, answer.json()["code"]) == (403, "second_factor")


def test_a_token_that_was_revoked_lets_nobody_in(as_nobody: APIClient, token: str) -> None:
    headers = {"X-Session-Token": token}
    as_nobody.delete("/_allauth/app/v1/auth/session", headers=headers)
    assert as_nobody.get("/api/v1/review", headers=headers).status_code == 401


def test_a_page_of_another_origin_cannot_change_anything(people: NamedPeople) -> None:
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(people.ana)
    answer = client.put("/api/v1/profile", {"country": "GB"}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
