"""The roll says of every open story what the story says, whoever brought it up to date and whatever was there before."""

import threading

import pytest
from django.db import connection

from accounts.models import User
from accounts.traits.catalogue import parse_stored_answers
from challenges.models import Challenge
from recommendations.index import codec, search_table
from recommendations.models import SearchTableState
from stories import publishing
from stories.models import CatalogueChange, Story
from tests.recommendations.random_stories import publish_random_stories
from tests.story_factories import create_challenge, create_published_story


def search_table_rows() -> dict[object, tuple[object, object]]:
    return {
        codec.decode_facts(row).key: (codec.decode_facts(row), codec.decode_traits(row))
        for row in search_table.table_engine().read_rows()
    }


def expected_rows() -> dict[object, tuple[object, object]]:
    stories = search_table.annotate_captioned(Story.objects.open_to_members())
    return {
        story.pk: (search_table.story_facts(story), parse_stored_answers(story.traits_then))
        for story in stories
    }


@pytest.mark.django_db
def test_the_roll_says_what_the_stories_say(mo: User, the_conversation: Challenge) -> None:
    call = create_challenge("the-phone-call")
    stories = publish_random_stories([the_conversation, call], tellers=6, stories=24, by=mo, seed=1)
    search_table.sync_search_table()
    assert search_table_rows() == expected_rows()
    assert len(search_table_rows()) == 24

    publishing.withdraw_story(stories[0], by=stories[0].teller)
    publishing.set_story_hidden(stories[1], by=stories[1].teller, hidden=True)
    create_published_story(stories[2].teller, call, by=mo, language="pt-BR", traits_then={"age": 40})
    search_table.sync_search_table()

    assert search_table_rows() == expected_rows()
    assert len(search_table_rows()) == 23


@pytest.mark.django_db
def test_a_database_that_was_set_back_is_read_anew(bo: User, mo: User, the_conversation: Challenge) -> None:
    create_published_story(bo, the_conversation, by=mo)
    newest = search_table.sync_search_table()
    CatalogueChange.objects.all().delete()
    Story.objects.update(hidden=True)

    assert search_table.sync_search_table() == 0 < newest
    assert search_table_rows() == {}


@pytest.mark.django_db
def test_a_release_that_asks_something_else_has_a_roll_of_its_own(
    bo: User, mo: User, the_conversation: Challenge, monkeypatch: pytest.MonkeyPatch
) -> None:
    create_published_story(bo, the_conversation, by=mo)
    search_table.sync_search_table()
    ours = search_table.table_name()
    monkeypatch.setattr(codec, "CONTENT_NOTES", (*codec.CONTENT_NOTES, "clowns"))
    search_table.table_name.cache_clear()
    try:
        theirs = search_table.table_name()
        search_table.sync_search_table()
        assert theirs != ours
        assert set(SearchTableState.objects.values_list("name", flat=True)) == {ours, theirs}
        assert len(search_table_rows()) == 1
    finally:
        monkeypatch.undo()
        search_table.table_name.cache_clear()
    assert len(search_table_rows()) == 1


@pytest.mark.django_db
def test_of_earlier_rolls_only_the_latest_is_kept(bo: User, mo: User, the_conversation: Challenge) -> None:
    create_published_story(bo, the_conversation, by=mo)
    search_table.sync_search_table()
    SearchTableState.objects.create(name="practice_roll_older", enrolled=1)
    SearchTableState.objects.create(name="practice_roll_old", enrolled=2)

    search_table.drop_old_tables()

    assert set(SearchTableState.objects.values_list("name", flat=True)) == {
        search_table.table_name(),
        "practice_roll_old",
    }


@pytest.mark.django_db(transaction=True)
def test_of_several_who_look_at_once_one_enrols_and_all_see_the_same(
    bo: User, mo: User, the_conversation: Challenge
) -> None:
    for _ in range(3):
        create_published_story(bo, the_conversation, by=mo)
    start, seen = threading.Barrier(5), []

    def look() -> None:
        start.wait()
        seen.append((search_table.sync_search_table(), len(search_table_rows())))
        connection.close()

    lookers = [threading.Thread(target=look) for _ in range(5)]
    for looker in lookers:
        looker.start()
    for looker in lookers:
        looker.join()

    assert len(set(seen)) == 1
    assert seen[0][1] == 3
