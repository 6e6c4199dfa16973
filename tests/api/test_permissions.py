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
def session_token(people: NamedPeople) -> str:
    """The session token of mo after login with password and authenticator app."""
    enrol_second_factor(people.mo)
    client = APIClient()
    first = client.post(LOGIN, {"email": people.mo.email, "password": PASSWORD}, format="json")
    assert first.status_code == 401
    pending_token: str = first.json()["meta"]["session_token"]
    second = client.post(
        "/_allauth/app/v1/auth/2fa/authenticate",
        {"code": current_code()},
        format="json",
        headers={"X-Session-Token": pending_token},
    )
    assert second.status_code == 200, second.content
    token: str = second.json()["meta"].get("session_token", pending_token)
    return token


def test_a_session_token_with_a_second_factor_allows_reviewing(
    as_nobody: APIClient, session_token: str
) -> None:
    assert Authenticator.objects.count() == 1
    assert get_adapter() is not None
    assert as_nobody.get("/api/v1/review", headers={"X-Session-Token": session_token}).status_code == 200


def test_the_second_factor_counts_only_in_its_own_session(
    as_nobody: APIClient, people: NamedPeople, session_token: str
) -> None:
    client = APIClient()
    client.force_login(people.mo)
    response = client.get("/api/v1/review")
    assert (response.status_code, response.json()["code"]) == (403, "second_factor")


def test_a_revoked_session_token_is_rejected(as_nobody: APIClient, session_token: str) -> None:
    headers = {"X-Session-Token": session_token}
    as_nobody.delete("/_allauth/app/v1/auth/session", headers=headers)
    assert as_nobody.get("/api/v1/review", headers=headers).status_code == 401


def test_a_change_without_a_csrf_token_is_rejected(people: NamedPeople) -> None:
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(people.ana)
    response = client.put("/api/v1/profile", {"country": "GB"}, format="json")
    assert (response.status_code, response.json()["code"]) == (403, "not_allowed")
