from dataclasses import fields

import numpy as np
import pytest

from accounts.models import User
from challenges.models import Challenge
from matching.story_table import StoryTable
from recommendations.index import codec, search_table
from stories.models import Story
from tests.recommendations.random_stories import publish_random_stories


def equal_columns(story_table: StoryTable, other: StoryTable) -> dict[str, bool]:
    return {
        field.name: np.array_equal(
            np.asarray(getattr(story_table, field.name)), np.asarray(getattr(other, field.name))
        )
        for field in fields(StoryTable)
        if field.name not in {"content_note_bits", "content_note_names"}
    }


@pytest.mark.django_db
def test_a_decoded_story_table_equals_the_table_of_its_stories(mo: User, the_conversation: Challenge) -> None:
    publish_random_stories([the_conversation], tellers=6, stories=24, by=mo, seed=1)
    search_table.sync_search_table()

    story_table = codec.decode_story_table(
        codec.sort_rows_by_key(search_table.table_engine().read_rows()), the_conversation.pk
    )

    facts = [
        search_table.story_facts(story)
        for story in search_table.annotate_captioned(Story.objects.open_to_members())
    ]
    expected = StoryTable.from_stories(facts)
    assert len(story_table) == 24
    assert all(equal_columns(story_table, expected).values()), equal_columns(story_table, expected)
    for note in codec.CONTENT_NOTES:
        assert (
            story_table.mask_of_content_notes([note]).tolist()
            == expected.mask_of_content_notes([note]).tolist()
        )


@pytest.mark.django_db
def test_a_challenge_without_stories_has_an_empty_story_table(the_conversation: Challenge) -> None:
    search_table.sync_search_table()
    story_table = codec.decode_story_table(
        codec.sort_rows_by_key(search_table.table_engine().read_rows()), the_conversation.pk
    )
    assert len(story_table) == 0
    assert not story_table.mask_of_keys([the_conversation.pk]).any()
