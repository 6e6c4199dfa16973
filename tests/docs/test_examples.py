"""Runs the example of docs/uploading.md as a separate program against a real object store."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import requests
from allauth.account.models import EmailAddress
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from challenges.models import Challenge
from media import storage
from media.uploads import parts, s3_multipart, sessions
from stories import drafts
from stories.draft_validation import StoryDraft
from stories.models import Story
from tests.people import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)
EXAMPLE = Path(__file__).resolve().parents[2] / "docs" / "examples" / "upload.py"
PART_SIZE = s3_multipart.MIN_PART_BYTES


@pytest.fixture
def story(bo: User, the_conversation: Challenge, settings: Settings, bucket: str) -> Story:
    settings.UPLOAD_PART_BYTES = PART_SIZE
    storage.ensure_bucket()
    EmailAddress.objects.create(user=bo, email=bo.email, verified=True, primary=True)
    return drafts.create_draft(the_conversation, StoryDraft(title="I rang my sister"), by=bo)


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    file = tmp_path / "my story.mp4"
    file.write_bytes(os.urandom(2 * PART_SIZE + 1_234))
    return file


def run_upload_example(
    origin: str, story: Story, *arguments: str, password: str = PASSWORD
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, EXAMPLE, origin, str(story.pk), *arguments],
        env={"SAMEBOAT_EMAIL": story.teller.email, "SAMEBOAT_PASSWORD": password, "PATH": os.defpath},
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )


def test_the_upload_example_sends_a_recording_in_parts(
    live_server: LiveServer, story: Story, recording: Path
) -> None:
    completed = run_upload_example(live_server.url, story, str(recording))
    assert completed.returncode == 0, completed.stderr
    assert "3 parts sent; the story has its recording" in completed.stdout
    story.refresh_from_db()
    assert story.video is not None
    assert storage.read_object(story.video.upload.key) == recording.read_bytes()
    failed = run_upload_example(live_server.url, story, str(recording), password="wrong password")
    assert (failed.returncode, failed.stdout) == (1, "")


def test_the_upload_example_resumes_an_upload(
    live_server: LiveServer, story: Story, recording: Path, bo: User
) -> None:
    size = recording.stat().st_size
    upload = sessions.start_upload(bo, file_name=recording.name, size=size, content_type="video/mp4")
    (part_url,) = parts.create_part_urls(upload, [2])
    part = recording.read_bytes()[PART_SIZE : 2 * PART_SIZE]
    assert requests.put(part_url.url, data=part, timeout=60).ok
    completed = run_upload_example(live_server.url, story, str(recording), "--upload", str(upload.pk))
    assert completed.returncode == 0, completed.stderr
    assert "1 of 3 parts stored" in completed.stdout
    assert "2 parts sent" in completed.stdout
    assert storage.read_object(upload.key) == recording.read_bytes()
