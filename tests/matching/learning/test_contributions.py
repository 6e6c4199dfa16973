import numpy as np

from matching.learning.contributions import ContributionCalculator
from tests.matching.random_people import CATALOGUE, random_people, random_viewer_weights, rank_tellers


def test_calculated_contributions_equal_those_of_the_engine() -> None:
    tellers, viewers = random_people(60, seed=1), random_people(10, seed=2)
    calculator = ContributionCalculator(CATALOGUE, tellers)
    rng = np.random.default_rng(3)
    for viewer in viewers:
        weights = random_viewer_weights(rng)
        for match in rank_tellers(tellers, viewer, viewer_weights=weights):
            contributions = calculator.calculate_contributions(
                viewer, tellers[match.key], viewer_weights=weights
            )
            assert [part.trait for part in contributions] == [part.trait for part in match.contributions]
            assert np.allclose(
                [part.amount for part in contributions],
                [part.amount for part in match.contributions],
                atol=1e-6,
            )
