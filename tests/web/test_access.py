import time

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.test import Client

from accounts.models import User
from tests.people import PASSWORD
from tests.web.clients import enrol_second_factor, logged_in_client, reviewer_client
from tests.web.html_pages import parse_page

pytestmark = pytest.mark.django_db


def test_review_pages_answer_404_without_the_role(ana: User) -> None:
    assert logged_in_client(ana).get("/review/").status_code == 404


def test_anonymous_user_is_redirected_to_login() -> None:
    assert Client().get("/review/")["Location"] == "/accounts/login/?next=/review/"


def test_reviewer_without_second_factor_is_redirected_to_setup(mo: User) -> None:
    client = Client()
    client.post("/accounts/login/", {"login": mo.email, "password": PASSWORD})
    client.force_login(mo)
    response = client.get("/review/")
    assert response["Location"] == "/accounts/2fa/totp/activate/"


def test_reviewer_is_asked_for_the_second_factor_once_per_session(mo: User) -> None:
    enrol_second_factor(mo)
    response = logged_in_client(mo).get("/review/", follow=True)
    assert response.redirect_chain[-1][0] == "/accounts/2fa/reauthenticate/?next=%2Freview%2F"
    assert parse_page(response.content).headings == ["Confirm it is you"]


def test_reviewer_with_verified_second_factor_is_admitted(mo: User) -> None:
    assert reviewer_client(mo).get("/review/").status_code == 200


def test_wrong_code_does_not_verify_the_second_factor(mo: User) -> None:
    secret = enrol_second_factor(mo)
    client = logged_in_client(mo)
    long_ago = format_hotp_value(hotp_value(secret, int(time.time()) // 30 - 100))
    client.post("/accounts/2fa/reauthenticate/", {"code": long_ago})
    assert client.get("/review/").status_code == 302
