import threading
from dataclasses import astuple
from typing import Any

import numpy as np
import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from challenges.models import Challenge
from practice.index import Asked, Index, Ranked, StoryIndex, StoryTable
from stories import publishing
from tests.practice.worlds import answers, told_by_many
from tests.stories_told import challenge_named, published_story, story_in_review

TRAITS = {"age": 30, "work_pattern": "nights"}


@pytest.fixture(params=[StoryIndex, StoryTable])
def index(request: pytest.FixtureRequest) -> Index:
    """In memory, then in PostgreSQL."""
    made: Index = request.param()
    return made


def keys(index: Index, challenge: Challenge) -> list[object]:
    found = index.likeness(challenge.pk, asked=Asked(TRAITS, {}, {}))
    order = np.argsort(-found.scores, kind="stable").tolist()
    return [found.crowd.keys[place] for place in order]


@pytest.mark.django_db
class TestKeepingUp:
    def test_a_story_is_ranked_from_the_moment_it_is_published(
        self, index: Index, bo: User, mo: User, the_conversation: Challenge
    ) -> None:
        story = story_in_review(bo, the_conversation)
        assert keys(index, the_conversation) == []

        publishing.publish(story, by=mo, seen=story.version, content_hash=story.content_hash)

        assert keys(index, the_conversation) == [story.pk]

    def test_a_story_is_gone_from_the_moment_it_is_withdrawn_hidden_or_held(
        self, index: Index, bo: User, mo: User, the_conversation: Challenge
    ) -> None:
        withdrawn, hidden, held = (published_story(bo, the_conversation, by=mo) for _ in range(3))
        assert len(keys(index, the_conversation)) == 3

        publishing.withdraw(withdrawn, by=bo)
        publishing.hide(hidden, by=bo, hidden=True)
        publishing.hold(held, by=mo, held=True)

        assert keys(index, the_conversation) == []

    def test_a_hidden_story_that_is_shown_again_comes_back(
        self, index: Index, bo: User, mo: User, the_conversation: Challenge
    ) -> None:
        story = published_story(bo, the_conversation, by=mo)
        publishing.hide(story, by=bo, hidden=True)
        assert keys(index, the_conversation) == []
        publishing.hide(story, by=bo, hidden=False)

        assert keys(index, the_conversation) == [story.pk]

    def test_a_process_that_starts_later_knows_the_same(
        self, index: Index, bo: User, mo: User, the_conversation: Challenge
    ) -> None:
        for age in (20, 60, 31):
            published_story(bo, the_conversation, by=mo, traits_then={"age": age, "work_pattern": "nights"})
            keys(index, the_conversation)

        assert keys(StoryIndex(), the_conversation) == keys(index, the_conversation)

    def test_nothing_new_costs_one_query(
        self,
        bo: User,
        mo: User,
        the_conversation: Challenge,
        django_assert_num_queries: DjangoAssertNumQueries,
    ) -> None:
        index = StoryIndex()
        published_story(bo, the_conversation, by=mo)
        keys(index, the_conversation)

        with django_assert_num_queries(1):
            keys(index, the_conversation)

    def test_only_stories_about_the_challenge_are_ranked(
        self, index: Index, bo: User, mo: User, the_conversation: Challenge
    ) -> None:
        published_story(bo, challenge_named("the-phone-call"), by=mo)

        assert keys(index, the_conversation) == []


def alike_in_all_parts(one: Ranked, other: Ranked) -> bool:
    """Say whether two matches are made of the same, but for the last bit of a sum."""
    return all(
        (ours.trait, ours.known) == (theirs.trait, theirs.known)
        and ours.amount == pytest.approx(theirs.amount)
        for ours, theirs in zip(one.match.contributions, other.match.contributions, strict=True)
    )


def same_column(one: Any, other: Any) -> bool:
    return bool(np.array_equal(np.asarray(one), np.asarray(other)))


@pytest.mark.django_db
def test_memory_and_table_rank_alike_with_the_same_reasons(mo: User, the_conversation: Challenge) -> None:
    call = challenge_named("the-phone-call")
    told_by_many([the_conversation, call], tellers=5, stories=16, by=mo, seed=2)
    held, table = StoryIndex(), StoryTable()
    for seed in range(8):
        asked = Asked(answers(seed=seed), {"age": 4, "gender": seed % 2}, {"work_pattern": 2.5})
        for challenge in (the_conversation, call):
            ours = held.likeness(challenge.pk, asked=asked)
            theirs = table.likeness(challenge.pk, asked=asked)
            assert all(map(same_column, astuple(ours.crowd), astuple(theirs.crowd)))
            assert ours.scores.tolist() == theirs.scores.tolist()
            several = [*ours.crowd.keys]
            for one, other in zip(ours.reasons(several), theirs.reasons(several), strict=True):
                assert (one.entry, one.match) == (other.entry, other.match)
                assert one.match.score == ours.scores[several.index(one.match.key)]
                assert alike_in_all_parts(one, other)


@pytest.mark.django_db(transaction=True)
def test_many_threads_rank_while_stories_come_and_go(bo: User, mo: User, the_conversation: Challenge) -> None:
    index, faults, over = StoryIndex(), [], threading.Event()

    def ask() -> None:
        try:
            while not over.is_set():
                keys(index, the_conversation)
        except LookupError as fault:
            faults.append(fault)
        finally:
            connection.close()

    readers = [threading.Thread(target=ask) for _ in range(4)]
    for reader in readers:
        reader.start()
    for _ in range(8):
        story = published_story(bo, the_conversation, by=mo)
        publishing.withdraw(story, by=bo)
    over.set()
    for reader in readers:
        reader.join()

    assert faults == []
    assert keys(index, the_conversation) == []
