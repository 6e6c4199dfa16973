"""More people than elsewhere: nia moderates beside mo, sen is a senior, lea leads safeguarding."""

import pytest

from accounts.models import Role, User
from challenges.models import Challenge
from stories.models import Story
from tests.people import create_person
from tests.story_factories import create_story_in_review


@pytest.fixture
def nia(db: None) -> User:
    return create_person("nia", Role.MODERATOR)


@pytest.fixture
def sen(db: None) -> User:
    return create_person("sen", Role.MODERATOR, Role.SENIOR)


@pytest.fixture
def lea(db: None) -> User:
    return create_person("lea", Role.SAFEGUARDING)


@pytest.fixture
def told(bo: User, the_conversation: Challenge) -> Story:
    """A story by bo that waits for review."""
    return create_story_in_review(bo, the_conversation)
