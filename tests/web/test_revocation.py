"""A story that nobody may see any more: its addresses at once, and those of its bytes within five seconds.

The bytes lie in the real store, and the addresses are those that a viewer was given while they still might see it.
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
from media import erasing, storage
from media.playlists import from_json
from stories import publishing
from stories.models import Story
from tests.people import Cast
from tests.stories_told import published_story
from tests.web.visits import reviewing_visit_by, visit_by

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("bucket")]
UNREACHABLE_WITHIN = 5.0
TEXTS = ("hls/master.m3u8", "hls/v720.m3u8", "hls/a.m3u8", "hls/storyboard.vtt", "captions/en.vtt")
Revoke = Callable[[Story, Cast], Story]
WAYS: dict[str, Revoke] = {
    "withdrawn": lambda story, people: publishing.withdraw(story, by=people.bo),
    "hidden": lambda story, people: publishing.hide(story, by=people.bo, hidden=True),
    "held": lambda story, people: publishing.hold(story, by=people.mo, held=True),
    "removed": lambda story, people: publishing.remove(story, by=people.mo, seen=story.version, reason="x"),
}


def pieces_of(story: Story) -> list[str]:
    """Return every name under which bytes of the story are asked for."""
    assert story.video is not None
    return [f"hls/{name}" for name in (*from_json(story.video.master).files, "poster.jpg")]


def with_bytes(story: Story, folder: Path) -> Story:
    """Put something into the bucket under every name that belongs to the story, where the pipeline would."""
    assert story.video is not None
    story.video.prefix = f"out/{story.video.pk}/{uuid.uuid4().hex}/"
    story.video.save(update_fields=["prefix"])
    byte = folder / "bytes"
    byte.write_bytes(b"somebody's face")
    for name in from_json(story.video.master).files:
        storage.store(byte, key=story.video.prefix + name, content_type="application/octet-stream")
    return story


def address_of(story: Story, name: str) -> str:
    return f"/watch/{story.pk}/{name}"


def issued_to(viewer: Client, story: Story, *, used: bool = True) -> list[str]:
    """Return the signed addresses that a viewer gets for every piece and picture, each used at once as players do."""
    addresses = []
    for name in pieces_of(story):
        answer = viewer.get(address_of(story, name))
        assert answer.status_code == 302
        addresses.append(answer["Location"])
        assert not used or reachable(addresses[-1:])
    return addresses


def reachable(addresses: list[str]) -> list[str]:
    return [url for url in addresses if requests.get(url, timeout=10).status_code == requests.codes.ok]


def last_reached(addresses: list[str], *, patience: float) -> float:
    """Ask for each address until it is refused; return when the last request began that was answered with bytes."""
    until, last = time.monotonic() + patience, 0.0
    for url in addresses:
        while True:
            began = time.monotonic()
            assert began < until, "still within reach"
            if not reachable([url]):
                break
            last = max(last, began)
    return last


@pytest.mark.parametrize("way", WAYS)
def test_bytes_are_out_of_reach_within_five_seconds(
    people: Cast, the_conversation: Challenge, tmp_path: Path, way: str
) -> None:
    story = with_bytes(published_story(people.bo, the_conversation, by=people.mo), tmp_path)
    others = [visit_by(people.ana), visit_by(people.sam), reviewing_visit_by(people.mo), Client()]
    viewer = others[0]
    assert all(viewer.get(address_of(story, name)).status_code == 200 for name in TEXTS)
    issued_to(viewer, story)
    issued = issued_to(viewer, story, used=False)  # as late as can be

    WAYS[way](story, people)
    revoked = time.monotonic()

    for browser in others:
        for name in (*TEXTS, *pieces_of(story)):
            assert browser.get(address_of(story, name)).status_code == 404
    assert last_reached(issued, patience=4 * UNREACHABLE_WITHIN) - revoked < UNREACHABLE_WITHIN


def test_no_key_of_an_erased_recording_opens_anything_again(
    people: Cast, the_conversation: Challenge, tmp_path: Path
) -> None:
    story = with_bytes(published_story(people.bo, the_conversation, by=people.mo), tmp_path)
    video = story.video
    assert video is not None
    keys = [video.prefix + name for name in from_json(video.master).files]
    publishing.withdraw(story, by=people.bo)
    erasing.erase(video)

    assert reachable([storage.sign(key, seconds=settings.SIGNED_SECONDS) for key in keys]) == []


def test_an_address_is_good_for_one_object_and_for_reading_only(
    people: Cast, the_conversation: Challenge, tmp_path: Path
) -> None:
    story = with_bytes(published_story(people.bo, the_conversation, by=people.mo), tmp_path)
    first, second = issued_to(visit_by(people.ana), story)[:2]
    path, _, signature = first.partition("?")
    other, _, _ = second.partition("?")
    bucket = path.partition(f"/{settings.S3_BUCKET}/")[0] + f"/{settings.S3_BUCKET}/"

    assert reachable([path, f"{other}?{signature}", f"{bucket}?{signature}", f"{bucket}?list-type=2"]) == []
    assert requests.put(first, data=b"another face", timeout=10).status_code == 403
    assert requests.delete(first, timeout=10).status_code == 403
