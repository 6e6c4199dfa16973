"""The example of docs/uploading.md, run as a reader would run it: as a program of its own, against a real store."""

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
    origin: str, story: Story, *words: str, password: str = PASSWORD
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, EXAMPLE, origin, str(story.pk), *words],
        env={"SAMEBOAT_EMAIL": story.teller.email, "SAMEBOAT_PASSWORD": password, "PATH": os.defpath},
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )


def test_it_sends_a_recording_in_parts(live_server: LiveServer, story: Story, recording: Path) -> None:
    ran = run_upload_example(live_server.url, story, str(recording))
    assert ran.returncode == 0, ran.stderr
    assert "3 parts sent; the story has its recording" in ran.stdout
    story.refresh_from_db()
    assert story.video is not None
    assert storage.read_object(story.video.upload.key) == recording.read_bytes()
    refused = run_upload_example(live_server.url, story, str(recording), password="not this one")
    assert (refused.returncode, refused.stdout) == (1, "")


def test_it_goes_on_with_what_another_program_began(
    live_server: LiveServer, story: Story, recording: Path, bo: User
) -> None:
    size = recording.stat().st_size
    upload = sessions.start_upload(bo, file_name=recording.name, size=size, content_type="video/mp4")
    (address,) = parts.create_part_urls(upload, [2])
    part = recording.read_bytes()[PART_SIZE : 2 * PART_SIZE]
    assert requests.put(address.url, data=part, timeout=60).ok
    ran = run_upload_example(live_server.url, story, str(recording), "--upload", str(upload.pk))
    assert ran.returncode == 0, ran.stderr
    assert "1 of 3 parts are there" in ran.stdout
    assert "2 parts sent" in ran.stdout
    assert storage.read_object(upload.key) == recording.read_bytes()
