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
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from matching.engine_contract import Floats

MAX_TEXT_SHARE = 0.1
LSA_DIMENSIONS = 64
# Below this, what looks alike is chance.
MIN_TEXTS = 12
# A word in more than half of the stories tells none of them apart.
MAX_DOCUMENT_FREQUENCY = 0.5
WORD_PATTERN = re.compile(r"[^\W\d_]{2,}")


def tokenise_text(text: str) -> list[str]:
    return WORD_PATTERN.findall(text.lower())


@dataclass(frozen=True)
class LSAModel:
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

    vocabulary: tuple[str, ...]
    idf: Floats
    components: Floats

    def embed_text(self, text: str) -> Floats:
        """Give a text's direction, shape (d,), of length 1; all 0 if none of its words is known."""
        known = {word: row for row, word in enumerate(self.vocabulary)}
        counts = {known[word]: count for word, count in Counter(tokenise_text(text)).items() if word in known}
        rows = np.array(list(counts), dtype=np.intp)
        weights = (1 + np.log(list(counts.values()))) * self.idf[rows] if counts else np.zeros(0)
        return _normalise(weights @ self.components[rows])


@dataclass(frozen=True)
class TextIndex:
    """The places of stories' texts: `places` has shape (n, d), one row a key, each of length 1 or 0."""

    model: LSAModel
    keys: tuple[str, ...]
    embeddings: NDArray[np.float32]

    @classmethod
    def fit(cls, texts: Mapping[str, str], *, seed: int = 0) -> Self | None:
        """Learn from texts by key; None where there are too few to tell anything by."""
        if len(texts) < MIN_TEXTS:
            return None
        # Loading scikit-learn takes seconds; only the worker that fits waits for it.
        from sklearn.decomposition import TruncatedSVD
        from sklearn.feature_extraction.text import TfidfVectorizer

        counting = TfidfVectorizer(
            analyzer=tokenise_text, min_df=2, max_df=MAX_DOCUMENT_FREQUENCY, sublinear_tf=True
        )
        try:
            table = counting.fit_transform(texts.values())
        except ValueError:  # no word stands in two texts and not in most
            return None
        dimensions = min(LSA_DIMENSIONS, min(table.shape) - 1)
        if dimensions < 1:
            return None
        svd = TruncatedSVD(n_components=dimensions, random_state=seed).fit(table)
        meaning = LSAModel(
            tuple(counting.get_feature_names_out().tolist()),
            counting.idf_,
            np.ascontiguousarray(svd.components_.T),
        )
        places = np.array([_normalise(row) for row in svd.transform(table)], dtype=np.float32)
        return cls(meaning, tuple(texts), places)

    def text_similarities(self, query_text: str, *, among: Sequence[str] | None = None) -> Floats:
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
            [self._row_by_key.get(key, -1) for key in (self.keys if among is None else among)], dtype=np.intp
        )
        place = self.model.embed_text(query_text)
        near = np.zeros(len(rows))
        if place.any():
            known = rows >= 0
            near[known] = np.clip(self.embeddings[rows[known]] @ place.astype(np.float32), 0, 1)
        return near

    @cached_property
    def _row_by_key(self) -> Mapping[str, int]:
        return {key: row for row, key in enumerate(self.keys)}

    def to_bytes(self) -> bytes:
        file = io.BytesIO()
        np.savez_compressed(
            file,
            words=np.array(self.model.vocabulary, dtype=np.str_),
            rarity=self.model.idf,
            axes=self.model.components.astype(np.float32),
            keys=np.array(self.keys, dtype=np.str_),
            places=self.embeddings,
        )
        return file.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            meaning = LSAModel(
                tuple(arrays["words"].tolist()), arrays["rarity"], arrays["axes"].astype(float)
            )
            return cls(meaning, tuple(arrays["keys"].tolist()), arrays["places"])


FloatOrArray = TypeVar("FloatOrArray", float, Floats)


def add_text_similarity(
    similarity: FloatOrArray, text_similarity: FloatOrArray, *, share: float
) -> FloatOrArray:
    """Add nearness of words to a similarity; both from 0 to 1, one of each or as many of both."""
    if not 0 <= share <= MAX_TEXT_SHARE:
        raise ValueError(f"words may have a share of 0 to {MAX_TEXT_SHARE}, not {share}")
    return similarity + share * text_similarity * (1 - similarity)


def _normalise(vector: Sequence[float] | Floats) -> Floats:
    values = np.asarray(vector, dtype=float)
    length = float(np.linalg.norm(values))
    return values / length if length else np.zeros_like(values)
