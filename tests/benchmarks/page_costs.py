"""Cost of pages with fifty items: database queries and CPU time.

    python -m tests.benchmarks.page_costs

Starts its own servers and requests the pages in this process. The reference is the static help page, which needs neither a
session nor the database; the ratio to it is comparable across machines.
"""

import platform
import statistics
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from tests import servers
from tests.benchmarks.cpu_timing import cpu_model, print_line

ITEMS_PER_LIST = 50
REPEATS = 30
WARM_UP_REQUESTS = 5


def main() -> None:
    test_servers = servers.start_test_environment()
    try:
        measure_pages()
    finally:
        if test_servers is not None:
            test_servers.stop()


def measure_pages() -> None:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    person = create_test_data()
    client = Client(HTTP_HOST="127.0.0.1")
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    print_line(
        f"{cpu_model()}, Python {platform.python_version()}, {ITEMS_PER_LIST} items per list, {REPEATS} requests each"
    )
    print_line(f"{'page':<48} {'SQL':>4} {'CPU ms':>8} {'ratio':>8}")
    reference_ms = median_cpu_ms(client, "/help-now")
    for path in measured_paths():
        with CaptureQueriesContext(connection) as captured_queries:
            response = client.get(path)
        queries = len(captured_queries)  # the query log is cleared at the next request
        assert response.status_code == 200, (path, response.status_code)
        cpu_ms = median_cpu_ms(client, path)
        print_line(f"{path:<48} {queries:>4} {cpu_ms:>8.2f} {cpu_ms / reference_ms:>8.1f}")
    print_line(f"{'/help-now (the reference)':<48} {0:>4} {reference_ms:>8.2f} {1:>8.1f}")


def measured_paths() -> Iterator[str]:
    yield "/api/v1/challenges"
    yield "/api/v1/stories?limit=50"
    yield "/api/v1/my/saved?limit=50"
    yield "/api/v1/challenges/the-conversation/slate"
    yield "/challenges/"
    yield "/challenges/the-conversation/stories/"
    yield "/saved/"


def median_cpu_ms(client: Any, path: str) -> float:
    """Median CPU time per response in milliseconds, summed over the threads of this process."""
    from django.core.cache import cache

    cpu_ms = []
    for request_number in range(WARM_UP_REQUESTS + REPEATS):
        cache.clear()  # avoid rate limiting
        started_at = time.process_time()
        client.get(path)
        if request_number >= WARM_UP_REQUESTS:
            cpu_ms.append(1000 * (time.process_time() - started_at))
    return statistics.median(cpu_ms)


def create_test_data() -> Any:
    """Fifty published stories by ten tellers, saved by one viewer who has rated the ladder."""
    from accounts.models import Role
    from challenges import loading, readings
    from challenges.models import Challenge, ReadingMoment
    from practice import viewings
    from tests.people import create_person
    from tests.story_factories import create_published_story

    loading.load_catalogue()
    challenge = Challenge.objects.get(slug="the-conversation")
    now = datetime.now(UTC)
    ana, mo = create_person("ana"), create_person("mo", Role.MODERATOR)
    tellers = [create_person(f"teller{number}") for number in range(10)]
    for number in range(ITEMS_PER_LIST):
        story = create_published_story(
            tellers[number % 10], challenge, by=mo, title=f"Story {number}", traits_then={"age": 20 + number}
        )
        viewings.save_story(story, by=ana, now=now)
    positions = challenge.rungs.values_list("position", flat=True)
    readings.record_reading(
        challenge, dict.fromkeys(positions, 50), by=ana, moment=ReadingMoment.BEFORE, at=now
    )
    return ana


if __name__ == "__main__":
    main()
