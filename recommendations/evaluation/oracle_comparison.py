"""Compares the scores behind a sample of recent slates with the scikit-learn oracle: a nightly check of the engine."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from accounts.models import Profile
from accounts.traits.catalogue import TRAIT_CATALOGUE, parse_stored_answers
from practice.models import Slate
from recommendations.index.story_index import RankingQuery, index_in_use
from recommendations.learning import weights
from recommendations.models import WeightSet
from stories.models import Story

SAMPLED_PERIOD = timedelta(days=1)
SAMPLE_SIZE = 20
# Scores are multiples of 1e-9, and the two engines add contributions in different orders.
TOLERANCE = 2e-7


@dataclass(frozen=True)
class OracleComparison:
    """Counts of compared slates and stories, and of stories whose scores differ or that one engine lacks."""

    slates: int
    stories: int
    differing_stories: int


def compare_with_oracle(*, now: datetime) -> OracleComparison:
    """Score stories for the viewers of sampled slates, with the engine in use and with the oracle.

    The oracle loads the stories from their own table. Both engines use the viewers' present answers, so an answer that
    changed after the slate makes no difference.
    """
    slates = _sample_slates(now)
    if not slates:
        return OracleComparison(0, 0, 0)
    from matching.oracle_sklearn import SklearnEngine  # takes seconds to import

    stories = Story.objects.open_to_members().values_list("pk", "challenge_id", "traits_then")
    challenge_by_story = {key: challenge for key, challenge, _ in stories}
    oracle = SklearnEngine(TRAIT_CATALOGUE)
    oracle.add([key for key, _, _ in stories], [parse_stored_answers(traits) for _, _, traits in stories])
    weights_in_use = WeightSet.objects.in_use().values_list("pk", flat=True).first()
    compared = differing = 0
    for slate in slates:
        challenge = slate.challenge
        profile = getattr(slate.viewer, "profile", None) or Profile(person=slate.viewer)
        base_weights = weights.base_weights(weights_in_use, domain=challenge.domain.slug)
        query = RankingQuery(profile.traits, profile.matters, base_weights)
        story_scores = index_in_use().score_stories(challenge.pk, ranking_query=query)
        scores = dict(zip(story_scores.stories.keys, story_scores.scores.tolist(), strict=True))
        keys = [key for key, challenge_id in challenge_by_story.items() if challenge_id == challenge.pk]
        ranking = oracle.search(query.weighted_query(), k=len(keys), among=keys)
        expected = dict(zip(ranking.keys, ranking.scores.tolist(), strict=True))
        compared += len(expected)
        differing += sum(
            not np.isclose(scores.get(key, np.nan), expected.get(key, np.nan), rtol=0, atol=TOLERANCE)
            for key in scores.keys() | expected.keys()
        )
    return OracleComparison(len(slates), compared, differing)


def _sample_slates(now: datetime) -> Sequence[Slate]:
    """Return up to SAMPLE_SIZE random slates of the last day; the same ones for the same day."""
    recent = Slate.objects.filter(created_at__gt=now - SAMPLED_PERIOD, created_at__lte=now)
    keys = sorted(recent.values_list("pk", flat=True))
    rng = np.random.default_rng(now.date().toordinal())
    positions = (
        rng.choice(len(keys), size=min(SAMPLE_SIZE, len(keys)), replace=False).tolist() if keys else []
    )
    slates = Slate.objects.filter(pk__in=[keys[position] for position in positions]).order_by("pk")
    return list(slates.select_related("viewer__profile", "challenge__domain"))
