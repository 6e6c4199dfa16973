"""Why this story: what viewer and teller share, and where they differ, in words.

A sentence is made from three things only: the viewer's answers, the answers that the teller agreed to show, and the
weights, which are the viewer's. What the teller keeps to themselves is not looked at, so it cannot show through in
the choice of sentences, in their order or in a figure.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from matching.matcher import Match
from matching.traits.catalogue import Answer, Answers, NumericTrait, OrdinalTrait, Trait, TraitCatalogue

MAX_SHARED_REASONS = 3
MAX_DIFFERING_REASONS = 2
# Where "close to yours" ends: four years of an age, or the next of five levels.
CLOSE_NUMBER_THRESHOLD = 0.95
CLOSE_LEVEL_THRESHOLD = 0.75

_NUMBER_WORDS: tuple[str, ...] = ("no", "one", "two", "three", "four", "five", "six")
_NUMBER_WORDS += ("seven", "eight", "nine", "ten", "eleven", "twelve")


@dataclass(frozen=True)
class MatchReason:
    """One sentence, the trait it speaks of (None for the starting rung), and how much that trait weighs in it."""

    text: str
    trait: str | None
    contribution: float


@dataclass(frozen=True)
class Explanation:
    """Reasons with the heaviest first."""

    shared_reasons: tuple[MatchReason, ...]
    differing_reasons: tuple[MatchReason, ...]

    @property
    def shared(self) -> list[str]:
        return [reason.text for reason in self.shared_reasons]

    @property
    def differs(self) -> list[str]:
        return [reason.text for reason in self.differing_reasons]


def explain_match(
    match: Match,
    viewer_answers: Mapping[str, object],
    shown_story_answers: Answers,
    catalogue: TraitCatalogue,
    *,
    start_rung_sentence: str = "",
) -> Explanation:
    """Put a match in words: up to three things shared and up to two that differ.

    Parameters
    ----------
    story_traits_shown
        Only what the teller agreed to show, as they were at the start of the story.
    starting
        A sentence about the starting rung, which comes before all others.
    """
    yours = catalogue.clean(viewer_answers)
    shared = [MatchReason(start_rung_sentence, None, 1.0)] if start_rung_sentence else []
    alike, unlike = [], []
    for part in match.contributions:
        trait = catalogue[part.trait]
        if trait.key not in shown_story_answers or trait.key not in yours:
            continue
        theirs = shown_story_answers[trait.key]
        similarity = trait.similarity(yours[trait.key], theirs)
        if _is_shared(trait, yours[trait.key], theirs):
            sentence = _shared_sentence(trait, yours[trait.key], theirs)
            alike.append(MatchReason(sentence, trait.key, part.weight * similarity))
        else:
            sentence = _differing_sentence(trait, yours[trait.key], theirs)
            unlike.append(MatchReason(sentence, trait.key, part.weight * (1 - similarity)))
    return Explanation(
        tuple([*shared, *_sorted_by_contribution(alike)][:MAX_SHARED_REASONS]),
        tuple(_sorted_by_contribution(unlike)[:MAX_DIFFERING_REASONS]),
    )


def _sorted_by_contribution(reasons: list[MatchReason]) -> list[MatchReason]:
    """Give what there is to say, the heaviest first; equals stay in catalogue order."""
    return sorted((reason for reason in reasons if reason.text), key=lambda reason: -reason.contribution)


def _is_shared(trait: Trait, yours: Answer, theirs: Answer) -> bool:
    """Say whether both answered the same or nearly so; sets need something in common."""
    if isinstance(yours, frozenset) and isinstance(theirs, frozenset):
        return not yours.isdisjoint(theirs)
    if isinstance(trait, NumericTrait):
        return trait.similarity(yours, theirs) >= CLOSE_NUMBER_THRESHOLD
    if isinstance(trait, OrdinalTrait):
        return trait.similarity(yours, theirs) >= CLOSE_LEVEL_THRESHOLD
    return yours == theirs


def _shared_sentence(trait: Trait, yours: Answer, theirs: Answer) -> str:
    if isinstance(yours, frozenset) and isinstance(theirs, frozenset):
        common = yours & theirs
        return _same_answer_sentence(trait, common, [*common])
    if yours == theirs:
        return _same_answer_sentence(trait, yours, [yours])
    return _fill_template(trait.templates.near, label=trait.label)


def _same_answer_sentence(trait: Trait, common: Answer, levels: list[Answer]) -> str:
    if len(levels) == 1 and (sentence := trait.templates.shared_by_level.get(str(levels[0]))):
        return sentence
    return _fill_template(trait.templates.shared, label=trait.label, value=trait.format_answer(common))


def _differing_sentence(trait: Trait, yours: Answer, theirs: Answer) -> str:
    words = trait.templates
    if sentence := words.differs_by_level.get(str(theirs)):
        return sentence
    say = partial(
        _fill_template,
        label=trait.label,
        yours=trait.format_answer(yours),
        theirs=trait.format_answer(theirs),
    )
    if isinstance(trait, NumericTrait | OrdinalTrait):
        ahead = trait.position(theirs) > trait.position(yours)
        if template := words.more if ahead else words.less:
            return say(template, difference=_format_difference(trait, yours, theirs))
    return say(words.differs)


def _format_difference(trait: Trait, yours: Answer, theirs: Answer) -> str:
    """Give a number with its unit, in words up to twelve."""
    if not isinstance(trait, NumericTrait) or not isinstance(yours, int | float):
        return ""
    apart = abs(float(theirs) - yours) if isinstance(theirs, int | float) else 0.0
    if trait.format_quantity is not None:
        return trait.format_quantity(round(apart, 9))
    number, _, unit = trait.format_answer(round(apart, 9)).partition(" ")
    spoken = _NUMBER_WORDS[int(apart)] if apart in range(1, len(_NUMBER_WORDS)) else number
    return f"{spoken} {unit}".rstrip()


def _fill_template(template: str, **words: str) -> str:
    """Fill a template; one that is empty means that the trait is not spoken of."""
    filled = template.format(**words)
    return filled[:1].upper() + filled[1:]
