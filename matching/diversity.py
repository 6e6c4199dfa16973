"""Maximal marginal relevance: selects stories with high scores that differ from those already selected."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from heapq import heapify, heappop, heapreplace
from typing import NamedTuple

from matching.engine_contract import Key
from matching.records import Candidate
from matching.traits import Answer, TraitCatalogue


class _Loss(NamedTuple):
    """The negative marginal relevance of a candidate, so that a heap yields the best; ties go to the smaller row.

    `max_similarity` is over the first `compared_count` stories already selected.
    """

    loss: float
    row: int
    max_similarity: float = 0.0
    compared_count: int = 0


class MaximalMarginalRelevance:
    """Weighs each candidate's score against its similarity to the most similar selected story.

    Parameters
    ----------
    diversity_weight
        From 0 (only the score counts) to 1 (only dissimilarity counts).
    """

    def __init__(self, catalogue: TraitCatalogue, *, diversity_weight: float) -> None:
        self._catalogue = catalogue
        self._diversity_weight = diversity_weight
        # The same pairs of answers recur, and comparing two sets is slow.
        self._answer_similarity = lru_cache(maxsize=100_000)(self._compare_answers)

    def select_diverse(
        self,
        candidates: Sequence[Candidate],
        *,
        count: int,
        already_selected: Sequence[Candidate],
        scores: Mapping[Key, float],
    ) -> list[Candidate]:
        """Select up to `count` candidates; the earlier candidate wins a tie.

        Lazy greedy: marginal relevance only falls as more stories are selected, so it is recomputed only for the
        candidate at the top of the heap.
        """
        against, selected = list(already_selected), list[Candidate]()
        losses = [
            _Loss(-(1 - self._diversity_weight) * scores[candidate.story.key], row)
            for row, candidate in enumerate(candidates)
        ]
        heapify(losses)
        while losses and len(selected) < count:
            best = losses[0]
            if best.compared_count == len(against):
                heappop(losses)
                selected.append(candidates[best.row])
                against.append(candidates[best.row])
            else:
                heapreplace(losses, self._updated_loss(best, candidates[best.row], against))
        return selected

    def _updated_loss(self, outdated: _Loss, candidate: Candidate, against: Sequence[Candidate]) -> _Loss:
        similarities = [
            self.story_similarity(candidate, other) for other in against[outdated.compared_count :]
        ]
        max_similarity = max(outdated.max_similarity, *similarities)
        loss = outdated.loss + self._diversity_weight * (max_similarity - outdated.max_similarity)
        return _Loss(loss, outdated.row, max_similarity, len(against))

    def story_similarity(self, first: Candidate, second: Candidate) -> float:
        """Return the mean of the tellers' and the strategies' similarity, from 0 to 1.

        A question that one of the tellers left open counts as 0.5.
        """
        answered_by_both = first.answers.keys() & second.answers.keys()
        similarity_sum = sum(
            self._answer_similarity(key, first.answers[key], second.answers[key]) for key in answered_by_both
        )
        similarity_sum += (len(self._catalogue) - len(answered_by_both)) / 2
        union = len(first.story.strategies | second.story.strategies)
        jaccard = len(first.story.strategies & second.story.strategies) / union if union else 0.0
        return (similarity_sum / len(self._catalogue) + jaccard) / 2

    def _compare_answers(self, key: str, first: Answer, second: Answer) -> float:
        return self._catalogue[key].similarity(first, second)
