"""The published stories of one challenge in columns, so that gates and draw ask all of them at once.

A challenge may have tens of thousands of stories, and making an object of each for every slate would cost a hundred
times what numpy takes. What a story is as a whole (`StoryFacts`) is made only of the few that are looked at.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from matching.engine_contract import Key, Mask, Rows
from matching.keys import Words, key_words
from matching.records import RoleModelKind, StoryFacts, StoryOutcome

OUTCOMES = tuple(StoryOutcome)

Integers = NDArray[np.int64]


@dataclass(frozen=True)
class StoryTable:
    """Shape (n,) each, in the order of the stories' keys.

    Attributes
    ----------
    keys, tellers
        Rising; `teller` says by place in `tellers` who told each story.
    challenge
        What all of them are about.
    outcome
        Places in `OUTCOMES`.
    language
        Places in `languages`.
    notes
        A bit for each of `note_names` that a story touches.
    words
        A number for each key that looks random, the same in every process.
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
    key_hashes: Words

    @classmethod
    def from_stories(cls, stories: Iterable[StoryFacts]) -> Self:
        """Put stories of one challenge in columns; raises ValueError if they are of several."""
        told = sorted(stories, key=lambda story: story.key)
        challenges = list(dict.fromkeys(story.challenge for story in told))
        if len(challenges) > 1:
            raise ValueError(f"a crowd is of one challenge, not of {len(challenges)}")
        tellers = sorted({story.teller for story in told})
        languages = sorted({story.language for story in told})
        names = sorted({note for story in told for note in story.content_notes})
        keys = [story.key for story in told]
        return cls(
            keys=keys,
            tellers=tellers,
            teller_index=_encode_indices((story.teller for story in told), tellers),
            challenge=challenges[0] if challenges else None,
            start_rung=_integers(story.start_rung for story in told),
            end_rung=_integers(story.end_rung for story in told),
            is_coping=np.array([story.model_kind == RoleModelKind.COPING for story in told], dtype=np.bool_),
            outcome_index=_encode_indices((StoryOutcome(story.outcome) for story in told), OUTCOMES),
            languages=languages,
            language_index=_encode_indices((story.language for story in told), languages),
            has_captions=np.array([story.has_captions for story in told], dtype=np.bool_),
            content_note_names=names,
            content_note_bits=_integers(encode_bitmask(story.content_notes, names) for story in told),
            key_hashes=hash_key_words(*key_words(keys)),
        )

    def __len__(self) -> int:
        return len(self.teller_index)

    def row_of(self, key: Key) -> int | None:
        """Return the row of a story, or None if it is not in the crowd."""
        row = bisect_left(self.keys, key)
        return row if row < len(self) and self.keys[row] == key else None

    def mask_of_keys(self, keys: Iterable[Key]) -> Mask:
        """Say of which stories the key is given."""
        found = np.zeros(len(self), dtype=np.bool_)
        found[_find_indices(keys, self.keys)] = True
        return found

    def mask_of_tellers(self, tellers: Iterable[Key]) -> Mask:
        told: Mask = np.isin(self.teller_index, _find_indices(tellers, self.tellers))
        return told

    def mask_of_languages(self, languages: Iterable[str]) -> Mask:
        spoken: Mask = np.isin(self.language_index, _find_indices(languages, self.languages))
        return spoken

    def mask_of_content_notes(self, notes: Iterable[str]) -> Mask:
        """Say which stories touch at least one of some content notes."""
        bits = encode_bitmask(set(notes) & set(self.content_note_names), self.content_note_names)
        touched: Mask = (self.content_note_bits & bits) != 0
        return touched


def hash_key_words(high: Words, low: Words) -> Words:
    """Fold the two words of each key into one."""
    return high ^ (low * np.uint64(0x9E3779B97F4A7C15))


def _integers(values: Iterable[int]) -> Integers:
    return np.fromiter(values, dtype=np.int64)


def _encode_indices(values: Iterable[Key], names: Sequence[Key]) -> Integers:
    place = {name: number for number, name in enumerate(names)}
    return _integers(place[value] for value in values)


def encode_bitmask(chosen: Iterable[str], names: Sequence[str]) -> int:
    """Give a bit for each chosen one, by its place among the names."""
    return sum(1 << names.index(one) for one in chosen)


def _find_indices(wanted: Iterable[Key], rising: Sequence[Key]) -> Rows:
    """Give the places of those that are there."""
    found = ((bisect_left(rising, one), one) for one in wanted)
    there = [place for place, one in found if place < len(rising) and rising[place] == one]
    return np.array(there, dtype=np.intp)
