"""Revoked stories: their pages close at once, their signed URLs within five seconds.

Uses the real object store, with URLs issued while the viewer could still see the story.
"""

import time
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
import requests
from django.conf import settings
from django.test import Client

from challenges.models import Challenge
from media import erasure, storage
from media.playback.playlists import manifest_from_json
from stories import publishing
from stories.models import Story
from tests.people import NamedPeople
from tests.story_factories import create_published_story
from tests.web.clients import logged_in_client, reviewer_client

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("bucket")]
UNREACHABLE_WITHIN = 5.0
TEXT_PATHS = ("hls/master.m3u8", "hls/v720.m3u8", "hls/a.m3u8", "hls/storyboard.vtt", "captions/en.vtt")
RevokeAccess = Callable[[Story, NamedPeople], Story]
REVOCATIONS: dict[str, RevokeAccess] = {
    "withdrawn": lambda story, people: publishing.withdraw_story(story, by=people.bo),
    "hidden": lambda story, people: publishing.set_story_hidden(story, by=people.bo, hidden=True),
    "held": lambda story, people: publishing.set_story_held(story, by=people.mo, held=True),
    "removed": lambda story, people: publishing.remove_story(
        story, by=people.mo, expected_version=story.version, reason="x"
    ),
}


def media_file_names(story: Story) -> list[str]:
    """Return the name of every media file of the story."""
    assert story.video is not None
    return [f"hls/{name}" for name in (*manifest_from_json(story.video.master).file_names, "poster.jpg")]


def store_media_files(story: Story, folder: Path) -> Story:
    """Store an object for every media file of the story, under the key the pipeline would use."""
    assert story.video is not None
    story.video.prefix = f"out/{story.video.pk}/{uuid.uuid4().hex}/"
    story.video.save(update_fields=["prefix"])
    byte = folder / "bytes"
    byte.write_bytes(b"somebody's face")
    for name in manifest_from_json(story.video.master).file_names:
        storage.put_file(byte, key=story.video.prefix + name, content_type="application/octet-stream")
    return story


def signed_url(story: Story, name: str) -> str:
    return f"/watch/{story.pk}/{name}"


def issued_urls(viewer: Client, story: Story, *, used: bool = True) -> list[str]:
    """Return the signed URLs that a viewer gets for every media file; each is used at once, as players do."""
    addresses = []
    for name in media_file_names(story):
        response = viewer.get(signed_url(story, name))
        assert response.status_code == 302
        addresses.append(response["Location"])
        assert not used or reachable_urls(addresses[-1:])
    return addresses


def reachable_urls(addresses: list[str]) -> list[str]:
    return [url for url in addresses if requests.get(url, timeout=10).status_code == requests.codes.ok]


def seconds_until_unreachable(addresses: list[str], *, patience: float) -> float:
    """Poll the URLs until each is refused; return the start time of the last successful request."""
    until, last = time.monotonic() + patience, 0.0
    for url in addresses:
        while True:
            began = time.monotonic()
            assert began < until, "still reachable"
            if not reachable_urls([url]):
                break
            last = max(last, began)
    return last


@pytest.mark.parametrize("way", REVOCATIONS)
def test_issued_urls_stop_working_within_five_seconds_of_revocation(
    people: NamedPeople, the_conversation: Challenge, tmp_path: Path, way: str
) -> None:
    story = store_media_files(create_published_story(people.bo, the_conversation, by=people.mo), tmp_path)
    others = [
        logged_in_client(people.ana),
        logged_in_client(people.sam),
        reviewer_client(people.mo),
        Client(),
    ]
    viewer = others[0]
    assert all(viewer.get(signed_url(story, name)).status_code == 200 for name in TEXT_PATHS)
    issued_urls(viewer, story)
    issued = issued_urls(viewer, story, used=False)

    REVOCATIONS[way](story, people)
    revoked = time.monotonic()

    for client in others:
        for name in (*TEXT_PATHS, *media_file_names(story)):
            assert client.get(signed_url(story, name)).status_code == 404
    assert seconds_until_unreachable(issued, patience=4 * UNREACHABLE_WITHIN) - revoked < UNREACHABLE_WITHIN


def test_signed_urls_of_an_erased_recording_stay_dead(
    people: NamedPeople, the_conversation: Challenge, tmp_path: Path
) -> None:
    story = store_media_files(create_published_story(people.bo, the_conversation, by=people.mo), tmp_path)
    video = story.video
    assert video is not None
    keys = [video.prefix + name for name in manifest_from_json(video.master).file_names]
    publishing.withdraw_story(story, by=people.bo)
    erasure.erase_video(video)

    assert reachable_urls([storage.presigned_url(key, seconds=settings.SIGNED_SECONDS) for key in keys]) == []


def test_signed_url_grants_read_access_to_one_object(
    people: NamedPeople, the_conversation: Challenge, tmp_path: Path
) -> None:
    story = store_media_files(create_published_story(people.bo, the_conversation, by=people.mo), tmp_path)
    first, second = issued_urls(logged_in_client(people.ana), story)[:2]
    path, _, signature = first.partition("?")
    other, _, _ = second.partition("?")
    bucket = path.partition(f"/{settings.S3_BUCKET}/")[0] + f"/{settings.S3_BUCKET}/"

    assert (
        reachable_urls([path, f"{other}?{signature}", f"{bucket}?{signature}", f"{bucket}?list-type=2"]) == []
    )
    assert requests.put(first, data=b"another face", timeout=10).status_code == 403
    assert requests.delete(first, timeout=10).status_code == 403
