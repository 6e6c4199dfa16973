"""The published stories of one challenge in columns, so that gates and random slates process all of them at once."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from matching.engine_contract import Floats, Key, Mask, Rows
from matching.keys import KeyHashes, hash_keys
from matching.records import RoleModelKind, StoryFacts, StoryOutcome

OUTCOMES = tuple(StoryOutcome)

Integers = NDArray[np.int64]


@dataclass(frozen=True)
class StoryTable:
    """Columns of shape (n,), in the order of the stories' keys.

    Attributes
    ----------
    keys, tellers, languages
        Ascending; `teller_index` and `language_index` are positions in `tellers` and `languages`.
    outcome_index
        Positions in `OUTCOMES`.
    content_note_bits
        One bit for each of `content_note_names`.
    key_hashes
        From `matching.keys.hash_keys`.
    """

    keys: Sequence[Key]
    tellers: Sequence[Key]
    teller_index: Integers
    challenge: Key
    start_rung: Integers
    end_rung: Integers
    is_coping: Mask
    outcome_index: Integers
    languages: Sequence[str]
    language_index: Integers
    has_captions: Mask
    content_note_names: Sequence[str]
    content_note_bits: Integers
    key_hashes: KeyHashes

    @classmethod
    def from_stories(cls, unsorted: Iterable[StoryFacts]) -> Self:
        """Build the table; raises ValueError if the stories belong to several challenges."""
        stories = sorted(unsorted, key=lambda story: story.key)
        challenges = {story.challenge for story in stories}
        if len(challenges) > 1:
            raise ValueError(f"all stories must belong to one challenge, got {len(challenges)}")
        tellers = sorted({story.teller for story in stories})
        languages = sorted({story.language for story in stories})
        note_names = sorted({note for story in stories for note in story.content_notes})
        keys = [story.key for story in stories]
        return cls(
            keys=keys,
            tellers=tellers,
            teller_index=_integers(bisect_left(tellers, story.teller) for story in stories),
            challenge=next(iter(challenges), None),
            start_rung=_integers(story.start_rung for story in stories),
            end_rung=_integers(story.end_rung for story in stories),
            is_coping=np.array(
                [story.model_kind == RoleModelKind.COPING for story in stories], dtype=np.bool_
            ),
            outcome_index=_integers(OUTCOMES.index(story.outcome) for story in stories),
            languages=languages,
            language_index=_integers(bisect_left(languages, story.language) for story in stories),
            has_captions=np.array([story.has_captions for story in stories], dtype=np.bool_),
            content_note_names=note_names,
            content_note_bits=_integers(encode_bitmask(story.content_notes, note_names) for story in stories),
            key_hashes=hash_keys(keys),
        )

    def __len__(self) -> int:
        return len(self.teller_index)

    def row_of(self, key: Key) -> int | None:
        row = bisect_left(self.keys, key)
        return row if row < len(self) and self.keys[row] == key else None

    def mask_of_keys(self, keys: Iterable[Key]) -> Mask:
        mask = np.zeros(len(self), dtype=np.bool_)
        mask[_find_indices(keys, self.keys)] = True
        return mask

    def mask_of_tellers(self, tellers: Iterable[Key]) -> Mask:
        mask: Mask = np.isin(self.teller_index, _find_indices(tellers, self.tellers))
        return mask

    def mask_of_languages(self, languages: Iterable[str]) -> Mask:
        mask: Mask = np.isin(self.language_index, _find_indices(languages, self.languages))
        return mask

    def mask_of_content_notes(self, notes: Iterable[str]) -> Mask:
        bits = encode_bitmask(set(notes) & set(self.content_note_names), self.content_note_names)
        mask: Mask = (self.content_note_bits & bits) != 0
        return mask


@dataclass(frozen=True)
class ScoredStoryTable:
    """Every published story of a challenge, with its similarity to one viewer: shape (n,), from 0 to 1."""

    story_table: StoryTable
    similarity: Floats


def encode_bitmask(members: Iterable[str], names: Sequence[str]) -> int:
    """Return one bit for each member, by its position in the names."""
    return sum(1 << names.index(member) for member in members)


def _integers(values: Iterable[int]) -> Integers:
    return np.fromiter(values, dtype=np.int64)


def _find_indices(values: Iterable[Key], ascending: Sequence[Key]) -> Rows:
    candidates = ((bisect_left(ascending, value), value) for value in values)
    indices = [index for index, value in candidates if index < len(ascending) and ascending[index] == value]
    return np.array(indices, dtype=np.intp)
