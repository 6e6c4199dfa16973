"""Django test clients of users, and parsing of error summaries."""

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
    client = Client()
    client.force_login(person)
    return client


def error_summary_of(response: Any) -> dict[str, str]:
    """Return the error summary of a response: message by link target."""
    html = response.content.decode()
    _, _, rest = html.partition('class="error-summary"')
    summary, _, _ = rest.partition("</ul>")
    lines = SUMMARY_LINE_PATTERN.finditer(summary)
    return {line["target"] or "": unescape(line["words"]) for line in lines}


def enrol_second_factor(person: User) -> str:
    """Activate an authenticator app and return its secret."""
    secret = str(generate_totp_secret())
    TOTP.activate(person, secret)
    return secret


def reviewer_client(person: User) -> Client:
    """Return a client with a verified second factor."""
    client = logged_in_client(person)
    secret = enrol_second_factor(person)
    code = format_hotp_value(hotp_value(secret, int(time.time()) // app_settings.TOTP_PERIOD))
    response = client.post("/accounts/2fa/reauthenticate/", {"code": code})
    assert response.status_code == 302, "the code was not taken"
    return client
