"""What a web process costs where there are very many stories: its start, a slate, and how soon it knows of a change.

    python -m tests.benchmarks.web_process_costs [--stories N] [--challenges N]

Starts servers of its own and fills them. A start is measured from the beginning of a new process to its first answer over the
server's own entrance: by the clock, which a busy machine lengthens, and in processor time.
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
answer = client.get(sys.argv[1])
assert answer.status_code == 200, answer.status_code
os.write(1, b"answered")
os._exit(0)
"""
SLATE_PATH = "/api/v1/challenges/the-conversation/slate"


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure starts, slates and freshness among many stories.")
    parser.add_argument("--stories", type=int, default=100_000)
    parser.add_argument("--challenges", type=int, default=24)
    chosen = parser.parse_args()
    running = servers.start_test_environment()
    try:
        for line in run_benchmark(chosen.stories, chosen.challenges):
            print_line(line)
    finally:
        if running is not None:
            running.stop()


def run_benchmark(stories: int, challenges: int) -> Iterator[str]:
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    viewer, teller, moderator = create_test_data(stories, challenges)
    yield f"{cpu_model()}: {stories:,} stories, {challenges} challenges"
    from recommendations.index import search_table

    began, clock = time.process_time(), time.perf_counter()
    search_table.sync_search_table()
    yield (
        f"the roll, begun anew: {time.perf_counter() - clock:.1f} s, {time.process_time() - began:.1f} s"
        " of them processor time here"
    )
    yield measure_startup(viewer)
    for engine in ("memory", "postgres"):
        yield measure_slates(viewer, engine)
    yield measure_freshness(teller, moderator)


def create_test_data(stories: int, challenges: int) -> tuple[Any, Any, Any]:
    """Fill the house; return a viewer who has rated the ladder, the first teller and the moderator."""
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
    """Start a process several times, each asked for a slate at once."""
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
    clocks, spent = [], []
    for _ in range(START_COUNT):
        Slate.objects.all().delete()
        began = time.perf_counter()
        child = subprocess.Popen(command, stdout=subprocess.PIPE)
        assert child.stdout is not None
        assert child.stdout.read(8) == b"answered"
        clocks.append(time.perf_counter() - began)
        child.stdout.close()
        _, _, usage = os.wait4(child.pid, 0)
        child.returncode = 0
        spent.append(usage.ru_utime + usage.ru_stime)
    return (
        f"from the start of a process to its first slate: {min(clocks):.2f} s at best, {statistics.median(clocks):.2f} s"
        f" in the middle; processor time {min(spent):.2f} s and {statistics.median(spent):.2f} s"
    )


def measure_slates(viewer: Any, engine: str) -> str:
    """Compose slates anew, in this process, as many requests one after the other would."""
    from django.test import override_settings

    from practice.models import Slate
    from recommendations import slates as composing

    spent, clocks = [], []
    Slate.objects.all().delete()
    with override_settings(MATCHING_ENGINE=engine):
        reading = composing.reading_for_slate(viewer, "the-conversation")
        for number in range(SLATE_COUNT):
            began, clock = time.process_time(), time.perf_counter()
            slate = composing.get_or_create_slate(reading, now=datetime.now(UTC) + timedelta(days=number))
            spent.append(1_000 * (time.process_time() - began))
            clocks.append(1_000 * (time.perf_counter() - clock))
            slate.delete()
    return (
        f"a slate, {engine}: processor time here {statistics.median(spent):.1f} ms in the middle, {min(spent):.1f} at best;"
        f" by the clock {min(clocks):.1f} ms at best"
    )


def measure_freshness(teller: Any, moderator: Any) -> str:
    """Publish and withdraw; give the time until two processes have answered accordingly."""
    from challenges.models import Challenge
    from stories import publishing
    from tests.recommendations.ranking_processes import RankingProcess
    from tests.story_factories import create_story_in_review

    challenge = Challenge.objects.get(slug="challenge-1")
    known = []
    with ExitStack() as stack:
        processes = [stack.enter_context(RankingProcess("memory")) for _ in range(2)]
        there, _ = (process.ranked_story_ids(challenge) for process in processes)
        for _ in range(CHANGE_COUNT):
            story = create_story_in_review(teller, challenge)
            publishing.publish_story(
                story, by=moderator, expected_version=story.version, content_hash=story.content_hash
            )
            known.append(wait_for_stories(processes, challenge, there | {str(story.pk)}))
            publishing.withdraw_story(story, by=teller)
            known.append(wait_for_stories(processes, challenge, there))
    return (
        f"from commit until both of two processes answered accordingly, ranking {len(there):,} stories each:"
        f" {max(known):.3f} s at worst, {statistics.median(known):.3f} s in the middle of {len(known)} changes"
    )


def wait_for_stories(processes: Any, challenge: Any, expected: set[str]) -> float:
    began = time.perf_counter()
    answers = [process.stories(challenge) for process in processes]
    assert answers == [expected] * len(processes)
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
