import pytest

from accounts import profiles
from accounts.models import User
from accounts.profiles import ProfileChange
from challenges.models import Challenge, Moment, Reading
from practice import another, candidates, slates
from practice.another import How
from stories.models import Story
from tests.practice.reported import NOW, rate, told

pytestmark = pytest.mark.django_db


@pytest.fixture
def stories(mo: User, the_conversation: Challenge) -> list[Story]:
    return told(the_conversation, 12, by=mo)


@pytest.fixture
def reading(ana: User, stories: list[Story], the_conversation: Challenge) -> Reading:
    profiles.change(ana, ProfileChange(traits={"age": 20, "work_pattern": "days"}, matters={"age": 4}))
    rate(ana, the_conversation, 30, moment=Moment.BEFORE, at=NOW)
    return slates.standing(ana, the_conversation.slug)


@pytest.mark.parametrize("how", How)
def test_one_more_story_is_a_coping_one_that_the_slate_does_not_have(reading: Reading, how: How) -> None:
    on_slate = set(slates.slate_for(reading, now=NOW).items.values_list("story_id", flat=True))
    for _ in range(12):
        picked = another.pick(reading, how, now=NOW)
        assert picked is not None
        assert picked.story.pk not in on_slate
        assert picked.story.model_kind == "coping"


def test_by_chance_any_that_is_left_may_come(reading: Reading, stories: list[Story]) -> None:
    on_slate = set(slates.slate_for(reading, now=NOW).items.values_list("story_id", flat=True))
    left = {story.pk for story in stories if story.model_kind == "coping"} - on_slate
    seen = {picked.story.pk for _ in range(120) if (picked := another.pick(reading, How.BY_CHANCE, now=NOW))}
    assert seen == left


def test_somebody_unlike_is_among_the_three_least_alike(reading: Reading, stories: list[Story]) -> None:
    on_slate = set(slates.slate_for(reading, now=NOW).items.values_list("story_id", flat=True))
    left = {story.pk for story in stories if story.model_kind == "coping"} - on_slate
    likeness = candidates.field_for(candidates.basis_of(reading, now=NOW)).likeness
    alike = dict(zip(likeness.crowd.keys, likeness.scores.tolist(), strict=True))
    seen = {picked.story.pk for _ in range(60) if (picked := another.pick(reading, How.UNLIKE_YOU, now=NOW))}
    assert len(seen) == 3
    assert max(alike[key] for key in seen) <= min(alike[key] for key in left - seen)


def test_the_gates_hold_for_one_more_story_too(reading: Reading, stories: list[Story]) -> None:
    Story.objects.filter(pk__in=[story.pk for story in stories]).update(hidden=True)
    assert another.pick(reading, How.BY_CHANCE, now=NOW) is None


def test_there_may_be_none_left(ana: User, mo: User, the_conversation: Challenge) -> None:
    told(the_conversation, 3, by=mo)
    rate(ana, the_conversation, 30, moment=Moment.BEFORE, at=NOW)
    assert another.pick(slates.standing(ana, the_conversation.slug), How.UNLIKE_YOU, now=NOW) is None
