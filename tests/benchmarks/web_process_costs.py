"""Measures a web process with many stories: its start, a slate, and the delay until it sees a change.

    python -m tests.benchmarks.web_process_costs [--stories N] [--challenges N]

Starts its own servers and fills them. A start is measured from the beginning of a new process to its first response through
the WSGI application: in wall-clock time, which a busy machine lengthens, and in processor time.
"""

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

from tests import servers
from tests.benchmarks.cpu_timing import cpu_model, print_line

START_COUNT, SLATE_COUNT, CHANGE_COUNT = 7, 30, 15
FIRST_SLATE_PROGRAM = """
import os, sys
import config.wsgi
from django.test import Client
client = Client(HTTP_HOST="127.0.0.1")
client.cookies[sys.argv[2]] = sys.argv[3]
response = client.get(sys.argv[1])
assert response.status_code == 200, response.status_code
os.write(1, b"answered")
os._exit(0)
"""
SLATE_PATH = "/api/v1/challenges/the-conversation/slate"


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure starts, slates and freshness with many stories.")
    parser.add_argument("--stories", type=int, default=100_000)
    parser.add_argument("--challenges", type=int, default=24)
    options = parser.parse_args()
    test_environment = servers.start_test_environment()
    try:
        for line in run_benchmark(options.stories, options.challenges):
            print_line(line)
    finally:
        if test_environment is not None:
            test_environment.stop()


def run_benchmark(stories: int, challenges: int) -> Iterator[str]:
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    viewer, teller, moderator = create_test_data(stories, challenges)
    yield f"{cpu_model()}: {stories:,} stories, {challenges} challenges"
    from recommendations.index import search_table

    cpu_start, clock_start = time.process_time(), time.perf_counter()
    search_table.sync_search_table()
    yield (
        f"rebuilding the search table: {time.perf_counter() - clock_start:.1f} s, of which"
        f" {time.process_time() - cpu_start:.1f} s of processor time here"
    )
    yield measure_startup(viewer)
    for engine in ("memory", "postgres"):
        yield measure_slates(viewer, engine)
    yield measure_freshness(teller, moderator)


def create_test_data(stories: int, challenges: int) -> tuple[Any, Any, Any]:
    """Insert stories; return a viewer who has rated the ladder, the first teller and the moderator."""
    from accounts.models import User
    from challenges import readings
    from challenges.models import Challenge, ReadingMoment
    from tests.benchmarks import bulk_stories
    from tests.people import create_person
    from tests.story_factories import create_challenge

    create_challenge("the-conversation")
    for number in range(1, challenges):
        create_challenge(f"challenge-{number}")
    bulk_stories.insert_stories(list(Challenge.objects.order_by("pk")), stories=stories, seed=1)
    ana = create_person("ana")
    ratings = {position: 80 if position < 3 else 30 for position in range(1, 8)}
    first = Challenge.objects.get(slug="the-conversation")
    readings.record_reading(first, ratings, by=ana, moment=ReadingMoment.BEFORE, at=datetime.now(UTC))
    return ana, User.objects.get(handle="Bo"), User.objects.get(handle="Mo")


def measure_startup(viewer: Any) -> str:
    """Start a process several times, each of which composes a slate at once."""
    from django.conf import settings
    from django.test import Client

    from practice.models import Slate

    client = Client(HTTP_HOST="127.0.0.1")
    client.force_login(viewer, backend="allauth.account.auth_backends.AuthenticationBackend")
    name = settings.SESSION_COOKIE_NAME
    command = [
        sys.executable,
        "-W",
        "ignore",
        "-c",
        FIRST_SLATE_PROGRAM,
        SLATE_PATH,
        name,
        client.cookies[name].value,
    ]
    wall_times, cpu_times = [], []
    for _ in range(START_COUNT):
        Slate.objects.all().delete()
        start = time.perf_counter()
        child = subprocess.Popen(command, stdout=subprocess.PIPE)
        assert child.stdout is not None
        assert child.stdout.read(8) == b"answered"
        wall_times.append(time.perf_counter() - start)
        child.stdout.close()
        _, _, usage = os.wait4(child.pid, 0)
        child.returncode = 0
        cpu_times.append(usage.ru_utime + usage.ru_stime)
    return (
        f"from the start of a process to its first slate: {min(wall_times):.2f} s (minimum),"
        f" {statistics.median(wall_times):.2f} s (median); processor time {min(cpu_times):.2f} s (minimum),"
        f" {statistics.median(cpu_times):.2f} s (median)"
    )


def measure_slates(viewer: Any, engine: str) -> str:
    """Compose one new slate after another in this process."""
    from django.test import override_settings

    from practice.models import Slate
    from recommendations import slates

    cpu_times, wall_times = [], []
    Slate.objects.all().delete()
    with override_settings(MATCHING_ENGINE=engine):
        reading = slates.reading_for_slate(viewer, "the-conversation")
        for number in range(SLATE_COUNT):
            cpu_start, clock_start = time.process_time(), time.perf_counter()
            slate = slates.get_or_create_slate(reading, now=datetime.now(UTC) + timedelta(days=number))
            cpu_times.append(1_000 * (time.process_time() - cpu_start))
            wall_times.append(1_000 * (time.perf_counter() - clock_start))
            slate.delete()
    return (
        f"a slate, {engine}: processor time here {statistics.median(cpu_times):.1f} ms (median),"
        f" {min(cpu_times):.1f} ms (minimum); wall-clock time {min(wall_times):.1f} ms (minimum)"
    )


def measure_freshness(teller: Any, moderator: Any) -> str:
    """Publish and withdraw; return the delay until two processes see the change."""
    from challenges.models import Challenge
    from stories import publishing
    from tests.recommendations.ranking_processes import RankingProcess
    from tests.story_factories import create_story_in_review

    challenge = Challenge.objects.get(slug="challenge-1")
    delays = []
    with ExitStack() as stack:
        processes = [stack.enter_context(RankingProcess("memory")) for _ in range(2)]
        published, _ = (process.ranked_story_ids(challenge) for process in processes)
        for _ in range(CHANGE_COUNT):
            story = create_story_in_review(teller, challenge)
            publishing.publish_story(
                story, by=moderator, expected_version=story.version, content_hash=story.content_hash
            )
            delays.append(wait_for_stories(processes, challenge, published | {str(story.pk)}))
            publishing.withdraw_story(story, by=teller)
            delays.append(wait_for_stories(processes, challenge, published))
    return (
        f"from commit until two processes, ranking {len(published):,} stories each, see the change:"
        f" {max(delays):.3f} s (maximum), {statistics.median(delays):.3f} s (median of {len(delays)} changes)"
    )


def wait_for_stories(processes: Any, challenge: Any, expected: set[str]) -> float:
    start = time.perf_counter()
    visible = [process.ranked_story_ids(challenge) for process in processes]
    assert visible == [expected] * len(processes)
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
