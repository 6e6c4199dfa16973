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
    index: SimilarityIndex = request.param()
    return index


def ranked_keys(index: SimilarityIndex, challenge: Challenge) -> list[object]:
    story_scores = index.score_stories(challenge.pk, ranking_query=RankingQuery(TRAITS, {}, {}))
    order = np.argsort(-story_scores.scores, kind="stable").tolist()
    return [story_scores.stories.keys[row] for row in order]


@pytest.mark.django_db
class TestCatalogueUpdates:
    def test_a_published_story_is_ranked_at_once(
        self, index: SimilarityIndex, bo: User, mo: User, the_conversation: Challenge
    ) -> None:
        story = create_story_in_review(bo, the_conversation)
        assert ranked_keys(index, the_conversation) == []

        publishing.publish_story(
            story, by=mo, expected_version=story.version, content_hash=story.content_hash
        )

        assert ranked_keys(index, the_conversation) == [story.pk]

    def test_withdrawn_hidden_and_held_stories_are_removed_at_once(
        self, index: SimilarityIndex, bo: User, mo: User, the_conversation: Challenge
    ) -> None:
        withdrawn, hidden, held = (create_published_story(bo, the_conversation, by=mo) for _ in range(3))
        assert len(ranked_keys(index, the_conversation)) == 3

        publishing.withdraw_story(withdrawn, by=bo)
        publishing.set_story_hidden(hidden, by=bo, hidden=True)
        publishing.set_story_held(held, by=mo, held=True)

        assert ranked_keys(index, the_conversation) == []

    def test_a_hidden_story_that_is_shown_again_is_ranked(
        self, index: SimilarityIndex, bo: User, mo: User, the_conversation: Challenge
    ) -> None:
        story = create_published_story(bo, the_conversation, by=mo)
        publishing.set_story_hidden(story, by=bo, hidden=True)
        assert ranked_keys(index, the_conversation) == []
        publishing.set_story_hidden(story, by=bo, hidden=False)

        assert ranked_keys(index, the_conversation) == [story.pk]

    def test_a_new_index_ranks_like_an_updated_one(
        self, index: SimilarityIndex, bo: User, mo: User, the_conversation: Challenge
    ) -> None:
        for age in (20, 60, 31):
            create_published_story(
                bo, the_conversation, by=mo, traits_then={"age": age, "work_pattern": "nights"}
            )
            ranked_keys(index, the_conversation)

        assert ranked_keys(InMemoryIndex(), the_conversation) == ranked_keys(index, the_conversation)

    def test_ranking_without_changes_takes_one_query(
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


def same_contributions(first: RankedStory, second: RankedStory) -> bool:
    """Compare contributions up to rounding."""
    return all(
        (first_contribution.trait, first_contribution.known)
        == (second_contribution.trait, second_contribution.known)
        and first_contribution.amount == pytest.approx(second_contribution.amount)
        for first_contribution, second_contribution in zip(
            first.match.contributions, second.match.contributions, strict=True
        )
    )


def equal_columns(first: Any, second: Any) -> bool:
    return bool(np.array_equal(np.asarray(first), np.asarray(second)))


@pytest.mark.django_db
def test_both_indexes_give_the_same_scores_and_contributions(mo: User, the_conversation: Challenge) -> None:
    call = create_challenge("the-phone-call")
    publish_random_stories([the_conversation, call], tellers=5, stories=16, by=mo, seed=2)
    in_memory, in_postgres = InMemoryIndex(), PostgresIndex()
    for seed in range(8):
        query = RankingQuery(
            random_viewer_answers(seed=seed), {"age": 4, "gender": seed % 2}, {"work_pattern": 2.5}
        )
        for challenge in (the_conversation, call):
            memory_scores = in_memory.score_stories(challenge.pk, ranking_query=query)
            postgres_scores = in_postgres.score_stories(challenge.pk, ranking_query=query)
            assert all(map(equal_columns, astuple(memory_scores.stories), astuple(postgres_scores.stories)))
            assert memory_scores.scores.tolist() == postgres_scores.scores.tolist()
            keys = [*memory_scores.stories.keys]
            for first, second in zip(
                memory_scores.explained_matches(keys), postgres_scores.explained_matches(keys), strict=True
            ):
                assert (first.story, first.match) == (second.story, second.match)
                assert first.match.score == memory_scores.scores[keys.index(first.match.key)]
                assert same_contributions(first, second)


@pytest.mark.django_db(transaction=True)
def test_threads_can_rank_during_publications_and_withdrawals(
    bo: User, mo: User, the_conversation: Challenge
) -> None:
    index, errors, stop = InMemoryIndex(), [], threading.Event()

    def rank_repeatedly() -> None:
        try:
            while not stop.is_set():
                ranked_keys(index, the_conversation)
        except LookupError as error:
            errors.append(error)
        finally:
            connection.close()

    readers = [threading.Thread(target=rank_repeatedly) for _ in range(4)]
    for reader in readers:
        reader.start()
    for _ in range(8):
        story = create_published_story(bo, the_conversation, by=mo)
        publishing.withdraw_story(story, by=bo)
    stop.set()
    for reader in readers:
        reader.join()

    assert errors == []
    assert ranked_keys(index, the_conversation) == []
