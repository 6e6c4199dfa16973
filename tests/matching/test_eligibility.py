from dataclasses import replace

import pytest

from matching.eligibility import CLOSE, Refusal, confidence_needed, highest_end, refusal
from matching.facts import ModelKind, Outcome, StoryFacts, ViewerFacts

ANA = ViewerFacts(
    person="ana", challenge="talk", present_rung=2, ladder_length=7, ratings={1: 90, 2: 70, 3: 40, 4: 20}
)
STORY = StoryFacts(
    key="s1",
    teller="bo",
    challenge="talk",
    start_rung=2,
    end_rung=4,
    model_kind=ModelKind.COPING,
    outcome=Outcome.REACHED,
    language="en",
    content_notes=frozenset({"death"}),
)


def test_a_story_within_every_gate_is_let_through() -> None:
    assert refusal(ANA, STORY) is None


@pytest.mark.parametrize(
    ("viewer", "story", "reason"),
    [
        ({}, {"challenge": "run"}, Refusal.OTHER_CHALLENGE),
        ({}, {"teller": "ana"}, Refusal.OWN_STORY),
        ({"hidden_tellers": frozenset({"bo"})}, {}, Refusal.HIDDEN_TELLER),
        ({"unwanted": frozenset({"s1"})}, {}, Refusal.NOT_WANTED),
        ({"shaken": True}, {"model_kind": ModelKind.MASTERY}, Refusal.MASTERY_WHEN_SHAKEN),
        ({"shaken": True}, {}, Refusal.TOO_FAR_AHEAD),
        ({"muted": frozenset({"death", "crime"})}, {}, Refusal.MUTED_CONTENT),
        ({"languages": frozenset({"fr", "de"})}, {}, Refusal.OTHER_LANGUAGE),
        ({"needs_captions": True}, {"captions": False}, Refusal.NO_CAPTIONS),
        ({"seen_recently": frozenset({"s1"})}, {}, Refusal.SEEN_RECENTLY),
        ({}, {"end_rung": 5}, Refusal.TOO_FAR_AHEAD),
        ({}, {"outcome": Outcome.UNRESOLVED, "start_rung": 3}, Refusal.ENDING_TOO_HARD),
    ],
)
def test_each_gate_refuses_by_its_own_name(
    viewer: dict[str, object], story: dict[str, object], reason: Refusal
) -> None:
    assert refusal(replace(ANA, **viewer), replace(STORY, **story)) == reason  # type: ignore[arg-type]  # one field each


@pytest.mark.parametrize(
    ("viewer", "story"),
    [
        ({"muted": frozenset({"crime"})}, {}),
        ({"unwanted": frozenset({"s2"})}, {}),
        ({"shaken": True}, {"end_rung": 3}),
        ({"languages": frozenset({"en", "de"})}, {}),
        ({"needs_captions": True}, {}),
        ({}, {"captions": False}),
        ({"seen_recently": frozenset({"s1"}), "saved": frozenset({"s1"})}, {}),
        ({"seen_recently": frozenset({"s2"})}, {}),
        ({}, {"end_rung": 1}),
        ({}, {"outcome": Outcome.UNRESOLVED}),
    ],
)
def test_the_near_side_of_each_gate_is_open(viewer: dict[str, object], story: dict[str, object]) -> None:
    assert refusal(replace(ANA, **viewer), replace(STORY, **story)) is None  # type: ignore[arg-type]  # as above


@pytest.mark.parametrize(
    ("present", "length", "highest"), [(0, 7, 2), (3, 7, 5), (4, 7, 7), (3, 6, 5), (4, 6, 7), (5, 5, 8)]
)
def test_a_story_may_end_two_rungs_up_and_three_past_the_middle(
    present: int, length: int, highest: int
) -> None:
    assert highest_end(replace(ANA, present_rung=present, ladder_length=length)) == highest


@pytest.mark.parametrize("similarity", [0.0, CLOSE - 0.01, CLOSE, 1.0])
def test_an_unresolved_story_is_never_shown_to_someone_below_fifty(similarity: float) -> None:
    story = replace(STORY, outcome=Outcome.UNRESOLVED)
    for confidence in range(0, 50, 10):
        shaken = replace(ANA, ratings={2: confidence})
        assert refusal(shaken, story, similarity=similarity) == Refusal.ENDING_TOO_HARD


def test_the_closer_the_match_the_stricter_the_ending_is_judged() -> None:
    for outcome in Outcome:
        far, close = (confidence_needed(outcome, similarity=similarity) for similarity in (0.2, 0.9))
        assert close >= far
    unresolved, partial = (
        replace(STORY, outcome=outcome) for outcome in (Outcome.UNRESOLVED, Outcome.PARTIAL)
    )
    half_sure, unsure = replace(ANA, ratings={2: 60}), replace(ANA, ratings={2: 20})
    assert refusal(half_sure, unresolved, similarity=0.5) is None
    assert refusal(half_sure, unresolved, similarity=0.8) == Refusal.ENDING_TOO_HARD
    assert refusal(unsure, partial, similarity=0.5) is None
    assert refusal(unsure, partial, similarity=0.8) == Refusal.ENDING_TOO_HARD


def test_an_unknown_similarity_is_judged_as_the_closest() -> None:
    story = replace(STORY, outcome=Outcome.PARTIAL)
    assert refusal(replace(ANA, ratings={2: 20}), story) == Refusal.ENDING_TOO_HARD


def test_an_unrated_rung_counts_as_no_confidence() -> None:
    story = replace(STORY, outcome=Outcome.UNRESOLVED)
    assert refusal(replace(ANA, ratings={}), story, similarity=0) == Refusal.ENDING_TOO_HARD


def test_a_teller_not_yet_on_the_ladder_is_judged_on_its_first_rung() -> None:
    story = replace(STORY, outcome=Outcome.UNRESOLVED, start_rung=0)
    assert refusal(replace(ANA, ratings={1: 90}), story) is None
    assert refusal(replace(ANA, ratings={1: 40}), story) == Refusal.ENDING_TOO_HARD


def test_plain_words_from_a_database_are_understood() -> None:
    story = replace(STORY, outcome="unresolved", model_kind="mastery", start_rung=3)  # type: ignore[arg-type]  # as stored
    assert refusal(ANA, story) == Refusal.ENDING_TOO_HARD
