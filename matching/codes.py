"""Answers as small integers, and the look-up tables that score them.

Code 0 means "not answered". A level has its position plus one; a set has a bit for each member, so every distinct set has
its own code and any set similarity becomes a table.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from matching.engine_contract import Floats, Key, Ranking
from matching.similarity import WeightedQuery
from matching.traits import Answer, Answers, CategoryTrait, InvalidAnswer, SetTrait, TraitCatalogue

Codes = NDArray[np.uint16]  # shape (people, traits)
# Returns the similarities of an answer's code to every code of a trait, or None if no teller answered the trait.
SimilarityTable = Callable[[int, int], Floats | None]


class Codebook:
    """Converts answers to codes, one column per trait in catalogue order, and back.

    `sizes` are the numbers of codes of each trait, "not answered" included.
    """

    def __init__(self, catalogue: TraitCatalogue) -> None:
        self.traits = tuple(catalogue)
        self.columns = {trait.key: column for column, trait in enumerate(self.traits)}
        self.sizes = [
            1 << len(trait.levels) if isinstance(trait, SetTrait) else 1 + len(trait.values)
            for trait in self.traits
        ]
        self._codes: list[dict[Answer, int]] = [
            {value: code for code, value in enumerate(trait.values, start=1)} for trait in self.traits
        ]
        # By column and code. Listing a trait's values takes longer than all the rest of `decode`; sets are added as seen.
        self._answers: list[dict[int, Answer]] = [
            {} if isinstance(trait, SetTrait) else dict(enumerate(trait.values, start=1))
            for trait in self.traits
        ]

    def encode(self, answers: Sequence[Answers]) -> Codes:
        """Return shape (people, traits); raises InvalidAnswer for a trait or value that the catalogue does not have."""
        for key in {key for person in answers for key in person} - self.columns.keys():
            raise InvalidAnswer(key, "There is no such question.", "Leave it out.")
        codes = np.zeros((len(answers), len(self.traits)), dtype=np.uint16)
        for column, trait in enumerate(self.traits):
            codes[:, column] = [self.code(column, person.get(trait.key)) for person in answers]
        return codes

    def code(self, column: int, answer: Answer | None) -> int:
        if answer is None:
            return 0
        known = self._codes[column]
        try:
            return known[answer]
        except (KeyError, TypeError):  # an unseen set, a value between two steps, or not an answer at all
            trait = self.traits[column]
            clean = trait.clean(answer)
        if clean is None:
            return 0
        if not isinstance(trait, SetTrait) or not isinstance(clean, frozenset):
            return known[clean]
        code = sum(1 << position for position, (key, _) in enumerate(trait.levels) if key in clean)
        known[clean] = code
        return code

    def decode(self, codes: Sequence[int]) -> dict[str, Answer]:
        """Return the answers of one person, from shape (traits,)."""
        return {
            trait.key: self._answer(column, code)
            for column, (trait, code) in enumerate(zip(self.traits, codes, strict=True))
            if code
        }

    def _answer(self, column: int, code: int) -> Answer:
        trait, answers = self.traits[column], self._answers[column]
        if isinstance(trait, SetTrait) and code not in answers:
            chosen = (key for position, (key, _) in enumerate(trait.levels) if code >> position & 1)
            answers[code] = frozenset(chosen)
        return answers[code]

    def similarities(self, column: int, code: int) -> Floats:
        """Return the similarity of an answer to every code of its trait, shape (size,); 0 for "not answered"."""
        trait, size = self.traits[column], self.sizes[column]
        table = np.zeros(size)
        if isinstance(trait, SetTrait):
            table[1:] = _set_similarities(trait, code)
        elif isinstance(trait, CategoryTrait):
            answer = trait.values[code - 1]
            table[1:] = [trait.similarity(answer, other) for other in trait.values]
        else:
            table[1:] = 1 - np.abs(np.arange(1, size) - code) / (size - 2)
        return table


@lru_cache(maxsize=8)
def codebook_for(catalogue: TraitCatalogue) -> Codebook:
    return Codebook(catalogue)


def _set_similarities(trait: SetTrait, code: int) -> Floats:
    """Return the similarity of one set to all 2**levels - 1 others (see `matching.traits.SetTrait`)."""
    others = np.arange(1, 1 << len(trait.levels), dtype=np.uint32)
    if not trait.level_similarities:
        overlap = np.bitwise_count(others & np.uint32(code)).astype(np.float64)
    else:
        keys = [key for key, _ in trait.levels]
        positions = np.arange(len(keys), dtype=np.uint32)
        members = (others[:, None] >> positions & 1).astype(np.float64)
        pairs = np.array([[trait.level_similarity(key, other) for other in keys] for key in keys])
        own_pairs = pairs[(np.uint32(code) >> positions & 1) > 0]
        forward = sum((members * row).max(axis=1) for row in own_pairs)
        overlap = (forward + members @ own_pairs.max(axis=0)) / 2
    return np.asarray(overlap / (np.bitwise_count(others) + code.bit_count() - overlap))


def expected_similarities(similarities: Floats, counts: Floats) -> Floats | None:
    """Fill in entry 0, "not answered": the mean similarity over all tellers who answered. None if nobody did.

    Parameters
    ----------
    similarities, counts
        Shape (size,): the similarity of each code, and how many tellers have it; 0 for "not answered".
    """
    answered = counts.sum()
    if not answered:
        return None
    similarities[0] = similarities @ counts / answered
    return similarities


@dataclass(frozen=True)
class QueryTables:
    """A query as look-up tables, over the f traits that are compared.

    Attributes
    ----------
    columns
        Their columns in the codes.
    shares
        Shape (f,): their weights, which sum to 1.
    similarities
        By trait, the similarity of each code to the viewer's answer.
    """

    traits: tuple[str, ...]
    columns: list[int]
    shares: Floats
    similarities: list[Floats]

    def ranking(self, keys: tuple[Key, ...], scores: Floats, codes: NDArray[np.integer]) -> Ranking:
        """Return the ranking of n stories with these scores, and codes of shape (n, f)."""
        similarities = np.empty(codes.shape)
        for number, table in enumerate(self.similarities):
            similarities[:, number] = table[codes[:, number]]
        return Ranking(keys, scores, self.traits, self.shares, similarities, codes > 0)


def query_tables(query: WeightedQuery, codebook: Codebook, table: SimilarityTable) -> QueryTables:
    compared = []
    for column, trait in enumerate(codebook.traits):
        if trait.key in query.weights:
            similarities = table(column, codebook.code(column, query.answers[trait.key]))
            if similarities is not None:
                compared.append((trait.key, column, similarities))
    weights = np.array([query.weights[key] for key, _, _ in compared])
    return QueryTables(
        tuple(key for key, _, _ in compared),
        [column for _, column, _ in compared],
        weights / weights.sum() if compared else weights,
        [similarities for _, _, similarities in compared],
    )
