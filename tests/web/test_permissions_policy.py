"""Only the recorder may use camera and microphone."""

import pytest
from django.test import Client

from accounts.models import User
from challenges.models import Challenge
from tests.story_factories import create_complete_draft
from tests.web.clients import logged_in_client

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("address", ["/", "/help-now", "/accounts/login/", "/api/v1/health", "/nowhere/"])
def test_pages_deny_camera_and_microphone(address: str) -> None:
    rules = Client().get(address).headers["Permissions-Policy"]
    assert "camera=()" in rules
    assert "microphone=()" in rules


def test_only_the_recorder_allows_camera_and_microphone(bo: User, the_conversation: Challenge) -> None:
    story, client = create_complete_draft(bo, the_conversation), logged_in_client(bo)
    rules = client.get(f"/tell/{story.pk}/record/").headers["Permissions-Policy"]
    assert "camera=(self)" in rules
    assert "microphone=(self)" in rules
    assert "geolocation=()" in rules
    for part in ("", "recording/", "chapters/"):
        assert "camera=()" in client.get(f"/tell/{story.pk}/{part}").headers["Permissions-Policy"]
