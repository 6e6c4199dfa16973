"""More people than elsewhere: nia moderates beside mo, sen is a senior, lea leads safeguarding."""

import pytest

from accounts.models import Role, User
from challenges.models import Challenge
from stories.models import Story
from tests.people import join
from tests.stories_told import story_in_review


@pytest.fixture
def nia(db: None) -> User:
    return join("nia", Role.MODERATOR)


@pytest.fixture
def sen(db: None) -> User:
    return join("sen", Role.MODERATOR, Role.SENIOR)


@pytest.fixture
def lea(db: None) -> User:
    return join("lea", Role.SAFEGUARDING)


@pytest.fixture
def told(bo: User, the_conversation: Challenge) -> Story:
    """A story by bo that waits for review."""
    return story_in_review(bo, the_conversation)
