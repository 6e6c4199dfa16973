"""Why this story: what viewer and teller share, and where they differ, in words.

A sentence is made from three things only: the viewer's answers, the answers that the teller agreed to show, and the
weights, which are the viewer's. What the teller keeps to themselves is not looked at, so it cannot show through in
the choice of sentences, in their order or in a figure.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from matching.matcher import Match
from matching.traits import Answer, Answers, NumericTrait, OrdinalTrait, Trait, TraitCatalogue

MOST_SHARED = 3
MOST_DIFFERING = 2
# Where "close to yours" ends: four years of an age, or the next of five levels.
NEAR_NUMBER = 0.95
NEAR_LEVEL = 0.75

_NUMBERS: tuple[str, ...] = ("no", "one", "two", "three", "four", "five", "six")
_NUMBERS += ("seven", "eight", "nine", "ten", "eleven", "twelve")


@dataclass(frozen=True)
class Reason:
    """One sentence, the trait it speaks of (None for the starting rung), and how much that trait weighs in it."""

    text: str
    trait: str | None
    amount: float


@dataclass(frozen=True)
class Explanation:
    """Reasons with the heaviest first."""

    shared_reasons: tuple[Reason, ...]
    differing_reasons: tuple[Reason, ...]

    @property
    def shared(self) -> list[str]:
        return [reason.text for reason in self.shared_reasons]

    @property
    def differs(self) -> list[str]:
        return [reason.text for reason in self.differing_reasons]


def explain(
    match: Match,
    viewer_traits: Mapping[str, object],
    story_traits_shown: Answers,
    catalogue: TraitCatalogue,
    *,
    starting: str = "",
) -> Explanation:
    """Put a match in words: up to three things shared and up to two that differ.

    Parameters
    ----------
    story_traits_shown
        Only what the teller agreed to show, as they were at the start of the story.
    starting
        A sentence about the starting rung, which comes before all others.
    """
    yours = catalogue.clean(viewer_traits)
    shared = [Reason(starting, None, 1.0)] if starting else []
    alike, unlike = [], []
    for part in match.contributions:
        trait = catalogue[part.trait]
        if trait.key not in story_traits_shown or trait.key not in yours:
            continue
        theirs = story_traits_shown[trait.key]
        similarity = trait.similarity(yours[trait.key], theirs)
        if _is_shared(trait, yours[trait.key], theirs):
            sentence = _sharing(trait, yours[trait.key], theirs)
            alike.append(Reason(sentence, trait.key, part.weight * similarity))
        else:
            sentence = _differing(trait, yours[trait.key], theirs)
            unlike.append(Reason(sentence, trait.key, part.weight * (1 - similarity)))
    return Explanation(
        tuple([*shared, *_heaviest(alike)][:MOST_SHARED]), tuple(_heaviest(unlike)[:MOST_DIFFERING])
    )


def _heaviest(reasons: list[Reason]) -> list[Reason]:
    """Give what there is to say, the heaviest first; equals stay in catalogue order."""
    return sorted((reason for reason in reasons if reason.text), key=lambda reason: -reason.amount)


def _is_shared(trait: Trait, yours: Answer, theirs: Answer) -> bool:
    """Say whether both answered the same or nearly so; sets need something in common."""
    if isinstance(yours, frozenset) and isinstance(theirs, frozenset):
        return not yours.isdisjoint(theirs)
    if isinstance(trait, NumericTrait):
        return trait.similarity(yours, theirs) >= NEAR_NUMBER
    if isinstance(trait, OrdinalTrait):
        return trait.similarity(yours, theirs) >= NEAR_LEVEL
    return yours == theirs


def _sharing(trait: Trait, yours: Answer, theirs: Answer) -> str:
    if isinstance(yours, frozenset) and isinstance(theirs, frozenset):
        common = yours & theirs
        return _same(trait, common, [*common])
    if yours == theirs:
        return _same(trait, yours, [yours])
    return _sentence(trait.words.near, label=trait.label)


def _same(trait: Trait, common: Answer, levels: list[Answer]) -> str:
    if len(levels) == 1 and (sentence := trait.words.shared_by_level.get(str(levels[0]))):
        return sentence
    return _sentence(trait.words.shared, label=trait.label, value=trait.say(common))


def _differing(trait: Trait, yours: Answer, theirs: Answer) -> str:
    words = trait.words
    if sentence := words.differs_by_level.get(str(theirs)):
        return sentence
    say = partial(_sentence, label=trait.label, yours=trait.say(yours), theirs=trait.say(theirs))
    if isinstance(trait, NumericTrait | OrdinalTrait):
        ahead = trait.position(theirs) > trait.position(yours)
        if template := words.more if ahead else words.less:
            return say(template, difference=_difference(trait, yours, theirs))
    return say(words.differs)


def _difference(trait: Trait, yours: Answer, theirs: Answer) -> str:
    """Give a number with its unit, in words up to twelve."""
    if not isinstance(trait, NumericTrait) or not isinstance(yours, int | float):
        return ""
    apart = abs(float(theirs) - yours) if isinstance(theirs, int | float) else 0.0
    number, _, unit = trait.say(round(apart, 9)).partition(" ")
    spoken = _NUMBERS[int(apart)] if apart in range(1, len(_NUMBERS)) else number
    return f"{spoken} {unit}".rstrip()


def _sentence(template: str, **words: str) -> str:
    """Fill a template; one that is empty means that the trait is not spoken of."""
    filled = template.format(**words)
    return filled[:1].upper() + filled[1:]
