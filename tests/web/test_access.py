import time

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.test import Client

from accounts.models import User
from tests.people import PASSWORD
from tests.web.clients import enrol_second_factor, logged_in_client, reviewer_client
from tests.web.html_pages import parse_page

pytestmark = pytest.mark.django_db


def test_to_others_the_review_pages_do_not_exist(ana: User) -> None:
    assert logged_in_client(ana).get("/review/").status_code == 404


def test_a_visitor_is_asked_to_log_in() -> None:
    assert Client().get("/review/")["Location"] == "/accounts/login/?next=/review/"


def test_a_reviewer_without_a_second_factor_is_led_to_set_one_up(mo: User) -> None:
    browser = Client()
    browser.post("/accounts/login/", {"login": mo.email, "password": PASSWORD})
    browser.force_login(mo)
    answer = browser.get("/review/")
    assert answer["Location"] == "/accounts/2fa/totp/activate/"


def test_a_reviewer_who_has_not_used_it_in_this_session_is_asked_for_it(mo: User) -> None:
    enrol_second_factor(mo)
    answer = logged_in_client(mo).get("/review/", follow=True)
    assert answer.redirect_chain[-1][0] == "/accounts/2fa/reauthenticate/?next=%2Freview%2F"
    assert parse_page(answer.content).headings == ["Confirm it is you"]


def test_a_reviewer_who_has_is_let_in(mo: User) -> None:
    assert reviewer_client(mo).get("/review/").status_code == 200


def test_a_wrong_code_opens_nothing(mo: User) -> None:
    secret = enrol_second_factor(mo)
    browser = logged_in_client(mo)
    long_ago = format_hotp_value(hotp_value(secret, int(time.time()) // 30 - 100))
    browser.post("/accounts/2fa/reauthenticate/", {"code": long_ago})
    assert browser.get("/review/").status_code == 302
