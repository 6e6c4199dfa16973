import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.explanations import Explanation, explain_match
from matching.matcher import Match, Matcher
from matching.traits.catalogue import Answers, CategoryTrait, NumericTrait, SentenceTemplates, TraitCatalogue
from tests.matching.random_people import CATALOGUE, random_answers, random_people, random_viewer_weights

ANA: dict[str, object] = {
    "age": 30,
    "work": "nights",
    "likes": ["music", "food"],
    "support": "one",
    "carer": "yes",
}


def build_match(viewer: dict[str, object], teller: Answers, weights: dict[str, float] | None = None) -> Match:
    [match] = Matcher(CATALOGUE).fit([1], [teller]).rank(viewer, weights=weights)
    return match


def explain_pair(
    viewer: dict[str, object], teller: Answers, weights: dict[str, float] | None = None
) -> Explanation:
    return explain_match(build_match(viewer, teller, weights), viewer, teller, CATALOGUE)


def test_what_is_shared_is_said_in_words() -> None:
    said = explain_pair(
        ANA, {"work": "nights", "likes": frozenset({"food", "music", "games"}), "support": "one"}
    )
    assert said.shared == [
        "You both had one person to call.",
        "You both work nights.",
        "You both like music and food.",
    ]
    assert said.differs == []


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
def test_what_differs_is_said_in_words(teller: Answers, sentence: str) -> None:
    said = explain_pair(ANA, teller)
    assert said.differs == [sentence]
    assert said.shared == []


def test_differing_reasons_are_ordered_by_weight_times_difference() -> None:
    """Age differs by half its range and comes first in the catalogue; working hours differ entirely."""
    teller: Answers = {"age": 70, "work": "days"}
    assert explain_pair(ANA, teller).differs == ["They worked days.", "About 40 years older than you."]
    weighed = explain_pair(ANA, teller, {"age": 4})
    assert weighed.differs == ["About 40 years older than you.", "They worked days."]
    assert [reason.contribution for reason in weighed.differing_reasons] == pytest.approx(
        [4 * 0.5 / 5, 1 / 5]
    )


@pytest.mark.parametrize(("age", "sentence"), [(30, "You were the same age."), (33, "Close to your age.")])
def test_a_number_may_be_the_same_or_close(age: int, sentence: str) -> None:
    assert explain_pair(ANA, {"age": age}).shared == [sentence]


def test_a_difference_of_one_is_named_in_the_singular() -> None:
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
        [match] = Matcher(catalogue).fit([1], [{"tries": theirs}]).rank({"tries": 2})
        assert explain_match(match, {"tries": 2}, {"tries": theirs}, catalogue).differs == [sentence]


def test_at_most_three_shared_and_two_differing_are_told_the_heaviest_first() -> None:
    viewer = {**ANA, "sleep": 8, "health": ["pain"]}
    teller: Answers = {
        "age": 30,
        "work": "nights",
        "support": "one",
        "carer": "yes",
        "sleep": 0,
        "health": frozenset({"sight"}),
    }
    said = explain_pair(viewer, teller, {"carer": 4, "work": 2})
    assert said.shared == ["Same caring for someone: yes.", "You both work nights.", "You were the same age."]
    assert len(said.differs) == 2
    amounts = [reason.contribution for reason in said.shared_reasons]
    assert amounts == sorted(amounts, reverse=True)
    assert [reason.trait for reason in said.shared_reasons] == ["carer", "work", "age"]


def test_the_starting_rung_comes_first_and_counts_as_one_of_the_three() -> None:
    teller: Answers = {"age": 30, "work": "nights", "support": "one"}
    said = explain_match(
        build_match(ANA, teller), ANA, teller, CATALOGUE, start_rung_sentence="Started where you are."
    )
    assert said.shared[0] == "Started where you are."
    assert len(said.shared) == 3
    assert said.shared_reasons[0].trait is None


def test_what_does_not_matter_to_the_viewer_is_not_mentioned() -> None:
    viewer: dict[str, object] = {"work": "nights", "faith": "hindu", "carer": "yes"}
    teller: Answers = {"work": "nights", "faith": "hindu", "carer": "yes"}
    assert explain_pair(viewer, teller, {"carer": 0}).shared == ["You both work nights."]
    assert "Same faith: hindu." in explain_pair(viewer, teller, {"faith": 1}).shared


def test_a_trait_without_a_sentence_is_left_unsaid() -> None:
    quiet = CategoryTrait(
        key="work",
        label="",
        question="",
        levels=(("days", ""), ("nights", "")),
        templates=SentenceTemplates(shared="", differs=""),
    )
    catalogue = TraitCatalogue([quiet])
    for theirs in ("days", "nights"):
        [match] = Matcher(catalogue).fit([1], [{"work": theirs}]).rank({"work": "days"})
        said = explain_match(match, {"work": "days"}, {"work": theirs}, catalogue)
        assert (said.shared, said.differs) == ([], [])


@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_what_the_teller_keeps_hidden_changes_nothing_that_is_said(seed: int) -> None:
    """Two tellers who show the same and hide different things are explained alike, to the last figure."""
    rng = np.random.default_rng(seed)
    viewer: dict[str, object] = dict(random_answers(rng, missing=0.2))
    teller, other = random_answers(rng, missing=0.2), random_answers(rng, missing=0.2)
    showing = {key for key in teller if rng.random() < 0.5}
    shown = {key: answer for key, answer in teller.items() if key in showing}
    disguised = {key: answer for key, answer in other.items() if key not in showing} | shown
    crowd = random_people(5, seed=seed, missing=0)
    matcher = Matcher(CATALOGUE).fit(range(7), [teller, disguised, *crowd])
    matches = {match.key: match for match in matcher.rank(viewer, weights=random_viewer_weights(rng), k=7)}
    assert explain_match(matches[0], viewer, shown, CATALOGUE) == explain_match(
        matches[1], viewer, shown, CATALOGUE
    )
    reasons = explain_match(matches[0], viewer, shown, CATALOGUE)
    assert {reason.trait for reason in (*reasons.shared_reasons, *reasons.differing_reasons)} <= showing
