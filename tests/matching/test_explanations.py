import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.engine_contract import Match
from matching.explanations import Explanation, explain_match
from matching.traits import (
    Answers,
    CategoryTrait,
    NumericTrait,
    OrdinalTrait,
    SentenceTemplates,
    TraitCatalogue,
)
from tests.matching.random_people import (
    CATALOGUE,
    random_answers,
    random_people,
    random_viewer_weights,
    rank_tellers,
)

ANA: dict[str, object] = {
    "age": 30,
    "work": "nights",
    "likes": ["music", "food"],
    "support": "one",
    "carer": "yes",
}


def build_match(viewer: dict[str, object], teller: Answers, weights: dict[str, float] | None = None) -> Match:
    [match] = rank_tellers([teller], viewer, viewer_weights=weights)
    return match


def explain_pair(
    viewer: dict[str, object], teller: Answers, weights: dict[str, float] | None = None
) -> Explanation:
    return explain_match(build_match(viewer, teller, weights), viewer, teller, CATALOGUE)


def test_shared_answers_become_sentences() -> None:
    explanation = explain_pair(
        ANA, {"work": "nights", "likes": frozenset({"food", "music", "games"}), "support": "one"}
    )
    assert explanation.shared == [
        "You both had one person to call.",
        "You both work nights.",
        "You both like music and food.",
    ]
    assert explanation.differs == []


@pytest.mark.parametrize(
    ("teller", "sentence"),
    [
        ({"age": 38}, "About eight years older than you."),
        ({"age": 19}, "About eleven years younger than you."),
        ({"age": 55}, "About 25 years older than you."),
        ({"work": "days"}, "They worked days."),
        ({"work": "none"}, "Working hours: not working for them, nights for you."),
        ({"support": "many"}, "They had more people to call."),
        ({"support": "nobody"}, "They had fewer people to call."),
        ({"likes": frozenset({"sport"})}, "Interests: sport for them, music and food for you."),
    ],
)
def test_differing_answers_become_sentences(teller: Answers, sentence: str) -> None:
    explanation = explain_pair(ANA, teller)
    assert explanation.differs == [sentence]
    assert explanation.shared == []


def test_differing_reasons_are_ordered_by_weight_times_difference() -> None:
    # Age differs by half its range and comes first in the catalogue; working hours differ entirely.
    teller: Answers = {"age": 70, "work": "days"}
    assert explain_pair(ANA, teller).differs == ["They worked days.", "About 40 years older than you."]
    weighted = explain_pair(ANA, teller, {"age": 4})
    assert weighted.differs == ["About 40 years older than you.", "They worked days."]
    assert [reason.contribution for reason in weighted.differing_reasons] == pytest.approx(
        [4 * 0.5 / 5, 1 / 5]
    )


@pytest.mark.parametrize(
    ("age", "sentence"),
    [(30, "You were the same age."), (33, "Close to your age."), (34, "Close to your age.")],
)
def test_a_number_may_be_the_same_or_close(age: int, sentence: str) -> None:
    assert explain_pair(ANA, {"age": age}).shared == [sentence]


def test_a_number_is_not_close_from_five_years_on() -> None:
    assert explain_pair(ANA, {"age": 35}).differs == ["About five years older than you."]


def test_neighbouring_levels_of_five_are_close_and_use_the_near_template() -> None:
    levels = tuple((key, key) for key in "abcde")
    catalogue = TraitCatalogue([OrdinalTrait(key="mood", label="mood", question="", levels=levels)])
    for theirs, is_shared in (("c", True), ("d", False)):
        [match] = rank_tellers([{"mood": theirs}], {"mood": "b"}, catalogue=catalogue)
        explanation = explain_match(match, {"mood": "b"}, {"mood": theirs}, catalogue)
        assert explanation.shared == (["Close to your mood."] if is_shared else [])


def test_a_difference_is_in_units_and_not_in_steps() -> None:
    sleep = NumericTrait(
        key="sleep",
        label="sleep",
        question="",
        minimum=0,
        maximum=12,
        step=0.5,
        unit="hours",
        templates=SentenceTemplates(more="{difference} more.", less="{difference} less."),
    )
    catalogue = TraitCatalogue([sleep])
    for theirs, sentence in ((9.5, "3.5 hours more."), (2, "Four hours less.")):
        [match] = rank_tellers([{"sleep": theirs}], {"sleep": 6}, catalogue=catalogue)
        assert explain_match(match, {"sleep": 6}, {"sleep": theirs}, catalogue).differs == [sentence]


def test_a_hidden_answer_does_not_end_the_explanation() -> None:
    match = build_match(ANA, {"age": 30, "support": "one", "work": "nights"})
    explanation = explain_match(match, ANA, {"age": 30, "work": "nights"}, CATALOGUE)
    assert sorted(explanation.shared) == ["You both work nights.", "You were the same age."]


def test_a_difference_of_one_uses_the_singular_unit() -> None:
    tries = NumericTrait(
        key="tries",
        label="tries",
        question="How often did you try?",
        minimum=0,
        maximum=4,
        unit="times",
        unit_singular="time",
        templates=SentenceTemplates(
            more="They had tried {difference} more.", less="They had tried {difference} fewer."
        ),
    )
    catalogue = TraitCatalogue([tries])
    for theirs, sentence in ((3, "They had tried one time more."), (0, "They had tried two times fewer.")):
        [match] = rank_tellers([{"tries": theirs}], {"tries": 2}, catalogue=catalogue)
        assert explain_match(match, {"tries": 2}, {"tries": theirs}, catalogue).differs == [sentence]


def test_at_most_three_shared_and_two_differing_reasons_by_contribution() -> None:
    viewer = {**ANA, "sleep": 8, "health": ["pain"]}
    teller: Answers = {
        "age": 30,
        "work": "nights",
        "support": "one",
        "carer": "yes",
        "sleep": 0,
        "health": frozenset({"sight"}),
    }
    explanation = explain_pair(viewer, teller, {"carer": 4, "work": 2})
    assert explanation.shared == [
        "Same caring for someone: yes.",
        "You both work nights.",
        "You were the same age.",
    ]
    assert len(explanation.differs) == 2
    amounts = [reason.contribution for reason in explanation.shared_reasons]
    assert amounts == sorted(amounts, reverse=True)
    assert [reason.trait for reason in explanation.shared_reasons] == ["carer", "work", "age"]


def test_the_start_rung_comes_first_and_counts_as_one_of_three() -> None:
    teller: Answers = {"age": 30, "work": "nights", "support": "one"}
    explanation = explain_match(
        build_match(ANA, teller), ANA, teller, CATALOGUE, start_rung_sentence="Started where you are."
    )
    assert explanation.shared[0] == "Started where you are."
    assert len(explanation.shared) == 3
    assert (explanation.shared_reasons[0].trait, explanation.shared_reasons[0].contribution) == (None, 1.0)


def test_traits_without_weight_are_not_mentioned() -> None:
    viewer: dict[str, object] = {"work": "nights", "faith": "hindu", "carer": "yes"}
    teller: Answers = {"work": "nights", "faith": "hindu", "carer": "yes"}
    assert explain_pair(viewer, teller, {"carer": 0}).shared == ["You both work nights."]
    assert "Same faith: hindu." in explain_pair(viewer, teller, {"faith": 1}).shared


def test_a_trait_with_empty_templates_gives_no_reason() -> None:
    without_templates = CategoryTrait(
        key="work",
        label="",
        question="",
        levels=(("days", ""), ("nights", "")),
        templates=SentenceTemplates(shared="", differs=""),
    )
    catalogue = TraitCatalogue([without_templates])
    for theirs in ("days", "nights"):
        [match] = rank_tellers([{"work": theirs}], {"work": "days"}, catalogue=catalogue)
        explanation = explain_match(match, {"work": "days"}, {"work": theirs}, catalogue)
        assert (explanation.shared, explanation.differs) == ([], [])


@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_hidden_answers_do_not_change_the_explanation(seed: int) -> None:
    rng = np.random.default_rng(seed)
    viewer: dict[str, object] = dict(random_answers(rng, missing=0.2))
    teller, other = random_answers(rng, missing=0.2), random_answers(rng, missing=0.2)
    shown_keys = {key for key in teller if rng.random() < 0.5}
    shown = {key: answer for key, answer in teller.items() if key in shown_keys}
    same_shown_answers = {key: answer for key, answer in other.items() if key not in shown_keys} | shown
    other_tellers = random_people(5, seed=seed, missing=0)
    ranked = rank_tellers(
        [teller, same_shown_answers, *other_tellers], viewer, viewer_weights=random_viewer_weights(rng)
    )
    matches = {match.key: match for match in ranked}
    assert explain_match(matches[0], viewer, shown, CATALOGUE) == explain_match(
        matches[1], viewer, shown, CATALOGUE
    )
    reasons = explain_match(matches[0], viewer, shown, CATALOGUE)
    assert {reason.trait for reason in (*reasons.shared_reasons, *reasons.differing_reasons)} <= shown_keys
