"""What the roll says in numbers is what stories say, one by one and all at once."""

from dataclasses import fields

import numpy as np
import pytest

from accounts.models import User
from challenges.models import Challenge
from matching.crowd import Crowd
from practice import columns, enrolling
from stories.models import Story
from tests.practice.worlds import told_by_many


def same(crowd: Crowd, other: Crowd) -> dict[str, bool]:
    return {
        field.name: np.array_equal(
            np.asarray(getattr(crowd, field.name)), np.asarray(getattr(other, field.name))
        )
        for field in fields(Crowd)
        if field.name not in {"notes", "note_names"}
    }


@pytest.mark.django_db
def test_a_crowd_read_from_the_roll_is_that_of_its_stories(mo: User, the_conversation: Challenge) -> None:
    told_by_many([the_conversation], tellers=6, stories=24, by=mo, seed=1)
    enrolling.catch_up()

    crowd = columns.crowd_on(columns.in_order(enrolling.roll().everybody()), the_conversation.pk)

    facts = [enrolling.facts_of(story) for story in enrolling.with_captions(Story.objects.open_to_members())]
    expected = Crowd.of(facts)
    assert len(crowd) == 24
    assert all(same(crowd, expected).values()), same(crowd, expected)
    for note in columns.NOTES:
        assert crowd.touching([note]).tolist() == expected.touching([note]).tolist()


@pytest.mark.django_db
def test_a_challenge_without_stories_is_an_empty_crowd(the_conversation: Challenge) -> None:
    enrolling.catch_up()
    crowd = columns.crowd_on(columns.in_order(enrolling.roll().everybody()), the_conversation.pk)
    assert len(crowd) == 0
    assert not crowd.named([the_conversation.pk]).any()
