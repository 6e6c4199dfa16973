"""Latent semantic analysis: the similarity of a viewer's free text to a story's text, as a small part of a score.

scikit-learn, which takes seconds to import, fits the model in a worker. The fitted model is a few arrays, which a web
process loads and compares with numpy alone.

The share is small because people in the same boat may use different words, and fluent writers must not get better matches.
With similarity s, text similarity t (a cosine, 0 to 1) and a share of at most a tenth::

    score = s + share * t * (1 - s)

It is never below s, so that text cannot make a close match look distant to the gates, and never above 1.
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
# With fewer texts, similarity is mostly chance.
MIN_TEXTS = 12
# A word in more than half of the stories does not distinguish them.
MAX_DOCUMENT_FREQUENCY = 0.5
WORD_PATTERN = re.compile(r"[^\W\d_]{2,}")


def tokenise_text(text: str) -> list[str]:
    return WORD_PATTERN.findall(text.lower())


@dataclass(frozen=True)
class LSAModel:
    """A fitted model that can embed further texts.

    Attributes
    ----------
    vocabulary
        v words, in the order of the rows of `components`.
    idf
        Shape (v,): inverse document frequencies.
    components
        Shape (v, d): each word's embedding.
    """

    vocabulary: tuple[str, ...]
    idf: Floats
    components: Floats

    def embed_text(self, text: str) -> Floats:
        """Return an embedding of length 1, shape (d,); all 0 if no word is in the vocabulary."""
        row_by_word = {word: row for row, word in enumerate(self.vocabulary)}
        counts = Counter(row_by_word[word] for word in tokenise_text(text) if word in row_by_word)
        rows = np.array(list(counts), dtype=np.intp)
        weights = (1 + np.log(np.array(list(counts.values()), dtype=float))) * self.idf[rows]
        return _normalise(weights @ self.components[rows])


@dataclass(frozen=True)
class TextIndex:
    """Embeddings of the stories' texts, shape (n, d): one row per key, each of length 1 or 0."""

    model: LSAModel
    keys: tuple[str, ...]
    embeddings: NDArray[np.float32]

    @classmethod
    def fit(cls, texts: Mapping[str, str], *, seed: int = 0) -> Self | None:
        """Fit a model to texts by key; returns None if there are too few texts or common words."""
        if len(texts) < MIN_TEXTS:
            return None
        from sklearn.decomposition import TruncatedSVD  # takes seconds to import
        from sklearn.feature_extraction.text import TfidfVectorizer

        vectorizer = TfidfVectorizer(
            analyzer=tokenise_text, min_df=2, max_df=MAX_DOCUMENT_FREQUENCY, sublinear_tf=True
        )
        try:
            tfidf = vectorizer.fit_transform(texts.values())
        except ValueError:  # no word is in at least two texts and at most half of them
            return None
        dimensions = min(LSA_DIMENSIONS, min(tfidf.shape) - 1)
        if dimensions < 1:
            return None
        svd = TruncatedSVD(n_components=dimensions, random_state=seed).fit(tfidf)
        vocabulary = tuple(vectorizer.get_feature_names_out().tolist())
        model = LSAModel(vocabulary, vectorizer.idf_, np.ascontiguousarray(svd.components_.T))
        embeddings = np.array([_normalise(row) for row in svd.transform(tfidf)], dtype=np.float32)
        return cls(model, tuple(texts), embeddings)

    def text_similarities(self, query_text: str, *, among: Sequence[str] | None = None) -> Floats:
        """Return the cosine of the query and the text of each key (all by default), shape (keys,).

        Negative cosines and unknown keys give 0.
        """
        keys = self.keys if among is None else among
        rows = np.array([self._row_by_key.get(key, -1) for key in keys], dtype=np.intp)
        query_vector = self.model.embed_text(query_text).astype(np.float32)
        similarities = np.zeros(len(rows))
        known = rows >= 0
        similarities[known] = np.clip(self.embeddings[rows[known]] @ query_vector, 0, 1)
        return similarities

    @cached_property
    def _row_by_key(self) -> Mapping[str, int]:
        return {key: row for row, key in enumerate(self.keys)}

    # The names of the stored arrays do not change, because stored rows have to stay readable.

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
            model = LSAModel(tuple(arrays["words"].tolist()), arrays["rarity"], arrays["axes"].astype(float))
            return cls(model, tuple(arrays["keys"].tolist()), arrays["places"])


FloatOrArray = TypeVar("FloatOrArray", float, Floats)


def add_text_similarity(
    similarity: FloatOrArray, text_similarity: FloatOrArray, *, share: float
) -> FloatOrArray:
    """Add text similarity to similarity, both from 0 to 1."""
    if not 0 <= share <= MAX_TEXT_SHARE:
        raise ValueError(f"the share must be from 0 to {MAX_TEXT_SHARE}, not {share}")
    return similarity + share * text_similarity * (1 - similarity)


def _normalise(vector: Floats) -> Floats:
    length = float(np.linalg.norm(vector))
    return vector / length if length else np.zeros_like(vector)
