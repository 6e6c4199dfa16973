"""Additional reviewers: nia is a moderator, sen is a senior moderator, lea leads safeguarding."""

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
def submitted_story(bo: User, the_conversation: Challenge) -> Story:
    return create_story_in_review(bo, the_conversation)
