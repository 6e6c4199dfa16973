from datetime import timedelta

import pytest

from accounts.models import User
from challenges.models import Challenge, Moment
from practice import browsing, candidates, slates, wishes
from practice.models import HiddenTeller, LessLike, Slate
from practice.wishes import NothingToWish
from stories import publishing
from stories.models import Story
from tests.practice.reported import NOW, rate, told

pytestmark = pytest.mark.django_db


@pytest.fixture
def stories(mo: User, the_conversation: Challenge) -> list[Story]:
    return told(the_conversation, 6, by=mo)


def chosen_for(ana: User, challenge: Challenge) -> Slate:
    return slates.slate_for(slates.standing(ana, challenge.slug), now=NOW)


def test_a_hidden_teller_is_gone_from_the_next_slate_and_comes_back_when_taken_back(
    ana: User, stories: list[Story], the_conversation: Challenge
) -> None:
    rate(ana, the_conversation, 30, moment=Moment.BEFORE, at=NOW)
    first = chosen_for(ana, the_conversation)
    teller = first.items.select_related("story__teller")[0].story.teller

    for _ in range(2):
        wishes.hide_teller(teller, by=ana, now=NOW)
    then = chosen_for(ana, the_conversation)
    assert then != first
    assert then.refused == {"hidden_teller": 1}
    assert not browsing.open_to(ana).told_by(teller).exists()

    wishes.show_teller(teller, by=ana)
    assert chosen_for(ana, the_conversation).refused == {}
    assert not HiddenTeller.objects.exists()


def test_a_story_one_wants_fewer_like_is_left_out_and_weighs_on_what_resembles_it(
    ana: User, stories: list[Story], the_conversation: Challenge
) -> None:
    rate(ana, the_conversation, 30, moment=Moment.BEFORE, at=NOW)
    chosen_for(ana, the_conversation)

    for _ in range(2):
        wishes.want_less_like(stories[0], by=ana, now=NOW)

    assert chosen_for(ana, the_conversation).refused == {"not_wanted": 1}
    field = candidates.field_for(candidates.basis_of(slates.standing(ana, the_conversation.slug), now=NOW))
    assert [one.story.key for one in field.less_like] == [stories[0].pk]

    wishes.want_as_before(stories[0], by=ana)
    assert chosen_for(ana, the_conversation).refused == {}


def test_a_withdrawn_story_says_nothing_about_what_resembles_it(
    ana: User, stories: list[Story], the_conversation: Challenge
) -> None:
    rate(ana, the_conversation, 30, moment=Moment.BEFORE, at=NOW)
    wishes.want_less_like(stories[0], by=ana, now=NOW)
    publishing.withdraw(stories[0], by=stories[0].teller)

    field = candidates.field_for(
        candidates.basis_of(slates.standing(ana, the_conversation.slug), now=NOW + timedelta(days=1))
    )
    assert field.less_like == []


def test_nobody_wishes_away_their_own_story(stories: list[Story]) -> None:
    teller = stories[0].teller
    with pytest.raises(NothingToWish):
        wishes.hide_teller(teller, by=teller, now=NOW)
    with pytest.raises(NothingToWish):
        wishes.want_less_like(stories[0], by=teller, now=NOW)
    assert not LessLike.objects.exists()
