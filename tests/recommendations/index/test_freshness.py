"""What is published or withdrawn is so for whoever asks next, in every process."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from accounts.models import User
from challenges.models import Challenge
from stories import publishing
from tests.recommendations.ranking_processes import RankingProcess
from tests.story_factories import create_published_story, create_story_in_review


@pytest.fixture
def processes() -> Iterator[list[RankingProcess]]:
    """Two that hold an index and one that asks the table."""
    with ExitStack() as stack:
        yield [stack.enter_context(RankingProcess(engine)) for engine in ("memory", "memory", "postgres")]


@pytest.mark.django_db(transaction=True)
def test_every_process_knows_by_its_next_answer(
    processes: list[RankingProcess], bo: User, mo: User, the_conversation: Challenge
) -> None:
    first = create_published_story(bo, the_conversation, by=mo)
    coming = create_story_in_review(bo, the_conversation)
    for process in processes:
        assert process.ranked_story_ids(the_conversation) == {str(first.pk)}

    publishing.publish_story(coming, by=mo, expected_version=coming.version, content_hash=coming.content_hash)
    for process in processes:
        assert process.ranked_story_ids(the_conversation) == {str(first.pk), str(coming.pk)}

    publishing.withdraw_story(first, by=bo)
    for process in processes[::-1]:
        assert process.ranked_story_ids(the_conversation) == {str(coming.pk)}
