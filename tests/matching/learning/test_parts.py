import numpy as np

from matching.learning.parts import Parts
from matching.matcher import Matcher
from tests.matching.worlds import CATALOGUE, everyone, some_weights


def test_the_parts_are_those_of_the_ranking() -> None:
    tellers, viewers = everyone(60, seed=1), everyone(10, seed=2)
    matcher, parts = Matcher(CATALOGUE).fit(range(60), tellers), Parts(CATALOGUE, tellers)
    rng = np.random.default_rng(3)
    for viewer in viewers:
        own = some_weights(rng)
        for match in matcher.rank(viewer, weights=own, k=60):
            ours = parts.of(viewer, tellers[match.key], own=own)
            assert [part.trait for part in ours] == [part.trait for part in match.contributions]
            assert np.allclose(
                [part.amount for part in ours], [part.amount for part in match.contributions], atol=1e-6
            )
