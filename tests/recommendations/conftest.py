import pytest

from accounts.models import User
from challenges.models import Challenge
from stories.models import Story
from tests.people import create_person
from tests.story_factories import create_published_story


@pytest.fixture
def tellers(db: None) -> list[User]:
    return [create_person(name) for name in ("bea", "cem", "dee", "eli", "fay")]


@pytest.fixture
def published_stories(tellers: list[User], mo: User, the_conversation: Challenge) -> list[Story]:
    """Four coping stories and a mastery story by five tellers, all eligible on the first rung."""
    kinds = ["coping", "coping", "coping", "coping", "mastery"]
    return [
        create_published_story(
            teller,
            the_conversation,
            by=mo,
            title=f"How {teller.handle} said it",
            model_kind=kind,
            start_rung=1,
            end_rung=2,
            traits_then={"age": 30 + 5 * number, "work_pattern": "nights"},
            shown_traits=["age"],
        )
        for number, (teller, kind) in enumerate(zip(tellers, kinds, strict=True))
    ]
