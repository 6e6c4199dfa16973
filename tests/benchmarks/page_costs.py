"""What a page costs: database queries and processor time, with fifty items on it.

    python -m tests.benchmarks.page_costs

Starts servers of its own and asks the pages in this process. The reference, measured beside them, is the static help page,
which needs neither a session nor the database: its ratio tells machines apart.
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
    running = servers.start_test_environment()
    try:
        measure_pages()
    finally:
        if running is not None:
            running.stop()


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
        f"{cpu_model()}, Python {platform.python_version()}, {ITEMS_PER_LIST} items a list, {REPEATS} times each"
    )
    print_line(f"{'page':<48} {'SQL':>4} {'CPU ms':>8} {'of help':>8}")
    reference = median_cpu_ms(client, "/help-now")
    for path in measured_paths():
        with CaptureQueriesContext(connection) as asked:
            answer = client.get(path)
        queries = len(asked)  # the log is emptied with the next request
        assert answer.status_code == 200, (path, answer.status_code)
        spent = median_cpu_ms(client, path)
        print_line(f"{path:<48} {queries:>4} {spent:>8.2f} {spent / reference:>8.1f}")
    print_line(f"{'/help-now (the reference)':<48} {0:>4} {reference:>8.2f} {1:>8.1f}")


def measured_paths() -> Iterator[str]:
    yield "/api/v1/challenges"
    yield "/api/v1/stories?limit=50"
    yield "/api/v1/my/saved?limit=50"
    yield "/api/v1/challenges/the-conversation/slate"
    yield "/challenges/"
    yield "/challenges/the-conversation/stories/"
    yield "/saved/"


def median_cpu_ms(client: Any, path: str) -> float:
    """Return the median processor time of one answer in milliseconds, all threads of this process together."""
    from django.core.cache import cache

    spent = []
    for time_number in range(WARM_UP_REQUESTS + REPEATS):
        cache.clear()  # rate limits are not what is measured
        began = time.process_time()
        client.get(path)
        if time_number >= WARM_UP_REQUESTS:
            spent.append(1000 * (time.process_time() - began))
    return statistics.median(spent)


def create_test_data() -> Any:
    """Publish fifty stories by ten tellers, saved by one viewer who has rated the ladder."""
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
