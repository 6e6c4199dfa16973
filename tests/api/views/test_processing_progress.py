import threading
import time
import uuid
from collections.abc import Generator
from datetime import timedelta
from typing import Any

import orjson
import pytest
from django.db import connection
from django.db.models.functions import Now
from rest_framework.test import APIClient

from accounts.models import User
from api import sse
from challenges.models import Challenge
from jobs.leasing import LEASE_DURATION, JobRun, acquire_lease
from jobs.models import Job
from media.models import Video
from stories import drafts, publishing
from stories.models import Story
from stories.processing import PROCESS_STORY_JOB
from stories.progress import WORKER_LOST_MESSAGE
from tests.api.conftest import logged_in_api_client
from tests.story_factories import create_complete_draft, create_recording

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def story(bo: User, the_conversation: Challenge) -> Story:
    """A story whose recording is queued for processing."""
    draft = create_complete_draft(bo, the_conversation)
    return drafts.attach_recording(
        draft, create_recording(bo, status=Video.Status.STORED), by=bo, expected_version=draft.version
    )


def open_event_stream(client: APIClient, story: uuid.UUID) -> Any:
    return client.get(f"/api/v1/stories/{story}/progress/events", headers={"Accept": "text/event-stream"})


def events_in(response: Any) -> Generator[dict[str, Any], None, None]:
    """Yield the data of each event, then close the stream as the server does."""
    try:
        for chunk in response.streaming_content:
            for line in chunk.decode().splitlines():
                if line.startswith("data: "):
                    yield orjson.loads(line.removeprefix("data: "))
    finally:
        response.close()


def run_processing_job(story: Story) -> JobRun:
    run = acquire_lease(Job.objects.unfinished().get(kind=PROCESS_STORY_JOB).pk)
    assert run is not None
    return run


def run_in_thread(work: Any) -> threading.Thread:
    def worker() -> None:
        work()
        connection.close()

    thread = threading.Thread(target=worker)
    thread.start()
    return thread


def test_events_report_each_stage_as_it_happens(bo: User, story: Story) -> None:
    run = run_processing_job(story)

    def work() -> None:
        for stage, percent in (("fetching", 3), ("encoding", 60)):
            time.sleep(1.2)
            Video.objects.filter(story=story).update(status="processing", stage=stage, percent=percent)
            run.report_progress(stage, percent)
        time.sleep(1.2)
        Video.objects.filter(story=story).update(status="unplayable", reason="It has no picture.")
        run._finish()

    start = time.monotonic()
    response = open_event_stream(logged_in_api_client(bo), story.pk)
    assert response["Content-Type"].startswith("text/event-stream")
    worker = run_in_thread(work)
    events = list(events_in(response))
    worker.join()

    assert [event["stage"] for event in events][:3] == ["", "fetching", "encoding"]
    assert (events[-1]["message"], events[-1]["finished"]) == ("It has no picture.", True)
    assert time.monotonic() - start < 3 * sse.POLL_INTERVAL_SECONDS


def test_a_lost_worker_is_reported(bo: User, story: Story) -> None:
    assert run_processing_job(story)
    Job.objects.filter(kind=PROCESS_STORY_JOB).update(
        lease_until=Now() + LEASE_DURATION - timedelta(seconds=20)
    )
    events = events_in(open_event_stream(logged_in_api_client(bo), story.pk))
    assert next(events)["message"] == str(WORKER_LOST_MESSAGE)
    events.close()


def test_a_finished_story_gets_a_single_final_event(bo: User, the_conversation: Challenge) -> None:
    draft = create_complete_draft(bo, the_conversation)
    content = b"".join(open_event_stream(logged_in_api_client(bo), draft.pk).streaming_content)
    assert content.count(b"data: ") == 1
    assert b"event: finished\n" in content


def test_the_stream_is_for_the_teller_only(as_nobody: APIClient, ana: User, mo: User, story: Story) -> None:
    for stranger in (ana, mo):
        assert (
            open_event_stream(logged_in_api_client(stranger, second_factor=True), story.pk).status_code == 404
        )
    assert open_event_stream(as_nobody, story.pk).status_code == 401


def test_without_a_free_slot_one_event_has_a_longer_retry_delay(bo: User, story: Story) -> None:
    client = logged_in_api_client(bo)
    open_streams = [open_event_stream(client, story.pk) for _ in range(sse.MAX_STREAMS_PER_PROCESS)]

    content = b"".join(open_event_stream(client, story.pk).streaming_content)
    assert content.startswith(b"retry: 5000\n\n")
    assert content.count(b"data: ") == 1

    for stream in open_streams:
        stream.close()
    next_stream = open_event_stream(client, story.pk)
    assert next(iter(next_stream.streaming_content)) == b"retry: 1000\n\n"
    next_stream.close()


def test_a_stream_ends_after_its_time_limit(bo: User, story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sse, "MAX_STREAM_SECONDS", 1.5)
    monkeypatch.setattr(sse, "POLL_INTERVAL_SECONDS", 0.5)
    start = time.monotonic()
    assert len(list(events_in(open_event_stream(logged_in_api_client(bo), story.pk)))) == 1
    assert 1.5 <= time.monotonic() - start < 10


def test_a_stream_ends_when_access_is_lost(
    bo: User, sam: User, story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sse, "POLL_INTERVAL_SECONDS", 0.2)
    events = events_in(open_event_stream(logged_in_api_client(bo), story.pk))
    next(events)
    Story.objects.filter(pk=story.pk).update(teller=sam)
    assert list(events) == []


def test_polling_and_streaming_return_the_same_data(bo: User, story: Story) -> None:
    client = logged_in_api_client(bo)
    response = open_event_stream(client, story.pk)
    event = next(events_in(response))
    assert client.get(f"/api/v1/stories/{story.pk}/progress").json() == event
    publishing.withdraw_story(story, by=bo)
    assert client.get(f"/api/v1/stories/{story.pk}/progress").json()["finished"] is True
