"""Camera and microphone: forbidden on every page but the one on which somebody records."""

import pytest
from django.test import Client

from accounts.models import User
from challenges.models import Challenge
from tests.story_factories import create_complete_draft
from tests.web.clients import logged_in_client

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("address", ["/", "/help-now", "/accounts/login/", "/api/v1/health", "/nowhere/"])
def test_a_page_may_not_ask_for_camera_and_microphone(address: str) -> None:
    rules = Client().get(address).headers["Permissions-Policy"]
    assert "camera=()" in rules
    assert "microphone=()" in rules


def test_the_page_that_records_may_and_its_neighbours_may_not(bo: User, the_conversation: Challenge) -> None:
    story, browser = create_complete_draft(bo, the_conversation), logged_in_client(bo)
    rules = browser.get(f"/tell/{story.pk}/record/").headers["Permissions-Policy"]
    assert "camera=(self)" in rules
    assert "microphone=(self)" in rules
    assert "geolocation=()" in rules
    for part in ("", "recording/", "chapters/"):
        assert "camera=()" in browser.get(f"/tell/{story.pk}/{part}").headers["Permissions-Policy"]
