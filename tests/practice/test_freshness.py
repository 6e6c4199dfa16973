"""What is published or withdrawn is so for whoever asks next, in every process."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from accounts.models import User
from challenges.models import Challenge
from stories import publishing
from tests.practice.processes import Ranker
from tests.stories_told import published_story, story_in_review


@pytest.fixture
def processes() -> Iterator[list[Ranker]]:
    """Two that hold an index and one that asks the table."""
    with ExitStack() as stack:
        yield [stack.enter_context(Ranker(engine)) for engine in ("scan", "scan", "postgres")]


@pytest.mark.django_db(transaction=True)
def test_every_process_knows_by_its_next_answer(
    processes: list[Ranker], bo: User, mo: User, the_conversation: Challenge
) -> None:
    first = published_story(bo, the_conversation, by=mo)
    coming = story_in_review(bo, the_conversation)
    for process in processes:
        assert process.stories(the_conversation) == {str(first.pk)}

    publishing.publish(coming, by=mo, seen=coming.version, content_hash=coming.content_hash)
    for process in processes:
        assert process.stories(the_conversation) == {str(first.pk), str(coming.pk)}

    publishing.withdraw(first, by=bo)
    for process in processes[::-1]:
        assert process.stories(the_conversation) == {str(coming.pk)}
