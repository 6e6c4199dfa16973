"""Does the ranking hold when people leave questions open? Known answers are hidden, and the top is looked at again."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from matching.matcher import Matcher
from matching.traits.catalogue import Answers, TraitCatalogue

SHOWN_COUNT = 20
TRUE_TOP_COUNT = 100


@dataclass(frozen=True)
class Robustness:
    """The share of the shown top 20 that is truly in the top 100, and in how many lists the most-shown one stands."""

    precision_teller_answers_hidden: float
    precision_both_answers_hidden: float
    most_shown_share: float


def measure_robustness(
    catalogue: TraitCatalogue,
    people: Sequence[Answers],
    *,
    viewers: int,
    missing_share: float = 0.4,
    seed: int = 0,
) -> Robustness:
    """Hide answers and compare the rankings with those by all answers.

    Parameters
    ----------
    people
        Who answered nearly everything; the first `viewers` of a seeded shuffle ask, all others are asked about.
    missing
        The mean share of answers that a person hides. Shares differ between people, evenly from 0 to twice that.
    """
    rng = np.random.default_rng(seed)
    shuffled = [people[place] for place in rng.permutation(len(people))]
    asking, tellers = shuffled[:viewers], shuffled[viewers:]
    hidden = [_hide_answers(one, missing_share, rng) for one in tellers]
    shy = [_hide_answers(one, missing_share, rng) for one in asking]
    keys = range(len(tellers))
    whole, partly = Matcher(catalogue).fit(keys, tellers), Matcher(catalogue).fit(keys, hidden)
    right = [_top_keys(whole, one, TRUE_TOP_COUNT) for one in asking]
    shown = [_top_keys(partly, one, SHOWN_COUNT) for one in asking]
    shown_to_shy = [_top_keys(partly, one, SHOWN_COUNT) for one in shy]
    times = np.bincount(np.concatenate([np.array(list(one), dtype=np.intp) for one in shown]))
    return Robustness(
        _mean_precision(shown, right), _mean_precision(shown_to_shy, right), float(times.max()) / viewers
    )


def _top_keys(matcher: Matcher, viewer: Answers, count: int) -> set[int]:
    return {match.key for match in matcher.rank(viewer, k=count)}


def _mean_precision(shown: Sequence[set[int]], right: Sequence[set[int]]) -> float:
    return float(
        np.mean([len(ours & theirs) / SHOWN_COUNT for ours, theirs in zip(shown, right, strict=True)])
    )


def _hide_answers(person: Answers, missing_share: float, rng: np.random.Generator) -> Answers:
    share = rng.uniform(0, 2 * missing_share)
    return {key: answer for key, answer in person.items() if rng.random() >= share}
