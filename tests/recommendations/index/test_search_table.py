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
def test_the_search_table_equals_the_open_stories_after_changes(
    mo: User, the_conversation: Challenge
) -> None:
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
def test_the_search_table_is_rebuilt_after_a_database_restore(
    bo: User, mo: User, the_conversation: Challenge
) -> None:
    create_published_story(bo, the_conversation, by=mo)
    newest = search_table.sync_search_table()
    CatalogueChange.objects.all().delete()
    Story.objects.update(hidden=True)

    assert search_table.sync_search_table() == 0 < newest
    assert search_table_rows() == {}


@pytest.mark.django_db
def test_a_release_with_another_catalogue_has_its_own_table(
    bo: User, mo: User, the_conversation: Challenge, monkeypatch: pytest.MonkeyPatch
) -> None:
    create_published_story(bo, the_conversation, by=mo)
    search_table.sync_search_table()
    table_name = search_table.table_name()
    monkeypatch.setattr(codec, "CONTENT_NOTES", (*codec.CONTENT_NOTES, "clowns"))
    search_table.table_name.cache_clear()
    try:
        other_table_name = search_table.table_name()
        search_table.sync_search_table()
        assert other_table_name != table_name
        assert set(SearchTableState.objects.values_list("name", flat=True)) == {table_name, other_table_name}
        assert len(search_table_rows()) == 1
    finally:
        monkeypatch.undo()
        search_table.table_name.cache_clear()
    assert len(search_table_rows()) == 1


@pytest.mark.django_db
def test_only_the_latest_of_the_old_tables_is_kept(bo: User, mo: User, the_conversation: Challenge) -> None:
    create_published_story(bo, the_conversation, by=mo)
    search_table.sync_search_table()
    SearchTableState.objects.create(name="practice_roll_older", catalogue_version=1)
    SearchTableState.objects.create(name="practice_roll_old", catalogue_version=2)

    search_table.drop_old_tables()

    assert set(SearchTableState.objects.values_list("name", flat=True)) == {
        search_table.table_name(),
        "practice_roll_old",
    }


@pytest.mark.django_db(transaction=True)
def test_concurrent_syncs_give_the_same_table(bo: User, mo: User, the_conversation: Challenge) -> None:
    for _ in range(3):
        create_published_story(bo, the_conversation, by=mo)
    start, results = threading.Barrier(5), []

    def sync() -> None:
        start.wait()
        results.append((search_table.sync_search_table(), len(search_table_rows())))
        connection.close()

    threads = [threading.Thread(target=sync) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(set(results)) == 1
    assert results[0][1] == 3
