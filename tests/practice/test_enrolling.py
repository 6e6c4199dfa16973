"""The roll says of every open story what the story says, whoever brought it up to date and whatever was there before."""

import threading

import pytest
from django.db import connection

from accounts.models import User
from accounts.traits import read
from challenges.models import Challenge
from practice import columns, enrolling
from practice.models import Roll
from stories import publishing
from stories.models import CatalogueChange, Story
from tests.practice.worlds import told_by_many
from tests.stories_told import challenge_named, published_story


def rows_by_key() -> dict[object, tuple[object, object]]:
    return {
        columns.facts_on(row).key: (columns.facts_on(row), columns.traits_on(row))
        for row in enrolling.roll().everybody()
    }


def what_stories_say() -> dict[object, tuple[object, object]]:
    stories = enrolling.with_captions(Story.objects.open_to_members())
    return {story.pk: (enrolling.facts_of(story), read(story.traits_then)) for story in stories}


@pytest.mark.django_db
def test_the_roll_says_what_the_stories_say(mo: User, the_conversation: Challenge) -> None:
    call = challenge_named("the-phone-call")
    stories = told_by_many([the_conversation, call], tellers=6, stories=24, by=mo, seed=1)
    enrolling.catch_up()
    assert rows_by_key() == what_stories_say()
    assert len(rows_by_key()) == 24

    publishing.withdraw(stories[0], by=stories[0].teller)
    publishing.hide(stories[1], by=stories[1].teller, hidden=True)
    published_story(stories[2].teller, call, by=mo, language="pt-BR", traits_then={"age": 40})
    enrolling.catch_up()

    assert rows_by_key() == what_stories_say()
    assert len(rows_by_key()) == 23


@pytest.mark.django_db
def test_a_database_that_was_set_back_is_read_anew(bo: User, mo: User, the_conversation: Challenge) -> None:
    published_story(bo, the_conversation, by=mo)
    newest = enrolling.catch_up()
    CatalogueChange.objects.all().delete()
    Story.objects.update(hidden=True)

    assert enrolling.catch_up() == 0 < newest
    assert rows_by_key() == {}


@pytest.mark.django_db
def test_a_release_that_asks_something_else_has_a_roll_of_its_own(
    bo: User, mo: User, the_conversation: Challenge, monkeypatch: pytest.MonkeyPatch
) -> None:
    published_story(bo, the_conversation, by=mo)
    enrolling.catch_up()
    ours = enrolling.name()
    monkeypatch.setattr(columns, "NOTES", (*columns.NOTES, "clowns"))
    enrolling.name.cache_clear()
    try:
        theirs = enrolling.name()
        enrolling.catch_up()
        assert theirs != ours
        assert set(Roll.objects.values_list("name", flat=True)) == {ours, theirs}
        assert len(rows_by_key()) == 1
    finally:
        monkeypatch.undo()
        enrolling.name.cache_clear()
    assert len(rows_by_key()) == 1


@pytest.mark.django_db
def test_of_earlier_rolls_only_the_latest_is_kept(bo: User, mo: User, the_conversation: Challenge) -> None:
    published_story(bo, the_conversation, by=mo)
    enrolling.catch_up()
    Roll.objects.create(name="practice_roll_older", enrolled=1)
    Roll.objects.create(name="practice_roll_old", enrolled=2)

    enrolling.forget_old()

    assert set(Roll.objects.values_list("name", flat=True)) == {enrolling.name(), "practice_roll_old"}


@pytest.mark.django_db(transaction=True)
def test_of_several_who_look_at_once_one_enrols_and_all_see_the_same(
    bo: User, mo: User, the_conversation: Challenge
) -> None:
    for _ in range(3):
        published_story(bo, the_conversation, by=mo)
    start, seen = threading.Barrier(5), []

    def look() -> None:
        start.wait()
        seen.append((enrolling.catch_up(), len(rows_by_key())))
        connection.close()

    lookers = [threading.Thread(target=look) for _ in range(5)]
    for looker in lookers:
        looker.start()
    for looker in lookers:
        looker.join()

    assert len(set(seen)) == 1
    assert seen[0][1] == 3
