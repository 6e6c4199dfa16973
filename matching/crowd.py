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

from matching.engines.contract import Key, Mask, Rows
from matching.engines.keys import Words, hints
from matching.facts import ModelKind, Outcome, StoryFacts

OUTCOMES = tuple(Outcome)

Whole = NDArray[np.int64]


@dataclass(frozen=True)
class Crowd:
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
    teller: Whole
    challenge: Key
    start_rung: Whole
    end_rung: Whole
    coping: Mask
    outcome: Whole
    languages: Sequence[str]
    language: Whole
    captions: Mask
    note_names: Sequence[str]
    notes: Whole
    words: Words

    @classmethod
    def of(cls, stories: Iterable[StoryFacts]) -> Self:
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
            teller=_codes((story.teller for story in told), tellers),
            challenge=challenges[0] if challenges else None,
            start_rung=_whole(story.start_rung for story in told),
            end_rung=_whole(story.end_rung for story in told),
            coping=np.array([story.model_kind == ModelKind.COPING for story in told], dtype=np.bool_),
            outcome=_codes((Outcome(story.outcome) for story in told), OUTCOMES),
            languages=languages,
            language=_codes((story.language for story in told), languages),
            captions=np.array([story.captions for story in told], dtype=np.bool_),
            note_names=names,
            notes=_whole(bits_of(story.content_notes, names) for story in told),
            words=words_of(*hints(keys)),
        )

    def __len__(self) -> int:
        return len(self.teller)

    def named(self, keys: Iterable[Key]) -> Mask:
        """Say of which stories the key is given."""
        found = np.zeros(len(self), dtype=np.bool_)
        found[_places(keys, self.keys)] = True
        return found

    def told_by(self, people: Iterable[Key]) -> Mask:
        told: Mask = np.isin(self.teller, _places(people, self.tellers))
        return told

    def spoken_in(self, languages: Iterable[str]) -> Mask:
        spoken: Mask = np.isin(self.language, _places(languages, self.languages))
        return spoken

    def touching(self, notes: Iterable[str]) -> Mask:
        """Say which stories touch at least one of some content notes."""
        bits = bits_of(set(notes) & set(self.note_names), self.note_names)
        touched: Mask = (self.notes & bits) != 0
        return touched


def words_of(high: Words, low: Words) -> Words:
    """Fold the two words of each key into one."""
    return high ^ (low * np.uint64(0x9E3779B97F4A7C15))


def _whole(values: Iterable[int]) -> Whole:
    return np.fromiter(values, dtype=np.int64)


def _codes(values: Iterable[Key], names: Sequence[Key]) -> Whole:
    place = {name: number for number, name in enumerate(names)}
    return _whole(place[value] for value in values)


def bits_of(chosen: Iterable[str], names: Sequence[str]) -> int:
    """Give a bit for each chosen one, by its place among the names."""
    return sum(1 << names.index(one) for one in chosen)


def _places(wanted: Iterable[Key], rising: Sequence[Key]) -> Rows:
    """Give the places of those that are there."""
    found = ((bisect_left(rising, one), one) for one in wanted)
    there = [place for place, one in found if place < len(rising) and rising[place] == one]
    return np.array(there, dtype=np.intp)
