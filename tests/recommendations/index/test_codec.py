"""What the roll says in numbers is what stories say, one by one and all at once."""

from dataclasses import fields

import numpy as np
import pytest

from accounts.models import User
from challenges.models import Challenge
from matching.story_table import StoryTable
from recommendations.index import codec, search_table
from stories.models import Story
from tests.recommendations.random_stories import publish_random_stories


def equal_columns(crowd: StoryTable, other: StoryTable) -> dict[str, bool]:
    return {
        field.name: np.array_equal(
            np.asarray(getattr(crowd, field.name)), np.asarray(getattr(other, field.name))
        )
        for field in fields(StoryTable)
        if field.name not in {"notes", "note_names"}
    }


@pytest.mark.django_db
def test_a_crowd_read_from_the_roll_is_that_of_its_stories(mo: User, the_conversation: Challenge) -> None:
    publish_random_stories([the_conversation], tellers=6, stories=24, by=mo, seed=1)
    search_table.sync_search_table()

    crowd = codec.decode_story_table(
        codec.sort_rows_by_key(search_table.table_engine().read_rows()), the_conversation.pk
    )

    facts = [
        search_table.story_facts(story)
        for story in search_table.annotate_captioned(Story.objects.open_to_members())
    ]
    expected = StoryTable.from_stories(facts)
    assert len(crowd) == 24
    assert all(equal_columns(crowd, expected).values()), equal_columns(crowd, expected)
    for note in codec.CONTENT_NOTES:
        assert crowd.mask_of_content_notes([note]).tolist() == expected.mask_of_content_notes([note]).tolist()


@pytest.mark.django_db
def test_a_challenge_without_stories_is_an_empty_crowd(the_conversation: Challenge) -> None:
    search_table.sync_search_table()
    crowd = codec.decode_story_table(
        codec.sort_rows_by_key(search_table.table_engine().read_rows()), the_conversation.pk
    )
    assert len(crowd) == 0
    assert not crowd.mask_of_keys([the_conversation.pk]).any()
