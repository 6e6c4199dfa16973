from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from accounts.models import User
from challenges.models import Challenge
from stories import publishing
from tests.recommendations.ranking_processes import RankingProcess
from tests.story_factories import create_published_story, create_story_in_review


@pytest.fixture
def ranking_processes() -> Iterator[list[RankingProcess]]:
    """Two processes with an index in memory, and one that ranks in PostgreSQL."""
    with ExitStack() as stack:
        yield [stack.enter_context(RankingProcess(engine)) for engine in ("memory", "memory", "postgres")]


@pytest.mark.django_db(transaction=True)
def test_every_process_sees_publications_and_withdrawals_with_its_next_request(
    ranking_processes: list[RankingProcess], bo: User, mo: User, the_conversation: Challenge
) -> None:
    first = create_published_story(bo, the_conversation, by=mo)
    second = create_story_in_review(bo, the_conversation)
    for process in ranking_processes:
        assert process.ranked_story_ids(the_conversation) == {str(first.pk)}

    publishing.publish_story(second, by=mo, expected_version=second.version, content_hash=second.content_hash)
    for process in ranking_processes:
        assert process.ranked_story_ids(the_conversation) == {str(first.pk), str(second.pk)}

    publishing.withdraw_story(first, by=bo)
    for process in ranking_processes[::-1]:
        assert process.ranked_story_ids(the_conversation) == {str(second.pk)}
