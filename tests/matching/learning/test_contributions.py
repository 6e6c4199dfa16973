import numpy as np

from matching.learning.contributions import ContributionCalculator
from matching.matcher import Matcher
from tests.matching.random_people import CATALOGUE, random_people, random_viewer_weights


def test_the_parts_are_those_of_the_ranking() -> None:
    tellers, viewers = random_people(60, seed=1), random_people(10, seed=2)
    matcher, parts = Matcher(CATALOGUE).fit(range(60), tellers), ContributionCalculator(CATALOGUE, tellers)
    rng = np.random.default_rng(3)
    for viewer in viewers:
        own = random_viewer_weights(rng)
        for match in matcher.rank(viewer, weights=own, k=60):
            ours = parts.calculate_contributions(viewer, tellers[match.key], viewer_weights=own)
            assert [part.trait for part in ours] == [part.trait for part in match.contributions]
            assert np.allclose(
                [part.amount for part in ours], [part.amount for part in match.contributions], atol=1e-6
            )
