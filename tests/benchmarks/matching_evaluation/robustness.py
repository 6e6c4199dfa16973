"""Robustness of rankings against unanswered questions: answers are hidden, and the top is compared with the full ranking."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from matching.engine import InMemoryEngine
from matching.similarity import build_weighted_query
from matching.traits import Answers, TraitCatalogue

SHOWN_COUNT = 20
TRUE_TOP_COUNT = 100


@dataclass(frozen=True)
class Robustness:
    """The share of the shown top 20 that is in the true top 100, and the share of lists with the most-shown teller."""

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
        People with nearly complete answers; the first `viewers` of a seeded shuffle are viewers, the others tellers.
    missing_share
        The mean share of answers that a person hides. Shares differ between people, uniformly from 0 to twice that.
    """
    rng = np.random.default_rng(seed)
    shuffled = [people[index] for index in rng.permutation(len(people))]
    full_viewers, tellers = shuffled[:viewers], shuffled[viewers:]
    partial_tellers = [_hide_answers(person, missing_share, rng) for person in tellers]
    partial_viewers = [_hide_answers(person, missing_share, rng) for person in full_viewers]
    full_engine = InMemoryEngine(catalogue).fit(tellers)
    partial_engine = InMemoryEngine(catalogue).fit(partial_tellers)
    true_top = [_top_keys(full_engine, person, TRUE_TOP_COUNT) for person in full_viewers]
    shown = [_top_keys(partial_engine, person, SHOWN_COUNT) for person in full_viewers]
    shown_to_partial = [_top_keys(partial_engine, person, SHOWN_COUNT) for person in partial_viewers]
    shown_counts = np.bincount(np.concatenate([[*keys] for keys in shown]))
    return Robustness(
        _mean_precision(shown, true_top),
        _mean_precision(shown_to_partial, true_top),
        float(shown_counts.max()) / viewers,
    )


def _top_keys(engine: InMemoryEngine, viewer: Answers, count: int) -> set[int]:
    return set(engine.search(build_weighted_query(viewer, catalogue=engine.catalogue), k=count).keys)


def _mean_precision(shown: Sequence[set[int]], true_top: Sequence[set[int]]) -> float:
    shares = [len(keys & best) / SHOWN_COUNT for keys, best in zip(shown, true_top, strict=True)]
    return float(np.mean(shares))


def _hide_answers(person: Answers, missing_share: float, rng: np.random.Generator) -> Answers:
    hidden_share = rng.uniform(0, 2 * missing_share)
    return {key: answer for key, answer in person.items() if rng.random() >= hidden_share}
