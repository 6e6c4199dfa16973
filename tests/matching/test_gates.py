from dataclasses import replace

import numpy as np
import pytest

from matching.gates import (
    ELIGIBLE,
    EXCLUSION_REASONS,
    MIN_CONFIDENCE,
    ExclusionReason,
    exclusion_codes,
    exclusion_reason,
    highest_allowed_end_rung,
)
from matching.records import RoleModelKind, StoryFacts, StoryOutcome, ViewerFacts
from matching.story_table import StoryTable

ANA = ViewerFacts(
    person="ana", challenge="talk", present_rung=2, ladder_length=7, ratings={1: 90, 2: 70, 3: 40, 4: 20}
)
STORY = StoryFacts(
    key="s1",
    teller="bo",
    challenge="talk",
    start_rung=2,
    end_rung=4,
    model_kind=RoleModelKind.COPING,
    outcome=StoryOutcome.REACHED,
    language="en",
    content_notes=frozenset({"death"}),
)


def test_a_story_that_passes_every_gate_is_eligible() -> None:
    assert exclusion_reason(ANA, STORY) is None


@pytest.mark.parametrize(
    ("viewer", "story", "reason"),
    [
        ({}, {"challenge": "run"}, ExclusionReason.OTHER_CHALLENGE),
        ({}, {"teller": "ana"}, ExclusionReason.OWN_STORY),
        ({"hidden_tellers": frozenset({"bo"})}, {}, ExclusionReason.HIDDEN_TELLER),
        ({"less_like": frozenset({"s1"})}, {}, ExclusionReason.LESS_LIKE_THIS),
        (
            {"is_discouraged": True},
            {"model_kind": RoleModelKind.MASTERY},
            ExclusionReason.MASTERY_WHEN_DISCOURAGED,
        ),
        ({"is_discouraged": True}, {}, ExclusionReason.TOO_FAR_AHEAD),
        ({"muted_notes": frozenset({"death", "crime"})}, {}, ExclusionReason.MUTED_CONTENT),
        ({"languages": frozenset({"fr", "de"})}, {}, ExclusionReason.OTHER_LANGUAGE),
        ({"needs_captions": True}, {"has_captions": False}, ExclusionReason.NO_CAPTIONS),
        ({"seen_recently": frozenset({"s1"})}, {}, ExclusionReason.SEEN_RECENTLY),
        ({}, {"end_rung": 5}, ExclusionReason.TOO_FAR_AHEAD),
        ({}, {"outcome": StoryOutcome.UNRESOLVED, "start_rung": 3}, ExclusionReason.ENDING_TOO_HARD),
    ],
)
def test_each_gate_excludes_with_its_own_reason(
    viewer: dict[str, object], story: dict[str, object], reason: ExclusionReason
) -> None:
    assert exclusion_reason(replace(ANA, **viewer), replace(STORY, **story)) == reason  # type: ignore[arg-type]  # one field each


@pytest.mark.parametrize(
    ("viewer", "story"),
    [
        ({"muted_notes": frozenset({"crime"})}, {}),
        ({"less_like": frozenset({"s2"})}, {}),
        ({"is_discouraged": True}, {"end_rung": 3}),
        ({"languages": frozenset({"en", "de"})}, {}),
        ({"needs_captions": True}, {}),
        ({}, {"has_captions": False}),
        ({"seen_recently": frozenset({"s1"}), "saved": frozenset({"s1"})}, {}),
        ({"seen_recently": frozenset({"s2"})}, {}),
        ({}, {"end_rung": 1}),
        ({}, {"outcome": StoryOutcome.UNRESOLVED}),
    ],
)
def test_stories_just_inside_each_gate_are_eligible(
    viewer: dict[str, object], story: dict[str, object]
) -> None:
    assert exclusion_reason(replace(ANA, **viewer), replace(STORY, **story)) is None  # type: ignore[arg-type]  # as above


@pytest.mark.parametrize(
    ("present", "length", "highest"), [(0, 7, 2), (3, 7, 5), (4, 7, 7), (3, 6, 5), (4, 6, 7), (5, 5, 8)]
)
def test_a_story_may_end_two_rungs_ahead_and_three_past_the_middle(
    present: int, length: int, highest: int
) -> None:
    assert highest_allowed_end_rung(replace(ANA, present_rung=present, ladder_length=length)) == highest


@pytest.mark.parametrize("similarity", [0.0, 0.69, 0.7, 1.0])
def test_an_unresolved_story_needs_a_confidence_of_fifty(similarity: float) -> None:
    story = replace(STORY, outcome=StoryOutcome.UNRESOLVED)
    for confidence in range(0, 50, 10):
        viewer = replace(ANA, ratings={2: confidence})
        assert exclusion_reason(viewer, story, similarity=similarity) == ExclusionReason.ENDING_TOO_HARD


def test_a_close_match_needs_more_confidence_for_the_same_ending() -> None:
    assert all(distant <= close for distant, close in MIN_CONFIDENCE.values())
    unresolved, partial = (
        replace(STORY, outcome=outcome) for outcome in (StoryOutcome.UNRESOLVED, StoryOutcome.PARTIAL)
    )
    fairly_confident, doubtful = replace(ANA, ratings={2: 60}), replace(ANA, ratings={2: 20})
    assert exclusion_reason(fairly_confident, unresolved, similarity=0.5) is None
    assert exclusion_reason(fairly_confident, unresolved, similarity=0.8) == ExclusionReason.ENDING_TOO_HARD
    assert exclusion_reason(doubtful, partial, similarity=0.5) is None
    assert exclusion_reason(doubtful, partial, similarity=0.8) == ExclusionReason.ENDING_TOO_HARD


@pytest.mark.parametrize(
    ("similarity", "partial", "unresolved"), [(0.0, 0, 50), (0.6999, 0, 50), (0.7, 30, 70), (1.0, 30, 70)]
)
def test_a_similarity_of_0_7_is_close(similarity: float, partial: int, unresolved: int) -> None:
    for outcome, required in ((StoryOutcome.PARTIAL, partial), (StoryOutcome.UNRESOLVED, unresolved)):
        story = replace(STORY, outcome=outcome)
        confident, doubtful = replace(ANA, ratings={2: required}), replace(ANA, ratings={2: required - 1})
        assert exclusion_reason(confident, story, similarity=similarity) is None
        assert exclusion_reason(doubtful, story, similarity=similarity) == ExclusionReason.ENDING_TOO_HARD


def test_each_story_is_gated_by_its_own_similarity() -> None:
    stories = [replace(STORY, key=f"s{number}", outcome=StoryOutcome.PARTIAL) for number in range(4)]
    story_table = StoryTable.from_stories(stories)
    doubtful = replace(ANA, ratings={2: 20})

    codes = exclusion_codes(doubtful, story_table, similarity=np.array([0.69, 0.70, 0.71, 0.0]))

    assert [None if reason == ELIGIBLE else EXCLUSION_REASONS[reason] for reason in codes.tolist()] == [
        None,
        ExclusionReason.ENDING_TOO_HARD,
        ExclusionReason.ENDING_TOO_HARD,
        None,
    ]


def test_the_first_reason_is_choice_then_access_then_safety() -> None:
    viewer = replace(
        ANA,
        challenge="talk",
        hidden_tellers=frozenset({"bo"}),
        less_like=frozenset({"s1"}),
        muted_notes=frozenset({"death"}),
        seen_recently=frozenset({"s1"}),
        languages=frozenset({"fr"}),
        needs_captions=True,
        is_discouraged=True,
    )
    story = replace(
        STORY,
        has_captions=False,
        end_rung=9,
        model_kind=RoleModelKind.MASTERY,
        outcome=StoryOutcome.UNRESOLVED,
    )
    changes_by_reason = [
        (ExclusionReason.HIDDEN_TELLER, {"hidden_tellers": frozenset()}),
        (ExclusionReason.LESS_LIKE_THIS, {"less_like": frozenset()}),
        (ExclusionReason.MUTED_CONTENT, {"muted_notes": frozenset()}),
        (ExclusionReason.SEEN_RECENTLY, {"seen_recently": frozenset()}),
        (ExclusionReason.OTHER_LANGUAGE, {"languages": frozenset()}),
        (ExclusionReason.NO_CAPTIONS, {"needs_captions": False}),
        (ExclusionReason.MASTERY_WHEN_DISCOURAGED, {"is_discouraged": False}),
        (ExclusionReason.TOO_FAR_AHEAD, {"present_rung": 9, "ratings": {}}),
    ]
    assert exclusion_reason(replace(viewer, challenge="run"), story) == ExclusionReason.OTHER_CHALLENGE
    assert exclusion_reason(replace(viewer, person="bo"), story) == ExclusionReason.OWN_STORY
    for reason, change in changes_by_reason:
        assert exclusion_reason(viewer, story) == reason
        viewer = replace(viewer, **change)  # type: ignore[arg-type]  # one field each
    assert exclusion_reason(viewer, story) == ExclusionReason.ENDING_TOO_HARD


def test_a_discouraged_viewer_sees_at_most_one_rung_ahead() -> None:
    assert highest_allowed_end_rung(replace(ANA, present_rung=5, ladder_length=7, is_discouraged=True)) == 6


def test_an_unknown_similarity_counts_as_the_closest() -> None:
    story = replace(STORY, outcome=StoryOutcome.PARTIAL)
    assert exclusion_reason(replace(ANA, ratings={2: 20}), story) == ExclusionReason.ENDING_TOO_HARD


def test_an_unrated_rung_counts_as_0_confidence() -> None:
    story = replace(STORY, outcome=StoryOutcome.UNRESOLVED)
    assert exclusion_reason(replace(ANA, ratings={}), story, similarity=0) == ExclusionReason.ENDING_TOO_HARD


def test_a_teller_not_yet_on_the_ladder_is_compared_on_the_first_rung() -> None:
    story = replace(STORY, outcome=StoryOutcome.UNRESOLVED, start_rung=0)
    assert exclusion_reason(replace(ANA, ratings={1: 90}), story) is None
    assert exclusion_reason(replace(ANA, ratings={1: 40}), story) == ExclusionReason.ENDING_TOO_HARD


def test_strings_are_accepted_as_enum_values() -> None:
    story = replace(STORY, outcome="unresolved", model_kind="mastery", start_rung=3)  # type: ignore[arg-type]  # as stored
    assert exclusion_reason(ANA, story) == ExclusionReason.ENDING_TOO_HARD
