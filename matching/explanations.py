"""Explains a match: sentences about what viewer and teller share and where they differ.

A sentence uses only the viewer's answers, the answers that the teller agreed to show, and the viewer's weights. Hidden
answers are never read, so they cannot leak through the choice of sentences, their order or a number.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from matching.engine_contract import Match
from matching.traits import Answer, Answers, NumericTrait, OrdinalTrait, Trait, TraitCatalogue

MAX_SHARED_REASONS = 3
MAX_DIFFERING_REASONS = 2
# The lowest similarity that counts as close: four years of an age, or the next of five levels.
CLOSE_NUMBER_THRESHOLD = 0.95
CLOSE_LEVEL_THRESHOLD = 0.75

_NUMBER_WORDS: tuple[str, ...] = ("no", "one", "two", "three", "four", "five", "six")
_NUMBER_WORDS += ("seven", "eight", "nine", "ten", "eleven", "twelve")


@dataclass(frozen=True)
class MatchReason:
    """One sentence, its trait (None for the start rung), and the trait's contribution to the score or to the distance."""

    text: str
    trait: str | None
    contribution: float


@dataclass(frozen=True)
class Explanation:
    """Reasons by descending contribution."""

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
    """Return up to three shared and up to two differing reasons.

    Parameters
    ----------
    shown_story_answers
        Only what the teller agreed to show, as of the start of the story.
    start_rung_sentence
        A sentence about the start rung, which comes first.
    """
    viewer_clean = catalogue.clean(viewer_answers)
    start = [MatchReason(start_rung_sentence, None, 1.0)] if start_rung_sentence else []
    shared, differing = [], []
    for contribution in match.contributions:
        trait, weight = catalogue[contribution.trait], contribution.weight
        if trait.key not in shown_story_answers or trait.key not in viewer_clean:
            continue
        yours, theirs = viewer_clean[trait.key], shown_story_answers[trait.key]
        similarity = trait.similarity(yours, theirs)
        if _is_shared(trait, yours, theirs):
            shared.append(MatchReason(_shared_sentence(trait, yours, theirs), trait.key, weight * similarity))
        else:
            sentence = _differing_sentence(trait, yours, theirs)
            differing.append(MatchReason(sentence, trait.key, weight * (1 - similarity)))
    return Explanation(
        tuple([*start, *_sorted_by_contribution(shared)][:MAX_SHARED_REASONS]),
        tuple(_sorted_by_contribution(differing)[:MAX_DIFFERING_REASONS]),
    )


def _sorted_by_contribution(reasons: list[MatchReason]) -> list[MatchReason]:
    """Return the reasons that have a sentence, by descending contribution; ties stay in catalogue order."""
    return sorted((reason for reason in reasons if reason.text), key=lambda reason: -reason.contribution)


def _is_shared(trait: Trait, yours: Answer, theirs: Answer) -> bool:
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
    templates = trait.templates
    if sentence := templates.differs_by_level.get(str(theirs)):
        return sentence
    fill = partial(
        _fill_template,
        label=trait.label,
        yours=trait.format_answer(yours),
        theirs=trait.format_answer(theirs),
    )
    if isinstance(trait, NumericTrait | OrdinalTrait):
        is_higher = trait.position(theirs) > trait.position(yours)
        if template := templates.more if is_higher else templates.less:
            return fill(template, difference=_format_difference(trait, yours, theirs))
    return fill(templates.differs)


def _format_difference(trait: Trait, yours: Answer, theirs: Answer) -> str:
    """Return a number with its unit, spelled out up to twelve; empty for traits without numbers."""
    if not isinstance(trait, NumericTrait):
        return ""
    difference = round(abs(trait.position(theirs) - trait.position(yours)) * trait.step, 9)
    if trait.format_quantity is not None:
        return trait.format_quantity(difference)
    number, _, unit = trait.format_answer(difference).partition(" ")
    if difference in range(1, len(_NUMBER_WORDS)):
        number = _NUMBER_WORDS[int(difference)]
    return f"{number} {unit}".rstrip()


def _fill_template(template: str, **values: str) -> str:
    sentence = template.format(**values)
    return sentence[:1].upper() + sentence[1:]
