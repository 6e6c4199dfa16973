"""Browsers of the named people, and what their pages say."""

import re
import time
from html import unescape
from typing import Any

from allauth.mfa import app_settings
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.test import Client

from accounts.models import User

SUMMARY_LINE_PATTERN = re.compile(r'<li>(?:<a href="(?P<target>[^"]*)">)?(?P<words>[^<]*)')


def logged_in_client(person: User) -> Client:
    browser = Client()
    browser.force_login(person)
    return browser


def error_summary_of(answer: Any) -> dict[str, str]:
    """Return the lines of the summary on top of a refused form: where each leads, and its words."""
    shown = answer.content.decode()
    _, _, rest = shown.partition('class="error-summary"')
    summary, _, _ = rest.partition("</ul>")
    found = SUMMARY_LINE_PATTERN.finditer(summary)
    return {one["target"] or "": unescape(one["words"]) for one in found}


def enrol_second_factor(person: User) -> str:
    """Give somebody an authenticator app, and return the secret in it."""
    secret = str(generate_totp_secret())
    TOTP.activate(person, secret)
    return secret


def reviewer_client(person: User) -> Client:
    """Return the browser of a reviewer who has shown their second factor, as the page asks for it."""
    browser = logged_in_client(person)
    secret = enrol_second_factor(person)
    code = format_hotp_value(hotp_value(secret, int(time.time()) // app_settings.TOTP_PERIOD))
    answer = browser.post("/accounts/2fa/reauthenticate/", {"code": code})
    assert answer.status_code == 302, "the code was not taken"
    return browser
