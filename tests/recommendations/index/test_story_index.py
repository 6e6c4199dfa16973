import threading
from dataclasses import astuple
from typing import Any

import numpy as np
import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from challenges.models import Challenge
from recommendations.index.story_index import (
    InMemoryIndex,
    PostgresIndex,
    RankedStory,
    RankingQuery,
    SimilarityIndex,
)
from stories import publishing
from tests.recommendations.random_stories import publish_random_stories, random_viewer_answers
from tests.story_factories import create_challenge, create_published_story, create_story_in_review

TRAITS = {"age": 30, "work_pattern": "nights"}


@pytest.fixture(params=[InMemoryIndex, PostgresIndex])
def index(request: pytest.FixtureRequest) -> SimilarityIndex:
    """In memory, then in PostgreSQL."""
    made: SimilarityIndex = request.param()
    return made


def ranked_keys(index: SimilarityIndex, challenge: Challenge) -> list[object]:
    found = index.score_stories(challenge.pk, ranking_query=RankingQuery(TRAITS, {}, {}))
    order = np.argsort(-found.scores, kind="stable").tolist()
    return [found.stories.keys[place] for place in order]


@pytest.mark.django_db
class TestCatalogueUpdates:
    def test_a_story_is_ranked_from_the_moment_it_is_published(
        self, index: SimilarityIndex, bo: User, mo: User, the_conversation: Challenge
    ) -> None:
        story = create_story_in_review(bo, the_conversation)
        assert ranked_keys(index, the_conversation) == []

        publishing.publish_story(
            story, by=mo, expected_version=story.version, content_hash=story.content_hash
        )

        assert ranked_keys(index, the_conversation) == [story.pk]

    def test_a_story_is_gone_from_the_moment_it_is_withdrawn_hidden_or_held(
        self, index: SimilarityIndex, bo: User, mo: User, the_conversation: Challenge
    ) -> None:
        withdrawn, hidden, held = (create_published_story(bo, the_conversation, by=mo) for _ in range(3))
        assert len(ranked_keys(index, the_conversation)) == 3

        publishing.withdraw_story(withdrawn, by=bo)
        publishing.set_story_hidden(hidden, by=bo, hidden=True)
        publishing.set_story_held(held, by=mo, held=True)

        assert ranked_keys(index, the_conversation) == []

    def test_a_hidden_story_that_is_shown_again_comes_back(
        self, index: SimilarityIndex, bo: User, mo: User, the_conversation: Challenge
    ) -> None:
        story = create_published_story(bo, the_conversation, by=mo)
        publishing.set_story_hidden(story, by=bo, hidden=True)
        assert ranked_keys(index, the_conversation) == []
        publishing.set_story_hidden(story, by=bo, hidden=False)

        assert ranked_keys(index, the_conversation) == [story.pk]

    def test_a_process_that_starts_later_knows_the_same(
        self, index: SimilarityIndex, bo: User, mo: User, the_conversation: Challenge
    ) -> None:
        for age in (20, 60, 31):
            create_published_story(
                bo, the_conversation, by=mo, traits_then={"age": age, "work_pattern": "nights"}
            )
            ranked_keys(index, the_conversation)

        assert ranked_keys(InMemoryIndex(), the_conversation) == ranked_keys(index, the_conversation)

    def test_nothing_new_costs_one_query(
        self,
        bo: User,
        mo: User,
        the_conversation: Challenge,
        django_assert_num_queries: DjangoAssertNumQueries,
    ) -> None:
        index = InMemoryIndex()
        create_published_story(bo, the_conversation, by=mo)
        ranked_keys(index, the_conversation)

        with django_assert_num_queries(1):
            ranked_keys(index, the_conversation)

    def test_only_stories_about_the_challenge_are_ranked(
        self, index: SimilarityIndex, bo: User, mo: User, the_conversation: Challenge
    ) -> None:
        create_published_story(bo, create_challenge("the-phone-call"), by=mo)

        assert ranked_keys(index, the_conversation) == []


def same_contributions(one: RankedStory, other: RankedStory) -> bool:
    """Say whether two matches are made of the same, but for the last bit of a sum."""
    return all(
        (ours.trait, ours.known) == (theirs.trait, theirs.known)
        and ours.amount == pytest.approx(theirs.amount)
        for ours, theirs in zip(one.match.contributions, other.match.contributions, strict=True)
    )


def equal_columns(one: Any, other: Any) -> bool:
    return bool(np.array_equal(np.asarray(one), np.asarray(other)))


@pytest.mark.django_db
def test_memory_and_table_rank_alike_with_the_same_reasons(mo: User, the_conversation: Challenge) -> None:
    call = create_challenge("the-phone-call")
    publish_random_stories([the_conversation, call], tellers=5, stories=16, by=mo, seed=2)
    held, table = InMemoryIndex(), PostgresIndex()
    for seed in range(8):
        asked = RankingQuery(
            random_viewer_answers(seed=seed), {"age": 4, "gender": seed % 2}, {"work_pattern": 2.5}
        )
        for challenge in (the_conversation, call):
            ours = held.score_stories(challenge.pk, ranking_query=asked)
            theirs = table.score_stories(challenge.pk, ranking_query=asked)
            assert all(map(equal_columns, astuple(ours.stories), astuple(theirs.stories)))
            assert ours.scores.tolist() == theirs.scores.tolist()
            several = [*ours.stories.keys]
            for one, other in zip(
                ours.explained_matches(several), theirs.explained_matches(several), strict=True
            ):
                assert (one.story, one.match) == (other.story, other.match)
                assert one.match.score == ours.scores[several.index(one.match.key)]
                assert same_contributions(one, other)


@pytest.mark.django_db(transaction=True)
def test_many_threads_rank_while_stories_come_and_go(bo: User, mo: User, the_conversation: Challenge) -> None:
    index, faults, over = InMemoryIndex(), [], threading.Event()

    def ask() -> None:
        try:
            while not over.is_set():
                ranked_keys(index, the_conversation)
        except LookupError as fault:
            faults.append(fault)
        finally:
            connection.close()

    readers = [threading.Thread(target=ask) for _ in range(4)]
    for reader in readers:
        reader.start()
    for _ in range(8):
        story = create_published_story(bo, the_conversation, by=mo)
        publishing.withdraw_story(story, by=bo)
    over.set()
    for reader in readers:
        reader.join()

    assert faults == []
    assert ranked_keys(index, the_conversation) == []
