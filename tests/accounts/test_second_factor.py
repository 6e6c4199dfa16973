import time
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.sessions.backends.db import SessionStore

from accounts.models import User
from accounts.second_factor import has_second_factor, is_second_factor_verified


def session_with_records(user: User, *records: dict[str, Any]) -> SessionStore:
    session = SessionStore()
    session["account_authentication_methods"] = list(records)
    session["account_authentication_methods_user"] = str(user.pk)
    return session


def test_a_user_has_a_second_factor_once_an_authenticator_is_active(ana: User) -> None:
    assert not has_second_factor(ana)
    TOTP.activate(ana, "JBSWY3DPEHPK3PXP")
    assert has_second_factor(ana)


@pytest.mark.parametrize(
    ("methods", "verified"), [([], False), (["password"], False), (["password", "mfa"], True)]
)
def test_only_an_mfa_record_of_the_session_verifies(ana: User, methods: list[str], *, verified: bool) -> None:
    records = [{"method": method, "at": time.time()} for method in methods]
    assert is_second_factor_verified(session_with_records(ana, *records), ana) is verified


def test_records_of_another_user_do_not_verify(ana: User, sam: User) -> None:
    session = session_with_records(sam, {"method": "mfa", "at": time.time()})
    assert not is_second_factor_verified(session, ana)
