"""How near a viewer's own words are to what a story says: latent semantic analysis, as a small part of a score.

Texts are fitted by scikit-learn, which takes seconds to load and is for workers. What it learned is a few arrays: a
web server reads them and compares with numpy alone.

The part is small on purpose. Two people in the same boat may say it differently, and fluent writers must not
be served better. With similarity s, nearness t (a cosine, 0 to 1) and a share of at most a tenth::

    score = s + share * t * (1 - s)

It is never below s, so that words cannot make a close match look like a distant one to the gates; and never above 1.
"""

import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from heapq import heappush, heappushpop
from typing import Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from matching.engines.contract import Floats, Key

LARGEST_SHARE = 0.1
DIMENSIONS = 64
# Below this, what looks alike is chance.
FEWEST_TEXTS = 12
# A word in more than half of the stories tells none of them apart.
TOO_COMMON = 0.5
WORD = re.compile(r"[^\W\d_]{2,}")


def words_of(text: str) -> list[str]:
    return WORD.findall(text.lower())


@dataclass(frozen=True)
class Meaning:
    """What was learned of a collection of texts, enough to place another one among them.

    Attributes
    ----------
    words
        The v words that count, in the order of the rows of `axes`.
    rarity
        Shape (v,): the inverse document frequency of each.
    axes
        Shape (v, d): each word's place in d dimensions.
    """

    words: tuple[str, ...]
    rarity: Floats
    axes: Floats

    def place(self, text: str) -> Floats:
        """Give a text's direction, shape (d,), of length 1; all 0 if none of its words is known."""
        known = {word: row for row, word in enumerate(self.words)}
        counts = {known[word]: count for word, count in Counter(words_of(text)).items() if word in known}
        rows = np.array(list(counts), dtype=np.intp)
        weights = (1 + np.log(list(counts.values()))) * self.rarity[rows] if counts else np.zeros(0)
        return _unit(weights @ self.axes[rows])


@dataclass(frozen=True)
class TextIndex:
    """The places of stories' texts: `places` has shape (n, d), one row a key, each of length 1 or 0."""

    meaning: Meaning
    keys: tuple[str, ...]
    places: NDArray[np.float32]

    @classmethod
    def fit(cls, texts: Mapping[str, str], *, seed: int = 0) -> Self | None:
        """Learn from texts by key; None where there are too few to tell anything by."""
        if len(texts) < FEWEST_TEXTS:
            return None
        # Loading scikit-learn takes seconds; only the worker that fits waits for it.
        from sklearn.decomposition import TruncatedSVD
        from sklearn.feature_extraction.text import TfidfVectorizer

        counting = TfidfVectorizer(analyzer=words_of, min_df=2, max_df=TOO_COMMON, sublinear_tf=True)
        try:
            table = counting.fit_transform(texts.values())
        except ValueError:  # no word stands in two texts and not in most
            return None
        dimensions = min(DIMENSIONS, min(table.shape) - 1)
        if dimensions < 1:
            return None
        svd = TruncatedSVD(n_components=dimensions, random_state=seed).fit(table)
        meaning = Meaning(
            tuple(counting.get_feature_names_out().tolist()),
            counting.idf_,
            np.ascontiguousarray(svd.components_.T),
        )
        places = np.array([_unit(row) for row in svd.transform(table)], dtype=np.float32)
        return cls(meaning, tuple(texts), places)

    def nearness(self, words: str, *, among: Sequence[str] | None = None) -> Floats:
        """Give the cosine of each key's text to some words, 0 where it points away or says nothing known.

        Parameters
        ----------
        among
            The n keys, known here or not; by default all, in their own order.

        Returns
        -------
        nearness
            Shape (n,), from 0 to 1.
        """
        rows = np.array(
            [self._rows.get(key, -1) for key in (self.keys if among is None else among)], dtype=np.intp
        )
        place = self.meaning.place(words)
        near = np.zeros(len(rows))
        if place.any():
            known = rows >= 0
            near[known] = np.clip(self.places[rows[known]] @ place.astype(np.float32), 0, 1)
        return near

    @cached_property
    def _rows(self) -> Mapping[str, int]:
        return {key: row for row, key in enumerate(self.keys)}

    def to_bytes(self) -> bytes:
        file = io.BytesIO()
        np.savez_compressed(
            file,
            words=np.array(self.meaning.words, dtype=np.str_),
            rarity=self.meaning.rarity,
            axes=self.meaning.axes.astype(np.float32),
            keys=np.array(self.keys, dtype=np.str_),
            places=self.places,
        )
        return file.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            meaning = Meaning(tuple(arrays["words"].tolist()), arrays["rarity"], arrays["axes"].astype(float))
            return cls(meaning, tuple(arrays["keys"].tolist()), arrays["places"])


Numbers = TypeVar("Numbers", float, Floats)


def with_words(similarity: Numbers, nearness: Numbers, *, share: float) -> Numbers:
    """Add nearness of words to a similarity; both from 0 to 1, one of each or as many of both."""
    if not 0 <= share <= LARGEST_SHARE:
        raise ValueError(f"words may have a share of 0 to {LARGEST_SHARE}, not {share}")
    return similarity + share * nearness * (1 - similarity)


def best_with_words(
    falling: Iterator[tuple[Key, float]], nearness: Mapping[str, float], *, share: float, k: int
) -> list[tuple[Key, float]]:
    """Give the k best by similarity and words, from keys with falling similarities; ties to the smaller key.

    Exact without looking at all: what comes later has no higher similarity s, so none can get above
    s + share * (1 - s), and once that is below the k-th best the rest is passed over.
    """
    looked_at: list[tuple[Key, float]] = []
    best: list[float] = []
    for key, similarity in falling:
        if len(best) == k and (not k or with_words(similarity, 1.0, share=share) < best[0]):
            break
        score = with_words(similarity, nearness.get(str(key), 0.0), share=share)
        looked_at.append((key, score))
        (heappush if len(best) < k else heappushpop)(best, score)
    return sorted(looked_at, key=lambda one: (-one[1], one[0]))[:k]


def _unit(place: Sequence[float] | Floats) -> Floats:
    values = np.asarray(place, dtype=float)
    length = float(np.linalg.norm(values))
    return values / length if length else np.zeros_like(values)
